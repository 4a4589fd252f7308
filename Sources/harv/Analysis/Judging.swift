/// Where conversations are judged: here and now, or by whichever thread has time.
enum Judging {
    case here(JudgeBox)
    case shared(SharedWork)

    /// A judge that more than one place knows.
    final class JudgeBox {
        @exclusivity(unchecked) var judge: Judge
        init(_ judge: Judge) { self.judge = judge }
    }

    func judge(_ closed: ClosedConversation) {
        switch self {
        case .here(let box): box.judge.judge(closed)
        case .shared(let work): work.judgeLater(closed)
        }
    }

    /// A conversation that was judged elsewhere and is no longer needed; `nil` when there is none for now.
    func takeJudged() -> Conversation? {
        switch self {
        case .here: nil
        case .shared(let work): work.takeJudged()
        }
    }

    func finish() -> Judge {
        switch self {
        case .here(let box): box.judge
        case .shared(let work): work.finish()
        }
    }
}
