internal import SIPKit

/// The times that loggers put in front of their lines.
enum LogTime {
    /// `[2026-03-02 14:00:00.123]`, `[Mar  2 14:00:00]`, `[1772431200.5]` at the beginning of a range.
    static func bracketed(_ bytes: Span<UInt8>, _ range: ByteRange, _ context: TextContext) -> Int64? {
        guard range.count > 8, bytes[range.start] == ASCII.openBracket else { return nil }
        let inner = ByteRange(range.start + 1, range.end)
        let zone = Int64(context.zoneOffset) * 1_000_000_000
        var cursor = ByteCursor(bytes, inner)
        if let time = TextNumbers.dateAndClock(&cursor) { return time - zone }
        cursor = ByteCursor(bytes, inner)
        if let time = TextNumbers.monthAndClock(&cursor, year: context.year) { return time - zone }
        cursor = ByteCursor(bytes, inner)
        return TextNumbers.epoch(&cursor)
    }

    /// syslog's `Mar  2 14:00:00 host` or `2026-03-02T14:00:00.123+01:00 host`; moves behind time and host.
    @_lifetime(cursor: copy cursor)
    static func syslog(_ cursor: inout ByteCursor, _ context: TextContext) -> Int64? {
        let zone = Int64(context.zoneOffset) * 1_000_000_000
        let start = cursor.offset
        if let time = TextNumbers.monthAndClock(&cursor, year: context.year) { return time - zone }
        cursor.offset = start
        guard let time = TextNumbers.dateAndClock(&cursor) else {
            cursor.offset = start
            return nil
        }
        // A zone that is written counts; else the one that was asked for.
        guard let sign = cursor.peek, !ASCII.isLWS(sign) else { return time - zone }
        if sign == 0x5A {
            _ = cursor.next()
            return time
        }
        guard sign == ASCII.plus || sign == ASCII.minus else { return time - zone }
        _ = cursor.next()
        let hours = cursor.takeNumber(limit: 2400) ?? 0
        var minutes = hours < 24 ? hours * 60 : hours / 100 * 60 + hours % 100
        if cursor.skip(ASCII.colon) { minutes += cursor.takeNumber(limit: 59) ?? 0 }
        let shift = Int64(minutes) * 60_000_000_000
        return sign == ASCII.plus ? time - shift : time + shift
    }
}
