/// Where conversations are judged: here, or on another core.
enum Judging {
    case here(JudgeBox)
    case elsewhere(JudgeThread)

    /// A judge that more than one place knows.
    final class JudgeBox {
        @exclusivity(unchecked) var judge: Judge
        init(_ judge: Judge) { self.judge = judge }
    }

    init(_ judge: Judge, isParallel: Bool) {
        if isParallel, let thread = JudgeThread(judge) {
            self = .elsewhere(thread)
        } else {
            self = .here(JudgeBox(judge))
        }
    }

    func judge(_ closed: ClosedConversation) {
        switch self {
        case .here(let box): box.judge.judge(closed)
        case .elsewhere(let thread): thread.judge(closed)
        }
    }

    func finish() -> Judge {
        switch self {
        case .here(let box): box.judge
        case .elsewhere(let thread): thread.finish()
        }
    }
}
