import SIPKit

/// When a new capture file is begun, and which old ones may stay.
struct Saving: Sendable, Equatable {
    var path: String
    /// Begin another file beyond so many bytes, or so many nanoseconds of the capture's time.
    var bytesPerFile: Int?
    var timePerFile: Int64?
    /// Keep at most so many files, bytes in all of them, or nanoseconds since a file was begun.
    var keepFiles: Int?
    var keepBytes: Int?
    var keepAge: Int64?

    var rotates: Bool { self.bytesPerFile != nil || self.timePerFile != nil }

    init(path: String) { self.path = path }

    /// `-Q filesize:N` (kilobytes, or with K, M, G) or `-Q duration:N` (seconds, or with s, m, h).
    mutating func readRotation(_ text: String) throws(Failure) {
        let (name, value) = try Self.pair("-Q", text, "filesize:N or duration:N")
        switch name {
        case "filesize": self.bytesPerFile = try Self.bytes("-Q", value, unit: 1024)
        case "duration": self.timePerFile = try Self.time("-Q", value)
        default: throw Failure("-Q: filesize:N or duration:N is expected, here is \"\(text)\"")
        }
    }

    /// `--keep files:N`, `bytes:N` or `age:T`; several may be given.
    mutating func readRetention(_ text: String) throws(Failure) {
        let (name, value) = try Self.pair("--keep", text, "files:N, bytes:N or age:T")
        switch name {
        case "files": self.keepFiles = try Self.bytes("--keep", value, unit: 1)
        case "bytes": self.keepBytes = try Self.bytes("--keep", value, unit: 1)
        case "age": self.keepAge = try Self.time("--keep", value)
        default: throw Failure("--keep: files:N, bytes:N or age:T is expected, here is \"\(text)\"")
        }
    }

    static func pair(_ option: String, _ text: String, _ expected: String) throws(Failure) -> (String, String) {
        let parts = text.split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else { throw Failure("\(option): \(expected) is expected, here is \"\(text)\"") }
        return (String(parts[0]), String(parts[1]))
    }

    static func bytes(_ option: String, _ text: String, unit: Int) throws(Failure) -> Int {
        try Self.scaled(option, text, ["k": 1024, "m": 1 << 20, "g": 1 << 30], plain: unit)
    }

    static func time(_ option: String, _ text: String) throws(Failure) -> Int64 {
        Int64(try Self.scaled(option, text, ["s": 1, "m": 60, "h": 3600, "d": 86_400], plain: 1)) * 1_000_000_000
    }

    private static func scaled(
        _ option: String, _ text: String, _ units: [String: Int], plain: Int
    ) throws(Failure) -> Int {
        var digits = text
        var unit = plain
        if let last = text.last, let known = units[last.lowercased()] {
            digits.removeLast()
            unit = known
        }
        let bytes = Array(digits.utf8)
        guard let number = ASCII.number(bytes.span, ByteRange(0, bytes.count), limit: 1_000_000_000), number > 0 else {
            throw Failure("\(option): a number above 0 is expected, here is \"\(text)\"")
        }
        return Int(number) * unit
    }
}
