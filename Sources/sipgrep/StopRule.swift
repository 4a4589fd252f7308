import SIPKit

/// `--stop`: when enough is enough.
struct StopRule: Sendable, Equatable {
    /// Nanoseconds since the run began, or between the first message and the last one in files.
    var duration: Int64?
    /// Bytes written by -O.
    var bytes: Int?
    /// Messages shown.
    var messages: Int?
    /// Different Call-IDs shown.
    var dialogs: Int?

    /// `duration:N`, `filesize:N`, `messages:N`, `dialogs:N`.
    mutating func read(_ text: String) throws(Failure) {
        let expected = "duration:N, filesize:N, messages:N or dialogs:N"
        let (name, value) = try Saving.pair("--stop", text, expected)
        switch name {
        case "duration": self.duration = try Saving.time("--stop", value)
        case "filesize": self.bytes = try Saving.bytes("--stop", value, unit: 1024)
        case "messages": self.messages = try Saving.bytes("--stop", value, unit: 1)
        case "dialogs": self.dialogs = try Saving.bytes("--stop", value, unit: 1)
        default: throw Failure("--stop: \(expected) is expected, here is \"\(text)\"")
        }
    }
}
