import SIPKit

/// What is kept while a reply or failure block waits for the answer to a question.
enum WaitingBlock {
    case reply(WaitingReply)
    case failure(WaitingFailure)
}

/// An answer that waits because its reply block asks something.
struct WaitingReply {
    var block: BlockID
    var server: Place
    var branch: Place
    var status: Int
    /// What the branch's machine wants once a final answer is through; `nil` for a provisional one, where it was done.
    var wanted: TransactionActions?
}

/// A transaction whose branches have all failed, and whose failure block asks something.
struct WaitingFailure {
    var block: BlockID
    var server: Place
    /// The branch with the best answer so far.
    var branch: Place
    var status: Int
    /// That answer: the branch may be over before the block is.
    var response: Buffer
}
