internal import SIPKit

/// The log of a Kamailio, OpenSIPS or SER (syslog or standard error): complaints and accounting, no messages.
///
/// ```
/// Mar  2 14:00:00 gate /usr/sbin/kamailio[4242]: ERROR: <core> [core/udp_server.c:597]: udp_send(): failed to send
/// 2026-03-02T14:00:00.123+00:00 gate opensips[4242]: INFO:acc:acc_log_request: ACC: transaction answered: timestamp=…
///  3(4242) WARNING: tm [t_lookup.c:1557]: t_newtran(): transaction already in process
/// ```
struct ServerLogFormat: BlockFormat {
    private let context: TextContext
    private(set) var statistics = TextStatistics()

    init(_ context: TextContext) { self.context = context }

    mutating func next(_ lines: inout LineReader) -> TextBlock? {
        while let line = lines.line() {
            let record =
                Self.record(lines.bytes, line, self.context) ?? Self.asterisk(lines.bytes, line, self.context)
            lines.skip(line)
            guard let record else {
                if !line.isEmpty { self.statistics.otherLines += 1 }
                continue
            }
            var block = TextBlock()
            block.log = record
            block.origin.time = record.time ?? 0
            block.hasTime = record.time != nil
            return block
        }
        return nil
    }

    static func isLine(_ bytes: Span<UInt8>, _ line: ByteRange) -> Bool {
        let context = TextContext()
        return Self.record(bytes, line, context) != nil || Self.isAsterisk(bytes, line)
    }

    // MARK: Kamailio and its relatives

    static func record(_ bytes: Span<UInt8>, _ line: ByteRange, _ context: TextContext) -> ServerLogRecord? {
        guard line.count > 16 else { return nil }
        var cursor = ByteCursor(bytes, line)
        var time = LogTime.syslog(&cursor, context)
        var program = "kamailio"
        var process: Int? = nil
        if time != nil {
            cursor.skipLWS()
            _ = cursor.take { !ASCII.isLWS($0) }
            cursor.skipLWS()
            let path = cursor.take { $0 != ASCII.openBracket && $0 != ASCII.colon && !ASCII.isLWS($0) }
            guard let name = Self.program(bytes, path) else { return nil }
            program = name
            if cursor.skip(ASCII.openBracket) {
                process = cursor.takeNumber().map { Int($0) }
                guard cursor.skip(ASCII.closeBracket) else { return nil }
            }
            guard cursor.skip(ASCII.colon) else { return nil }
        } else {
            // Standard error: ` 3(4242) WARNING: …`.
            time = nil
            cursor.skipLWS()
            guard cursor.takeNumber(limit: 9999) != nil, cursor.skip(ASCII.openParen) else { return nil }
            process = cursor.takeNumber().map { Int($0) }
            guard process != nil, cursor.skip(ASCII.closeParen) else { return nil }
        }
        cursor.skipLWS()
        let level = Self.level(&cursor)
        guard time != nil || level != nil else { return nil }
        var record = ServerLogRecord(
            time: time, program: program, process: process, level: level ?? .info, text: Self.text(cursor))
        record.accounting = Self.accounting(bytes, ByteRange(cursor.offset, line.end))
        return record
    }

    private static func program(_ bytes: Span<UInt8>, _ path: ByteRange) -> String? {
        var start = path.end
        while start > path.start, bytes[start - 1] != ASCII.slash { start -= 1 }
        let name = ByteRange(start, path.end)
        for known: StaticString in ["kamailio", "opensips", "ser", "openser", "sip-router"]
        where bytes.equalsIgnoringCase(name, known) {
            return known.withUTF8Buffer { String(decoding: $0, as: UTF8.self) }
        }
        return nil
    }

    /// `ERROR: `, `WARNING:core:` …, `NOTICE[12]: `; moves behind it. Not moved where there is no such word.
    @_lifetime(cursor: copy cursor)
    private static func level(_ cursor: inout ByteCursor) -> ServerLogRecord.Level? {
        let start = cursor.offset
        let word = cursor.take(while: ASCII.isLetter)
        let levels: [(StaticString, ServerLogRecord.Level)] = [
            ("DEBUG", .debug), ("DBG", .debug), ("INFO", .info), ("VERBOSE", .info), ("NOTICE", .notice),
            ("WARNING", .warning), ("WARN", .warning), ("ERROR", .error), ("ERR", .error), ("BUG", .error),
            ("CRITICAL", .critical), ("CRIT", .critical), ("ALERT", .critical), ("EMERGENCY", .critical),
        ]
        for (name, level) in levels where cursor.bytes.equals(word, name) {
            if cursor.skip(ASCII.colon) { cursor.skipLWS() }
            return level
        }
        cursor.offset = start
        return nil
    }

