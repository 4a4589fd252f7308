/// How a run ended, for scripts.
enum ExitStatus: Int32, Sendable {
    /// Something was selected.
    case selected = 0
    case nothingSelected = 1
    /// It could not be done: usage, expression, filter, file, device, output.
    case failed = 2
    /// With `--strict`: done, but the input was damaged or packets were lost.
    case damaged = 3
}

/// A reason to end with ``ExitStatus/failed``, as a sentence.
struct Failure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
