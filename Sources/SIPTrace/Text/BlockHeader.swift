internal import SIPKit

/// The header line that ngrep prints above each packet:
/// `U 2026/03/02 06:00:00.099999 203.0.113.5:27248 -> 192.0.2.10:5060 #12`.
///
/// The whole shape is asked for, since `To: <…` begins with a letter of a protocol as well.
struct BlockHeader {
    /// `T`, `U`, `I`, `G` or `?`.
    var letter: UInt8
    var time: Int64?
    var source: SocketAddress
    var destination: SocketAddress
    /// ICMP and later fragments have no ports.
    var hasPorts: Bool
    /// ngrep's own number of the packet, where it prints one (1.47 and later).
    var number: Int?
    /// Type and code behind an ICMP header.
    var icmp: (type: UInt8, code: UInt8)?
    /// A later fragment: the beginning of the message is in another block.
    var isFragment = false
    /// Where text follows the header in the same line (`-W single`, or lines joined by a mail program).
    var text: Int?
    /// The same with all blanks but the one that ngrep puts in front of it.
    var textStart: Int?

    /// Whether a line can be a header by its first bytes: the cheap question before the whole one.
    @inline(__always)
    static func mayBegin(_ bytes: Span<UInt8>, _ at: Int) -> Bool {
        guard at &+ 2 < bytes.count else { return false }
        switch bytes[unchecked: at] {
        case 0x54, 0x55, 0x49, 0x47, ASCII.question:
            return bytes[unchecked: at &+ 1] == ASCII.space || bytes[unchecked: at &+ 1] == ASCII.openParen
        default: return false
        }
    }

    /// Reads a line; `nil` when it is no header. A line that ends behind `->` is given back by ``endsInArrow``.
    init?(_ bytes: Span<UInt8>, _ line: ByteRange, time clock: inout TextTime) {
        guard Self.mayBegin(bytes, line.start) else { return nil }
        if let usual = Self.usual(bytes, line, clock) {
            self.letter = bytes[line.start]
            self.time = usual.time
            self.source = usual.source
            self.destination = usual.destination
            self.hasPorts = true
            clock.take(usual.time)
            guard usual.end < line.end else { return }
            var cursor = ByteCursor(bytes, ByteRange(usual.end, line.end))
            self.readRest(&cursor)
            return
        }
        var cursor = ByteCursor(bytes, line)
        self.letter = cursor.next() ?? 0
        if cursor.skip(ASCII.openParen) {
            guard cursor.takeNumber(limit: 255) != nil, cursor.skip(ASCII.closeParen) else { return nil }
        }
        guard cursor.skip(ASCII.space) else { return nil }
        Self.skipBlanks(&cursor)
        var clockAfter = clock
        if cursor.peek == ASCII.plus {
            guard let time = clockAfter.relative(&cursor) else { return nil }
            self.time = time
            Self.skipBlanks(&cursor)
        } else if cursor.remaining > 19,
            bytes[cursor.offset &+ 4] == ASCII.slash || bytes[cursor.offset &+ 4] == ASCII.minus,
            let time = clockAfter.absolute(&cursor)
        {
            self.time = time
            Self.skipBlanks(&cursor)
        }
        guard let source = Self.endpoint(&cursor) else { return nil }
        Self.skipBlanks(&cursor)
        guard cursor.skip(ASCII.minus), cursor.skip(ASCII.greater) else { return nil }
        Self.skipBlanks(&cursor)
        guard let destination = Self.endpoint(&cursor) else { return nil }
        self.source = source.address
        self.destination = destination.address
        self.hasPorts = source.hasPort && destination.hasPort
        clock = clockAfter
        self.readRest(&cursor)
    }

    /// `U 2026/03/02 06:00:00.099999 192.0.2.1:5060 -> 192.0.2.2:5060` up to the second port, read in one walk; `nil` for
    /// every line that is written in another way.
    @inline(__always)
    private static func usual(_ bytes: Span<UInt8>, _ line: ByteRange, _ clock: TextTime) -> (
        time: Int64, source: SocketAddress, destination: SocketAddress, end: Int
    )? {
        let start = line.start
        let end = Swift.min(line.end, bytes.count)
        guard end &- start > 50, bytes[unchecked: start &+ 1] == ASCII.space,
            bytes[unchecked: start &+ 28] == ASCII.space, let time = clock.usual(bytes, start &+ 2)
        else { return nil }
        var at = start &+ 29
        guard let source = Self.usualEndpoint(bytes, &at, end), at &+ 4 < end,
            bytes.equals(ByteRange(at, at &+ 4), " -> ")
        else { return nil }
        at &+= 4
        guard let destination = Self.usualEndpoint(bytes, &at, end) else { return nil }
        return (time, source, destination, at)
    }

    /// Four numbers and a port, and then a blank or the end.
    @inline(__always)
    private static func usualEndpoint(_ bytes: Span<UInt8>, _ at: inout Int, _ end: Int) -> SocketAddress? {
        // The shortest is `1.1.1.1:5`; the longest is looked at only as far as there is something.
        var bits: UInt32 = 0
        for mark in 0..<4 {
            var part: UInt32 = 0
            let first = at
            while at < end, at &- first < 3 {
                let digit = UInt32(bytes[unchecked: at] &- ASCII.zero)
                guard digit < 10 else { break }
                part = part &* 10 &+ digit
                at &+= 1
            }
            guard at > first, at < end, part <= 255, bytes[unchecked: at] == (mark < 3 ? ASCII.dot : ASCII.colon) else {
                return nil
            }
            bits = bits &<< 8 | part
            at &+= 1
        }
        let first = at
        var port: UInt32 = 0
        while at < end, at &- first < 6 {
            let digit = UInt32(bytes[unchecked: at] &- ASCII.zero)
            guard digit < 10 else { break }
            port = port &* 10 &+ digit
            at &+= 1
        }
        guard at > first, port <= 65_535, at == end || ASCII.isLWS(bytes[unchecked: at]) else { return nil }
        return SocketAddress(IPAddress(v4: bits), UInt16(truncatingIfNeeded: port))
    }

