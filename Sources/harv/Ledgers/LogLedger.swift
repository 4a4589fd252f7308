import SIPKit

/// A line of a server's own log: what a log reader hands on besides messages.
struct LogLine: Sendable, Equatable {
    /// Nanoseconds since 1970; `nil` where the line has no time.
    var time: Int64?
    /// `kamailio`, `rtpengine`, `asterisk`; empty when the line does not say.
    var program = ""
    var text: String
}

/// What known lines of server logs mean.
enum LogSymptom: String, Sendable, CaseIterable, Codable {
    case transactionTwice, wrongInterface, noModule, noSocket, relayGone, banned, missedCall, answeredCall

    /// Parts of a line that give it away, in lower case.
    private var marks: [String] {
        switch self {
        case .transactionTwice: ["transaction already in process"]
        case .wrongInterface: ["invalid sendtoparameters", "bound to localhost"]
        case .noModule: ["could not open module", "failed to load module", "could not find module"]
        case .noSocket: ["no corresponding listening socket", "no corresponding socket"]
        case .relayGone:
            [
                "rtpproxy does not respond", "rtp proxy does not respond", "rtpproxy disabled", "can't find rtp proxy",
                "no available proxies", "rtpengine not responding", "has been disabled", "no available rtp",
                "proxy did not respond", "proxy <",
            ]
        case .banned: ["pike blocking", "pike - blocking", "blocking ip"]
        case .missedCall: ["acc: call missed"]
        case .answeredCall: ["acc: transaction answered"]
        }
    }

    var meaning: String {
        switch self {
        case .transactionTwice: "two functions that open a transaction were called for one request"
        case .wrongInterface: "the server cannot send from the address it listens on (localhost)"
        case .noModule: "a module could not be loaded: mpath is wrong"
        case .noSocket: "no listening socket fits the target: transport or interface is missing in listen="
        case .relayGone: "the media relay does not answer, so sessions pass unchanged"
        case .banned: "an address was blocked for sending too much"
        case .missedCall: "calls were recorded as missed"
        case .answeredCall: "calls were recorded as answered"
        }
    }

    /// Records of calls are figures and no trouble.
    var isTrouble: Bool { self != .missedCall && self != .answeredCall }

    /// As the rules say that a line belongs to: R29; N13; N13 and R35; N1; S1, whose scanner was kept out.
    var severity: Diagnosis.Severity {
        switch self {
        case .transactionTwice, .wrongInterface, .noSocket, .relayGone: .error
        case .noModule: .warning
        case .banned: .notice
        case .missedCall, .answeredCall: .info
        }
    }

    static func recognise(_ text: String) -> LogSymptom? {
        let lower = text.lowercased()
        return Self.allCases.first { symptom in
            symptom.marks.contains { mark in
                guard mark == "proxy <" else { return lower.contains(mark) }
                return lower.contains(mark) && (lower.contains("disable") || lower.contains("not respond"))
            }
        }
    }
}

/// The known lines of the logs that were read, counted.
struct LogLedger: Sendable, Codable {
    struct Entry: Sendable, Equatable, Codable {
        var count = 0
        var first: Int64? = nil
        var last: Int64? = nil
        var sample = ""
    }
    private(set) var entries: [LogSymptom: Entry] = [:]
    static let maxAccounted = 200_000
    /// Call-IDs of INVITEs that the accounting has as answered, and as missed, in the order of the lines.
    private(set) var answered: [String] = []
    private(set) var missed: [String] = []
    var hasAccounting: Bool { !self.answered.isEmpty || !self.missed.isEmpty }

    mutating func note(_ line: LogLine) {
        guard let symptom = LogSymptom.recognise(line.text) else { return }
        var entry = self.entries[symptom] ?? Entry(sample: String(line.text.prefix(160)))
        entry.count += 1
        if let time = line.time {
            entry.first = min(entry.first ?? time, time)
            entry.last = max(entry.last ?? time, time)
        }
        self.entries[symptom] = entry
        if !symptom.isTrouble { self.account(line.text, symptom) }
    }

    /// A line of accounting: `method=INVITE;from_tag=…;call_id=…;code=200` and more (Kamailio, OpenSIPS), `call_id=…, from=…`
    /// (SER).
    private mutating func account(_ text: String, _ symptom: LogSymptom) {
        guard let callID = Self.field("call_id=", text), !callID.isEmpty,
            (Self.field("method=", text) ?? "INVITE") == "INVITE"
        else { return }
        switch symptom {
        case .missedCall where self.missed.count < Self.maxAccounted: self.missed.append(callID)
        case .answeredCall where self.answered.count < Self.maxAccounted:
            // Failed transactions have this line too, when a script wants them.
            guard Self.field("code=", text)?.hasPrefix("2") ?? true else { return }
            self.answered.append(callID)
        default: break
        }
    }

    /// What stands behind a name up to a semicolon, comma or blank, none of which a Call-ID can have.
    private static func field(_ name: StaticString, _ text: String) -> String? {
        let bytes = Array(text.utf8)
        guard let start = bytes.span.place(behind: name, in: ByteRange(0, bytes.count)) else { return nil }
        let value = bytes[start...].prefix { $0 != ASCII.semicolon && $0 != ASCII.comma && $0 != ASCII.space }
        return Printable.text(value)
    }
}
