/// Where conversations are judged: here, or by whichever thread has time.
enum Judging {
    case here(JudgeQueue)
    case shared(SharedWork)

    func judge(_ closed: ClosedConversation) {
        switch self {
        case .here(let queue): queue.judgeSoon(closed)
        case .shared(let work): work.judgeLater(closed)
        }
    }

    /// A conversation that was judged and is no longer needed; `nil` when there is none for now.
    func takeJudged() -> Conversation? {
        switch self {
        case .here(let queue): queue.takeJudged()
        case .shared(let work): work.takeJudged()
        }
    }

    /// What the judge keeps, once everything that was handed to it has been judged.
    var kept: Judge.Kept {
        switch self {
        case .here(let queue): queue.kept
        case .shared(let work): work.kept
        }
    }

    func finish() -> Judge {
        switch self {
        case .here(let queue): queue.finish()
        case .shared(let work): work.finish()
        }
    }
}

/// Judges on the thread at hand, some conversations at a time: the rules are more code than the innermost cache of
/// instructions holds, and would drive out what the next message needs.
final class JudgeQueue {
    @exclusivity(unchecked) private var judge: Judge
    @exclusivity(unchecked) private var waiting: [ClosedConversation] = []
    @exclusivity(unchecked) private var judged: [ClosedConversation] = []
    private static let limit = 32

    init(_ judge: Judge) { self.judge = judge }

    func judgeSoon(_ closed: ClosedConversation) {
        self.waiting.append(closed)
        if self.waiting.count >= Self.limit { self.judgeAll() }
    }

    private func judgeAll() {
        for closed in self.waiting { self.judge.judge(closed) }
        self.judged.removeAll(keepingCapacity: true)
        swap(&self.judged, &self.waiting)
    }

    func takeJudged() -> Conversation? { self.judged.popLast()?.conversation }

    var kept: Judge.Kept {
        self.judgeAll()
        return self.judge.kept
    }

    func finish() -> Judge {
        self.judgeAll()
        return self.judge
    }
}
