/// The kinds of blocks that a script has, and that a function is allowed in (LANGUAGE.md §5, §10).
enum BlockKind: UInt8, Sendable, CaseIterable {
    case request, failure, onReply, branch, onSend, error, event

    /// As a person writes it in a script.
    var keyword: String {
        switch self {
        case .request: "route"
        case .failure: "failure_route"
        case .onReply: "onreply_route"
        case .branch: "branch_route"
        case .onSend: "onsend_route"
        case .error: "error_route"
        case .event: "event_route"
        }
    }
}

/// A set of kinds of blocks.
struct BlockKinds: OptionSet, Sendable {
    let rawValue: UInt8

    static let request = BlockKinds(rawValue: 1)
    static let failure = BlockKinds(rawValue: 2)
    static let onReply = BlockKinds(rawValue: 4)
    static let branch = BlockKinds(rawValue: 8)
    static let onSend = BlockKinds(rawValue: 16)
    static let error = BlockKinds(rawValue: 32)
    static let event = BlockKinds(rawValue: 64)

    static let all = BlockKinds(rawValue: 127)
    /// What most functions about requests may use.
    static let requests: BlockKinds = [.request, .failure]
    static let messages: BlockKinds = [.request, .failure, .onReply]

    init(rawValue: UInt8) { self.rawValue = rawValue }
    init(_ kind: BlockKind) { self.rawValue = 1 << kind.rawValue }

    func contains(_ kind: BlockKind) -> Bool { self.contains(BlockKinds(kind)) }

    var members: [BlockKind] { BlockKind.allCases.filter { self.contains($0) } }
}