    private static func text(_ cursor: borrowing ByteCursor) -> String {
        let end = MessageText.trimmed(cursor.bytes, from: cursor.offset, to: cursor.end)
        return Printable.text(
            cursor.copy(ByteRange(cursor.offset, min(end, cursor.offset + ServerLogRecord.maxText))))
    }

    // MARK: Accounting

    /// `ACC: transaction answered: timestamp=1772431200;method=INVITE;from_tag=a;to_tag=b;call_id=x;code=200;reason=OK`.
    private static func accounting(_ bytes: Span<UInt8>, _ range: ByteRange) -> ServerLogRecord.Accounting? {
        guard let at = Self.find("ACC: ", bytes, range) else { return nil }
        var cursor = ByteCursor(bytes, ByteRange(at + 5, range.end))
        let event = cursor.take { $0 != ASCII.colon }
        guard cursor.skip(ASCII.colon), event.count < 60 else { return nil }
        var entry = ServerLogRecord.Accounting(event: Printable.text(bytes.copy(event)))
        while !cursor.isAtEnd {
            cursor.skipLWS()
            let name = cursor.take { $0 != ASCII.equals && $0 != ASCII.semicolon }
            guard cursor.skip(ASCII.equals) else {
                _ = cursor.next()
                continue
            }
            let value = cursor.take { $0 != ASCII.semicolon }
            _ = cursor.skip(ASCII.semicolon)
            let trimmed = ByteRange(value.start, MessageText.trimmed(bytes, from: value.start, to: value.end))
            let text = Printable.text(bytes.copy(trimmed))
            if bytes.equals(name, "method") {
                entry.method = text
            } else if bytes.equals(name, "call_id") || bytes.equals(name, "callid") {
                entry.callID = text
            } else if bytes.equals(name, "from_tag") {
                entry.fromTag = text
            } else if bytes.equals(name, "to_tag") {
                entry.toTag = text
            } else if bytes.equals(name, "reason") {
                entry.reason = text
            } else if bytes.equals(name, "code") {
                entry.code = Int(ASCII.number(bytes, trimmed, limit: 999) ?? 0)
            }
        }
        return entry.method.isEmpty && entry.callID.isEmpty ? nil : entry
    }

    private static func find(_ text: StaticString, _ bytes: Span<UInt8>, _ range: ByteRange) -> Int? {
        let count = text.utf8CodeUnitCount
        var at = range.start
        while at + count <= range.end {
            if bytes.equals(ByteRange(at, at + count), text) { return at }
            at += 1
        }
        return nil
    }

    // MARK: Asterisk

    /// `[2026-03-02 14:00:00] WARNING[4242][C-0001]: chan_sip.c:4055 retrans_pkt: …`.
    static func isAsterisk(_ bytes: Span<UInt8>, _ line: ByteRange) -> Bool {
        Self.asterisk(bytes, line, TextContext()) != nil
    }

    static func asterisk(_ bytes: Span<UInt8>, _ line: ByteRange, _ context: TextContext) -> ServerLogRecord? {
        guard line.count > 20, bytes[line.start] == ASCII.openBracket,
            let time = LogTime.bracketed(bytes, line, context),
            let close = bytes.firstIndex(of: ASCII.closeBracket, in: line)
        else { return nil }
        var cursor = ByteCursor(bytes, ByteRange(close + 1, line.end))
        cursor.skipLWS()
        guard let level = Self.level(&cursor), cursor.skip(ASCII.openBracket) else { return nil }
        let process = cursor.takeNumber().map { Int($0) }
        guard cursor.skip(ASCII.closeBracket) else { return nil }
        while cursor.skip(ASCII.openBracket) {
            _ = cursor.take { $0 != ASCII.closeBracket }
            _ = cursor.skip(ASCII.closeBracket)
        }
        if cursor.skip(ASCII.colon) { cursor.skipLWS() }
        return ServerLogRecord(
            time: time, program: "asterisk", process: process, level: level, text: Self.text(cursor))
    }
}
