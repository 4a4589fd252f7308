internal import SIPKit

/// The kinds of text that harv reads messages from.
public enum TextFormat: String, Sendable, CaseIterable, Codable {
    case ngrep, sngrep, sipdump, asterisk, freeswitch, sippMessages, sippShort, json, serverLog

    /// What the report calls it.
    public var title: String {
        switch self {
        case .ngrep: "ngrep text"
        case .sngrep: "sngrep text"
        case .sipdump: "Kamailio sipdump"
        case .asterisk: "Asterisk log"
        case .freeswitch: "FreeSWITCH log"
        case .sippMessages: "sipp messages"
        case .sippShort: "sipp short messages"
        case .json: "NDJSON"
        case .serverLog: "server log"
        }
    }

    /// Which kind a text is, by its first bytes: the one whose sign comes first. A sign is a line in its whole shape, so
    /// what a body or a mail holds does not decide.
    ///
    /// - Parameter head: the first 64 KB.
    public static func recognise(_ head: [UInt8]) -> TextFormat? {
        let bytes = head.span
        var at = 0
        var log: TextFormat? = nil
        while at < bytes.count {
            let end = bytes.firstIndex(of: ASCII.lf, in: ByteRange(at, bytes.count)) ?? bytes.count
            let line = ByteRange(at, end)
            if let format = Self.format(of: bytes, line) {
                // Complaints may stand in front of the messages in the same file.
                if format != .serverLog { return format }
                log = format
            }
            at = end + 1
        }
        return log
    }

    private static func format(of bytes: Span<UInt8>, _ line: ByteRange) -> TextFormat? {
        guard line.count >= 8 else { return nil }
        var clock = TextTime()
        if BlockHeader.mayBegin(bytes, line.start), BlockHeader(bytes, line, time: &clock) != nil { return .ngrep }
        if BlockHeader.mayBegin(bytes, line.start), Self.isWrappedHeader(bytes, line) { return .ngrep }
        if SngrepHeader(bytes, line, zoneOffset: 0) != nil { return .sngrep }
        if SipdumpFormat.isMark(bytes, line) { return .sipdump }
        if AsteriskFormat.mark(bytes, line) != nil { return .asterisk }
        if FreeSWITCHFormat.mark(bytes, line) != nil { return .freeswitch }
        if SippMessageFormat.isMark(bytes, line) { return .sippMessages }
        if SippShortFormat.isLine(bytes, line) { return .sippShort }
        if JSONFormat.isLine(bytes, line) { return .json }
        if ServerLogFormat.isLine(bytes, line) { return .serverLog }
        return nil
    }

    /// Where the last block begins in a text that is still written: what stands before that is whole.
    ///
    /// - Parameter tail: the end of the text, from the beginning of a line on.
    /// - Returns: `nil` where none begins.
    public func lastBlock(in tail: [UInt8]) -> Int? {
        let bytes = tail.span
        guard var end = tail.lastIndex(of: ASCII.lf) else { return nil }
        // Each line is a block.
        if self == .json || self == .sippShort || self == .serverLog { return end + 1 }
        while true {
            let start = tail[..<end].lastIndex(of: ASCII.lf).map { $0 + 1 } ?? 0
            if Self.format(of: bytes, ByteRange(start, end)) == self { return start }
            guard start > 0 else { return nil }
            end = start - 1
        }
    }

    /// A header that a mail program broke behind its arrow.
    private static func isWrappedHeader(_ bytes: Span<UInt8>, _ line: ByteRange) -> Bool {
        let end = MessageText.trimmed(bytes, from: line.start, to: line.end)
        return end - line.start > 4 && bytes[end - 1] == ASCII.greater && bytes[end - 2] == ASCII.minus
    }
}

/// What a reader of text cannot know from the text.
public struct TextContext: Sendable, Codable {
    /// The number that origins carry.
    public var input: Int
    /// Seconds east of UTC of the printed times.
    public var zoneOffset: Int
    /// The year of dates that have none (syslog, Asterisk).
    public var year: Int
    /// The first bytes of the input, for those who have to look ahead.
    public var head: [UInt8] = []

    /// The head is looked at when reading begins, and never again.
    private enum CodingKeys: CodingKey { case input, zoneOffset, year }

    public init(input: Int = 0, zoneOffset: Int = 0, year: Int = 1970, head: [UInt8] = []) {
        self.input = input
        self.zoneOffset = zoneOffset
        self.year = year
        self.head = head
    }
}
