/// One line of a server's log (Kamailio, OpenSIPS, SER, Asterisk), as far as it says something about calls.
public struct ServerLogRecord: Sendable, Equatable {
    /// How bad the line says it is; syslog's words in their order.
    public enum Level: Int, Sendable, Comparable, CaseIterable {
        case debug, info, notice, warning, error, critical
        public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    /// What the `acc` module wrote about a transaction (`ACC: transaction answered: timestamp=…;method=INVITE;…`).
    public struct Accounting: Sendable, Equatable {
        /// `transaction answered`, `call missed`, `request acknowledged` …
        public var event: String
        public var method = ""
        /// The status code; 0 where the line has none.
        public var code = 0
        public var reason = ""
        public var callID = ""
        public var fromTag = ""
        public var toTag = ""

        public init(event: String) { self.event = event }
    }

    /// Nanoseconds since 1970; `nil` for a line without time (standard error).
    public var time: Int64?
    /// `kamailio`, `opensips`, `asterisk`.
    public var program: String
    public var process: Int?
    public var level: Level
    /// The message behind the level, at most ``maxText`` bytes, printable.
    public var text: String
    public var accounting: Accounting?

    public static let maxText = 400

    public init(time: Int64?, program: String, process: Int?, level: Level, text: String) {
        self.time = time
        self.program = program
        self.process = process
        self.level = level
        self.text = text
    }
}
