internal import SIPKit

/// Asterisk's SIP traces: `chan_sip` (`<--- SIP read from UDP:203.0.113.5:5060 --->`, `Reliably Transmitting (NAT) to …`)
/// and PJSIP (`<--- Received SIP request (477 bytes) from UDP:… --->`), with the logger's date in front or without.
///
/// Asterisk's own address is not written; it is learned from what it sends. Lines between the messages that complain
/// are handed on as records of the log.
struct AsteriskFormat: BlockFormat {
    struct Mark {
        var isReceived: Bool
        var peer: SocketAddress
        var transport: TransportProtocol
        /// What stands in front of the mark: a date, or nothing.
        var prefix: ByteRange
    }

    private let context: TextContext
    private var own = OwnAddress()
    private(set) var statistics = TextStatistics()
    private var last: Int64? = nil

    init(_ context: TextContext) {
        self.context = context
        guard !context.head.isEmpty else { return }
        var ahead = context
        ahead.head = []
        var probe = Self(ahead)
        var lines = LineReader(TextSource(bytes: context.head))
        while probe.own.address == nil, probe.next(&lines) != nil {}
        self.own = probe.own
    }

    // MARK: Marks

    static func mark(_ bytes: Span<UInt8>, _ line: ByteRange) -> Mark? {
        let end = MessageText.trimmed(bytes, from: line.start, to: line.end)
        guard end - line.start > 20 else { return nil }
        // The cheap question first: every mark ends in `--->` or, without an arrow, in a colon.
        let endsInArrow = bytes.equals(ByteRange(end - 4, end), "--->")
        guard endsInArrow || bytes[end - 1] == ASCII.colon else { return nil }
        var at = line.start
        let limit = min(end, line.start + 160)
        while at < limit {
            let start = at == line.start || ASCII.isLWS(bytes[at - 1])
            if start, endsInArrow, bytes[at] == ASCII.less, at + 5 < end,
                bytes.equals(ByteRange(at, at + 5), "<--- ")
            {
                return Self.sentence(bytes, ByteRange(at + 5, end - 4), prefix: ByteRange(line.start, at))
            }
            if start, !endsInArrow, bytes[at] == 0x52 || bytes[at] == 0x54 {
                let found = Self.sentence(bytes, ByteRange(at, end - 1), prefix: ByteRange(line.start, at))
                if let found, !found.isReceived { return found }
            }
            at += 1
        }
        return nil
    }

    /// `SIP read from UDP:1.2.3.4:5060`, `Received SIP request (477 bytes) from UDP:1.2.3.4:5060`,
    /// `Transmitting SIP response (520 bytes) to UDP:…`, `Reliably Transmitting (NAT) to …`, `Retransmitting #1 (NAT) to …`.
    private static func sentence(_ bytes: Span<UInt8>, _ range: ByteRange, prefix: ByteRange) -> Mark? {
        var words: [ByteRange] = []
        var cursor = ByteCursor(bytes, range)
        while words.count < 10 {
            cursor.skipLWS()
            let word = cursor.take { !ASCII.isLWS($0) }
            if word.isEmpty { break }
            words.append(word)
        }
        guard words.count >= 3, let last = words.last else { return nil }
        let before = words[words.count - 2]
        let isReceived = bytes.equals(before, "from")
        guard isReceived || bytes.equals(before, "to") else { return nil }
        let first = words[0]
        let verb = bytes.equals(first, "Reliably") ? words[1] : first
        let fits =
            isReceived
            ? bytes.equals(first, "SIP") && bytes.equals(words[1], "read") || bytes.equals(first, "Received")
            : bytes.equals(verb, "Transmitting") || bytes.equals(verb, "Retransmitting")
        guard fits, let (peer, transport) = Self.peer(bytes, last) else { return nil }
        return Mark(isReceived: isReceived, peer: peer, transport: transport, prefix: prefix)
    }

    /// `UDP:1.2.3.4:5060`, `TLS://1.2.3.4:5061`, or the address alone.
    private static func peer(_ bytes: Span<UInt8>, _ word: ByteRange) -> (SocketAddress, TransportProtocol)? {
        var start = word.start
        var transport = TransportProtocol.udp
        if let colon = bytes.firstIndex(of: ASCII.colon, in: word),
            let named = TextNumbers.transport(bytes, ByteRange(word.start, colon))
        {
            transport = named
            start = colon + 1
            while start < word.end, bytes[start] == ASCII.slash { start += 1 }
        }
        return TextNumbers.address(bytes, ByteRange(start, word.end)).map { ($0, transport) }
    }

    /// `<------------->` and `---`, behind the logger's date or not.
    private static func isEnd(_ bytes: Span<UInt8>, _ line: ByteRange, _ prefix: Int) -> Bool {
        for start in Set([line.start, min(line.start + prefix, line.end)]) {
            let end = MessageText.trimmed(bytes, from: start, to: line.end)
            if bytes.equals(ByteRange(start, end), "---") || Self.isRule(bytes, start, end) {
                return true
            }
        }
        return Self.mark(bytes, line) != nil || ServerLogFormat.isAsterisk(bytes, line)
    }

    /// `<------------->`, of whatever length.
    private static func isRule(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        guard end - start > 8, bytes[start] == ASCII.less, bytes[end - 1] == ASCII.greater else { return false }
        for place in start + 1..<end - 1 where bytes[place] != ASCII.minus { return false }
        return true
    }

    // MARK: Blocks

    mutating func next(_ lines: inout LineReader) -> TextBlock? {
        while let line = lines.line() {
            guard let mark = Self.mark(lines.bytes, line) else {
                let record = ServerLogFormat.asterisk(lines.bytes, line, self.context)
                lines.skip(line)
                if let record, record.level >= .warning {
                    var block = TextBlock()
                    block.log = record
                    return block
                }
                if !line.isEmpty { self.statistics.otherLines += 1 }
                continue
            }
            let time = LogTime.bracketed(lines.bytes, mark.prefix, self.context)
            let prefix = mark.prefix.count
            lines.skip(line)
            // Some loggers put their date in front of every line of the message too.
            let isPrefixed =
                prefix > 0
                && (lines.line().map { $0.count > prefix && lines.bytes[$0.start] == ASCII.openBracket } ?? false)
            var block = TextBlock()
            block.bytes = lines.message(
                .init(
                    textStart: { _, line in isPrefixed ? line.start + prefix : line.start },
                    isEnd: { bytes, line in Self.isEnd(bytes, line, isPrefixed ? prefix : 0) }))
            self.statistics.blocks += 1
            if let time { self.last = time }
            block.hasTime = self.last != nil
            block.origin = self.own.origin(
                mark.peer, isReceived: mark.isReceived, mark.transport, block.bytes, time: self.last ?? 0)
            block.origin.frame = self.statistics.blocks
            block.origin.input = self.context.input
            return block
        }
        return nil
    }
}
