/// Questions that are asked every night, by one word.
enum FilterAlias: String, CaseIterable {
    case failed
    case slowSetup = "slow-setup"
    case shortCalls = "short-calls"
    case oneWay = "one-way"
    case problems

    /// What the word stands for, in the same language.
    var expression: String {
        switch self {
        // A challenge is no failure: the next request answers it.
        case .failed: "status >= 400 and not status in {401, 407, 487}"
        case .slowSetup: "setup > 5"
        case .shortCalls: "duration < 10"
        case .oneWay: "one_way"
        case .problems: "(status >= 400 and not status in {401, 407, 487}) or retransmits > 0"
        }
    }
}