    /// What may follow the addresses: TCP flags, ICMP type and code, fragment marks, ngrep's number, or text.
    @_lifetime(cursor: copy cursor)
    private mutating func readRest(_ cursor: inout ByteCursor) {
        while true {
            let afterToken = cursor.offset
            Self.skipBlanks(&cursor)
            guard let byte = cursor.peek, byte != ASCII.cr else { return }
            let before = cursor.offset
            switch byte {
            case ASCII.openBracket:
                _ = cursor.take { $0 != ASCII.closeBracket }
                guard cursor.skip(ASCII.closeBracket) else { break }
                continue
            case 0x23:
                _ = cursor.next()
                if let number = cursor.takeNumber(),
                    cursor.isAtEnd || cursor.peek == ASCII.cr || cursor.peek == ASCII.space
                {
                    self.number = Int(number)
                    continue
                }
            case ASCII.plus where !self.hasPorts:
                self.isFragment = true
                _ = cursor.take { !ASCII.isLWS($0) }
                continue
            case _ where ASCII.isDigit(byte) && self.letter == 0x49:
                if let type = cursor.takeNumber(limit: 255), cursor.skip(ASCII.colon),
                    let code = cursor.takeNumber(limit: 255)
                {
                    self.icmp = (UInt8(type), UInt8(code))
                    continue
                }
            case _ where ASCII.isDigit(byte):
                // A first fragment: `id@0:len`.
                let token = cursor.take { ASCII.isDigit($0) || $0 == ASCII.at || $0 == ASCII.colon }
                if cursor.bytes.firstIndex(of: ASCII.at, in: token) != nil,
                    cursor.bytes.firstIndex(of: ASCII.colon, in: token) != nil,
                    cursor.isAtEnd || ASCII.isLWS(cursor.peek ?? 0)
                {
                    continue
                }
            default: break
            }
            self.text = before
            self.textStart = min(before, afterToken + 1)
            return
        }
    }

    @inline(__always)
    @_lifetime(cursor: copy cursor)
    private static func skipBlanks(_ cursor: inout ByteCursor) {
        while let byte = cursor.peek, ASCII.isBlank(byte) { _ = cursor.next() }
    }

    /// `192.0.2.1:5060`, `2001:db8::1:5060` (the port behind the last colon), `name(192.0.2.1):5060`, or without port.
    @_lifetime(cursor: copy cursor)
    private static func endpoint(_ cursor: inout ByteCursor) -> (address: SocketAddress, hasPort: Bool)? {
        let bytes = cursor.bytes
        let start = cursor.offset
        // The usual case in one pass: four numbers and a port.
        var bits: UInt32 = 0
        var part: UInt32 = 0
        var dots = 0
        var at = start
        while at < cursor.end {
            let byte = bytes[unchecked: at]
            if ASCII.isDigit(byte) {
                part = part &* 10 &+ UInt32(byte &- ASCII.zero)
                guard part <= 255 else { break }
            } else if byte == ASCII.dot, dots < 3 {
                bits = bits << 8 | part
                part = 0
                dots += 1
            } else {
                break
            }
            at &+= 1
        }
        if dots == 3, at < cursor.end, bytes[unchecked: at] == ASCII.colon {
            cursor.offset = at &+ 1
            if let port = cursor.takeNumber(limit: 65_535), cursor.isAtEnd || ASCII.isLWS(cursor.peek ?? 0) {
                return (SocketAddress(IPAddress(v4: bits << 8 | part), UInt16(port)), true)
            }
            cursor.offset = start
        }
        let token = cursor.take { !ASCII.isLWS($0) }
        return Self.rareEndpoint(bytes, token)
    }

    private static func rareEndpoint(_ bytes: Span<UInt8>, _ token: ByteRange) -> (
        address: SocketAddress, hasPort: Bool
    )? {
        var token = token
        var port: UInt16? = nil
        if let open = bytes.firstIndex(of: ASCII.openParen, in: token),
            let close = bytes.firstIndex(of: ASCII.closeParen, in: token), close > open
        {
            if close + 1 < token.end {
                guard bytes[close + 1] == ASCII.colon,
                    let number = ASCII.number(bytes, ByteRange(close + 2, token.end), limit: 65_535)
                else { return nil }
                port = UInt16(number)
            }
            token = ByteRange(open + 1, close)
            return IPAddress(parsing: bytes, token).map { (SocketAddress($0, port ?? 0), port != nil) }
        }
        var colon = token.end - 1
        while colon > token.start, bytes[colon] != ASCII.colon { colon -= 1 }
        if colon > token.start, let number = ASCII.number(bytes, ByteRange(colon + 1, token.end), limit: 65_535),
            let address = IPAddress(parsing: bytes, ByteRange(token.start, colon))
        {
            return (SocketAddress(address, UInt16(number)), true)
        }
        return IPAddress(parsing: bytes, token).map { (SocketAddress($0, 0), false) }
    }
}
