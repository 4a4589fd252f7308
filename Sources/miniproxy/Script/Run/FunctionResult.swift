import SIPKit

/// What a function answers (LANGUAGE.md §8).
enum FunctionResult: Sendable, Equatable {
    /// Positive: true as a condition, go on as a statement.
    case yes
    /// Negative: false as a condition, go on as a statement.
    case no
    /// 0: the block ends at once (SER), the script ends (modern); neither branch of an `if` runs.
    case stop
    /// A number of its own, for scripts that look at `$rc`. 0 is `stop`.
    case value(Int32)
    /// The function has left a `Question` with its host and cannot go on before the answer. The run is parked.
    ///
    /// The question is with the host and not in here so that a result stays two words without a reference.
    case ask

    var number: Int32 {
        switch self {
        case .yes: 1
        case .no: -1
        case .stop, .ask: 0
        case .value(let number): number
        }
    }
}

/// What a function does when a script calls it.
///
/// Neither part captures anything: they are entries of a table. An error thrown counts as −1 and is logged, so a body
/// reads the message with `try` and leaves a broken header to the rule of LANGUAGE.md §11.14.
struct FunctionBody<Host>: Sendable {
    typealias Call = @Sendable (borrowing PreparedArguments, inout Host) throws(ParseError) -> FunctionResult
    typealias Resume = @Sendable (borrowing PreparedArguments, Answer, inout Host) throws(ParseError) -> FunctionResult

    let call: Call
    /// Goes on after `.ask`; `nil` where the function never asks. It may ask again.
    let resume: Resume?

    init(_ call: @escaping Call, resume: Resume? = nil) {
        self.call = call
        self.resume = resume
    }
}
