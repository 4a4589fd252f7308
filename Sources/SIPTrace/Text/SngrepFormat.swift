internal import SIPKit

/// The line above each message in sngrep's text save: `2026/03/02 06:00:00.123456 203.0.113.5:5060 -> 192.0.2.10:5060`.
struct SngrepHeader {
    var time: Int64
    var source: SocketAddress
    var destination: SocketAddress

    init?(_ bytes: Span<UInt8>, _ line: ByteRange, zoneOffset: Int) {
        guard line.count > 40, ASCII.isDigit(bytes[line.start]) else { return nil }
        var cursor = ByteCursor(bytes, line)
        guard let time = TextNumbers.dateAndClock(&cursor) else { return nil }
        self.time = time - Int64(zoneOffset) * 1_000_000_000
        cursor.skipLWS()
        let from = cursor.take { !ASCII.isLWS($0) }
        cursor.skipLWS()
        guard cursor.skip(ASCII.minus), cursor.skip(ASCII.greater) else { return nil }
        cursor.skipLWS()
        let to = cursor.take { !ASCII.isLWS($0) }
        cursor.skipLWS()
        guard cursor.isAtEnd, let source = Self.endpoint(bytes, from), let destination = Self.endpoint(bytes, to) else {
            return nil
        }
        self.source = source
        self.destination = destination
    }

    /// An address whose port stands behind the last colon, with brackets around IPv6 or without.
    private static func endpoint(_ bytes: Span<UInt8>, _ range: ByteRange) -> SocketAddress? {
        if let address = TextNumbers.address(bytes, range) { return address }
        var colon = range.end - 1
        while colon > range.start, bytes[colon] != ASCII.colon { colon -= 1 }
        guard colon > range.start, let ip = IPAddress(parsing: bytes, ByteRange(range.start, colon)),
            let port = ASCII.number(bytes, ByteRange(colon + 1, range.end), limit: 65_535)
        else { return nil }
        return SocketAddress(ip, UInt16(port))
    }
}

/// Messages that sngrep saved as text: a header line, the message, empty lines; dialog by dialog, so not in time order.
struct SngrepFormat: BlockFormat {
    private let context: TextContext
    private(set) var statistics = TextStatistics()

    init(_ context: TextContext) { self.context = context }

    mutating func next(_ lines: inout LineReader) -> TextBlock? {
        let zone = self.context.zoneOffset
        while let line = lines.line() {
            let header = SngrepHeader(lines.bytes, line, zoneOffset: zone)
            lines.skip(line)
            guard let header else {
                if !line.isEmpty { self.statistics.otherLines += 1 }
                continue
            }
            var block = TextBlock()
            block.origin.time = header.time
            block.origin.source = header.source
            block.origin.destination = header.destination
            block.origin.input = self.context.input
            block.bytes = lines.message(
                .init(isEnd: { bytes, line in SngrepHeader(bytes, line, zoneOffset: zone) != nil }))
            self.statistics.blocks += 1
            block.origin.frame = self.statistics.blocks
            return block
        }
        return nil
    }
}
