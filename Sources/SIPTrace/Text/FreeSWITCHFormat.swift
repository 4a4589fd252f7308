internal import SIPKit

/// What sofia writes when its trace is on in FreeSWITCH: `recv 477 bytes from udp/[203.0.113.5]:5060 at 14:00:00.123456:`,
/// a rule, the message indented by three blanks, a rule. There are no dates, and FreeSWITCH's own address is not named.
struct FreeSWITCHFormat: BlockFormat {
    struct Mark {
        var isReceived: Bool
        var peer: SocketAddress
        var transport: TransportProtocol
        /// Nanoseconds since midnight.
        var clock: Int64
    }

    private let context: TextContext
    private var own: OwnAddress
    private(set) var statistics = TextStatistics()
    private var days: Int64 = 0
    private var last: Int64 = 0

    init(_ context: TextContext) {
        self.context = context
        self.own = OwnAddress()
        guard !context.head.isEmpty else { return }
        var ahead = context
        ahead.head = []
        var probe = Self(ahead)
        var lines = LineReader(TextSource(bytes: context.head))
        while probe.own.address == nil, probe.next(&lines) != nil {}
        self.own = probe.own
    }

    static func mark(_ bytes: Span<UInt8>, _ line: ByteRange) -> Mark? {
        guard line.count > 40, let start = Self.word(bytes, line) else { return nil }
        var cursor = ByteCursor(bytes, ByteRange(start, line.end))
        let verb = cursor.takeToken()
        let isReceived = bytes.equals(verb, "recv")
        guard isReceived || bytes.equals(verb, "send") else { return nil }
        cursor.skipLWS()
        guard cursor.takeNumber() != nil else { return nil }
        cursor.skipLWS()
        guard bytes.equals(cursor.takeToken(), "bytes") else { return nil }
        cursor.skipLWS()
        guard bytes.equals(cursor.takeToken(), isReceived ? "from" : "to") else { return nil }
        cursor.skipLWS()
        let word = cursor.take { $0 != ASCII.slash && !ASCII.isLWS($0) }
        guard let transport = TextNumbers.transport(bytes, word), cursor.skip(ASCII.slash),
            let peer = Self.peer(&cursor)
        else { return nil }
        cursor.skipLWS()
        guard bytes.equals(cursor.takeToken(), "at") else { return nil }
        cursor.skipLWS()
        var probe = ByteCursor(bytes, ByteRange(cursor.offset, line.end))
        let clock = TextNumbers.dateAndClock(&probe) ?? TextNumbers.clock(&cursor)
        guard let clock else { return nil }
        return Mark(isReceived: isReceived, peer: peer, transport: transport, clock: clock)
    }

    /// Where `recv` or `send` stands: at the beginning, or behind what the logger puts in front.
    private static func word(_ bytes: Span<UInt8>, _ line: ByteRange) -> Int? {
        var at = line.start
        while at + 5 < min(line.end, line.start + 80) {
            if at == line.start || ASCII.isLWS(bytes[at - 1]) {
                let word = ByteRange(at, at + 5)
                if bytes.equals(word, "recv ") || bytes.equals(word, "send ") { return at }
            }
            at += 1
        }
        return nil
    }

    /// `[203.0.113.5]:5060`, IPv6 in brackets as well.
    @_lifetime(cursor: copy cursor)
    private static func peer(_ cursor: inout ByteCursor) -> SocketAddress? {
        let bytes = cursor.bytes
        if cursor.skip(ASCII.openBracket) {
            let host = cursor.take { $0 != ASCII.closeBracket }
            guard cursor.skip(ASCII.closeBracket), cursor.skip(ASCII.colon),
                let port = cursor.takeNumber(limit: 65_535), let ip = IPAddress(parsing: bytes, host)
            else { return nil }
            return SocketAddress(ip, UInt16(port))
        }
        return TextNumbers.address(bytes, cursor.take { !ASCII.isLWS($0) })
    }

    mutating func next(_ lines: inout LineReader) -> TextBlock? {
        while let line = lines.line() {
            let mark = Self.mark(lines.bytes, line)
            lines.skip(line)
            guard let mark else {
                if !line.isEmpty { self.statistics.otherLines += 1 }
                continue
            }
            if let rule = lines.line(), Self.isRule(lines.bytes, rule) { lines.skip(rule) }
            var block = TextBlock()
            block.bytes = lines.message(
                .init(
                    textStart: { bytes, line in Self.unindented(bytes, line) },
                    isEnd: { bytes, line in Self.isRule(bytes, line) || Self.mark(bytes, line) != nil }))
            self.statistics.blocks += 1
            block.hasDate = mark.clock >= 86_400_000_000_000
            if mark.clock < self.last - 43_200_000_000_000, !block.hasDate { self.days += 86_400_000_000_000 }
            self.last = mark.clock
            block.origin = self.own.origin(
                mark.peer, isReceived: mark.isReceived, mark.transport, block.bytes,
                time: mark.clock + self.days - Int64(self.context.zoneOffset) * 1_000_000_000)
            block.origin.frame = self.statistics.blocks
            block.origin.input = self.context.input
            return block
        }
        return nil
    }

    private static func unindented(_ bytes: Span<UInt8>, _ line: ByteRange) -> Int {
        var at = line.start
        while at < line.end, at < line.start + 3, bytes[at] == ASCII.space { at += 1 }
        return at
    }

    private static func isRule(_ bytes: Span<UInt8>, _ line: ByteRange) -> Bool {
        let start = Self.unindented(bytes, line)
        let end = MessageText.trimmed(bytes, from: start, to: line.end)
        guard end - start >= 40 else { return false }
        for place in start..<end where bytes[place] != ASCII.minus { return false }
        return true
    }
}
