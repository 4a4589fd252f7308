/// A command line that cannot be done: one line of cause, exit code 2.
struct UsageError: Error, Equatable, Sendable {
    let message: String

    init(_ message: String) { self.message = message }
}
