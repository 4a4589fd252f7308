import SIPKit
import SIPTrace

/// What the log files of servers said, counted: complaints by their text without numbers, accounting by its result.
struct ServerLogFigures: Sendable {
    /// One complaint, however often and with whatever numbers in it.
    struct Complaint: Sendable {
        var program: String
        var level: ServerLogRecord.Level
        /// The first one, as it was written.
        var text: String
        var count = 0
        var firstTime: Int64
        var lastTime: Int64
    }

    private(set) var lines = 0
    /// The complaints by ``key(_:)``; at most ``maxComplaints``.
    private(set) var complaints: [String: Complaint] = [:]
    /// Complaints beyond those that are kept apart.
    private(set) var otherComplaints = 0
    /// Accounting lines by method and status: `INVITE 200`.
    private(set) var accounting: [String: Int] = [:]
    /// The first accounting records, for comparing them with the trace's calls.
    private(set) var accounted: [ServerLogRecord.Accounting] = []

    static let maxComplaints = 2_000
    static let maxAccounted = 20_000

    mutating func add(_ record: ServerLogRecord) {
        self.lines += 1
        if let entry = record.accounting {
            let key = "\(entry.method) \(entry.code)"
            if self.accounting[key] != nil || self.accounting.count < 500 { self.accounting[key, default: 0] += 1 }
            if self.accounted.count < Self.maxAccounted { self.accounted.append(entry) }
            return
        }
        guard record.level >= .warning else { return }
        let key = Self.key(record.text)
        guard self.complaints[key] != nil || self.complaints.count < Self.maxComplaints else {
            self.otherComplaints += 1
            return
        }
        var complaint =
            self.complaints[key]
            ?? Complaint(
                program: record.program, level: record.level, text: record.text, firstTime: record.time ?? 0,
                lastTime: record.time ?? 0)
        complaint.count += 1
        complaint.lastTime = max(complaint.lastTime, record.time ?? 0)
        self.complaints[key] = complaint
    }

    /// The complaints, the most frequent first.
    var sorted: [Complaint] {
        self.complaints.values.sorted { ($1.count, $0.text) < ($0.count, $1.text) }
    }

    /// The text without what differs from line to line: digits.
    static func key(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8.prefix(160) {
            if !ASCII.isDigit(byte) {
                bytes.append(byte)
            } else if bytes.last != 0x23 {
                bytes.append(0x23)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
