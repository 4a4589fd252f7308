internal import SIPKit

/// Times, addresses and transports as logs write them.
enum TextNumbers {
    /// `1772431200.123456` at the cursor: nanoseconds since 1970.
    @_lifetime(cursor: copy cursor)
    static func epoch(_ cursor: inout ByteCursor) -> Int64? {
        guard let seconds = cursor.takeNumber(limit: 9_000_000_000) else { return nil }
        return Int64(seconds) * 1_000_000_000 + Self.fraction(&cursor)
    }

    /// `.123456` at the cursor, in nanoseconds; 0 where there is none.
    @_lifetime(cursor: copy cursor)
    static func fraction(_ cursor: inout ByteCursor) -> Int64 {
        guard cursor.peek == ASCII.dot || cursor.peek == ASCII.comma else { return 0 }
        _ = cursor.next()
        var value: Int64 = 0
        var scale: Int64 = 100_000_000
        while let byte = cursor.peek, ASCII.isDigit(byte) {
            value += Int64(byte - ASCII.zero) * scale
            scale /= 10
            _ = cursor.next()
        }
        return value
    }

    /// `14:00:00.123456` at the cursor: nanoseconds since midnight.
    @_lifetime(cursor: copy cursor)
    static func clock(_ cursor: inout ByteCursor) -> Int64? {
        guard let hour = cursor.takeNumber(limit: 23), cursor.skip(ASCII.colon),
            let minute = cursor.takeNumber(limit: 59), cursor.skip(ASCII.colon),
            let second = cursor.takeNumber(limit: 60)
        else { return nil }
        // sipp separates milliseconds by a colon in some versions.
        if cursor.peek == ASCII.colon, cursor.remaining > 1, ASCII.isDigit(cursor.bytes[cursor.offset + 1]) {
            _ = cursor.next()
            let millis = cursor.takeNumber(limit: 999) ?? 0
            return Int64(hour * 3600 + minute * 60 + second) * 1_000_000_000 + Int64(millis) * 1_000_000
        }
        return Int64(hour * 3600 + minute * 60 + second) * 1_000_000_000 + Self.fraction(&cursor)
    }

    /// `2026-03-02 14:00:00.123` or `2026/03/02 …`, or with `T` between: nanoseconds since 1970, without zone.
    @_lifetime(cursor: copy cursor)
    static func dateAndClock(_ cursor: inout ByteCursor) -> Int64? {
        guard cursor.remaining >= 19, let year = cursor.takeNumber(limit: UInt64(TextTime.years.upperBound)),
            year >= 1970,
            let separator = cursor.next(), separator == ASCII.minus || separator == ASCII.slash,
            let month = cursor.takeNumber(limit: 12), month > 0, cursor.skip(separator),
            let day = cursor.takeNumber(limit: 31), day > 0, let between = cursor.next(),
            between == ASCII.space || between == ASCII.tab || between == 0x54
        else { return nil }
        cursor.skipLWS()
        guard let clock = Self.clock(&cursor) else { return nil }
        return TextTime.daysSince1970(Int(year), Int(month), Int(day)) * 86_400_000_000_000 + clock
    }

    /// `Mar  2 14:00:00` at the cursor, of a given year.
    @_lifetime(cursor: copy cursor)
    static func monthAndClock(_ cursor: inout ByteCursor, year: Int) -> Int64? {
        let name = cursor.take(while: ASCII.isLetter)
        guard name.count == 3, let month = Self.month(cursor.bytes, name) else { return nil }
        cursor.skipLWS()
        guard let day = cursor.takeNumber(limit: 31), day > 0 else { return nil }
        cursor.skipLWS()
        guard let clock = Self.clock(&cursor) else { return nil }
        // The year is that of a file, which may claim any.
        let bounded = min(max(year, TextTime.years.lowerBound), TextTime.years.upperBound)
        return TextTime.daysSince1970(bounded, month, Int(day)) * 86_400_000_000_000 + clock
    }

    private static func month(_ bytes: Span<UInt8>, _ name: ByteRange) -> Int? {
        let months: [StaticString] = [
            "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
        ]
        return months.firstIndex { bytes.equalsIgnoringCase(name, $0) }.map { $0 + 1 }
    }

    /// `udp`, `TCP`, `tls`, `ws`, `wss`, `sctp`.
    static func transport(_ bytes: Span<UInt8>, _ word: ByteRange) -> TransportProtocol? {
        if bytes.equalsIgnoringCase(word, "udp") { return .udp }
        if bytes.equalsIgnoringCase(word, "tcp") { return .tcp }
        if bytes.equalsIgnoringCase(word, "tls") { return .tls }
        if bytes.equalsIgnoringCase(word, "ws") { return .ws }
        if bytes.equalsIgnoringCase(word, "wss") { return .wss }
        if bytes.equalsIgnoringCase(word, "sctp") { return .sctp }
        return nil
    }

    /// `192.0.2.1:5060`, `[2001:db8::1]:5060`, also without port.
    static func address(_ bytes: Span<UInt8>, _ range: ByteRange) -> SocketAddress? {
        guard range.count >= 3, range.count <= 64 else { return nil }
        return SocketAddress(bytes.string(range), defaultPort: 5060)
    }
}
