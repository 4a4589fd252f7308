internal import SIPKit

/// What Kamailio's `sipdump` module writes: a line of `=`, fields one a line, a line of `~`, the message, a line of `|`.
///
/// ```
/// ====================
/// tag: rcv
/// pid: 4242
/// process: 3
/// time: 1772431200.123456
/// date: Mon Mar  2 06:00:00 2026
/// proto: udp ipv4
/// srcip: 203.0.113.5
/// srcport: 5060
/// dstip: 192.0.2.10
/// dstport: 5060
/// ~~~~~~~~~~~~~~~~~~~~
/// ```
struct SipdumpFormat: BlockFormat {
    private let input: Int
    private(set) var statistics = TextStatistics()

    init(_ context: TextContext) { self.input = context.input }

    static func isMark(_ bytes: Span<UInt8>, _ line: ByteRange) -> Bool { Self.isRule(0x3D, bytes, line) }

    /// Whether a line is made of one sign, twenty times or more.
    private static func isRule(_ sign: UInt8, _ bytes: Span<UInt8>, _ line: ByteRange) -> Bool {
        let end = MessageText.trimmed(bytes, from: line.start, to: line.end)
        guard end - line.start >= 20 else { return false }
        for place in line.start..<end where bytes[place] != sign { return false }
        return true
    }

    mutating func next(_ lines: inout LineReader) -> TextBlock? {
        while let line = lines.line() {
            let isMark = Self.isMark(lines.bytes, line)
            lines.skip(line)
            guard isMark else {
                if !line.isEmpty { self.statistics.otherLines += 1 }
                continue
            }
            guard var block = self.fields(&lines) else { continue }
            block.bytes = lines.message(
                .init(isEnd: { bytes, line in Self.isRule(0x7C, bytes, line) || Self.isRule(0x3D, bytes, line) }))
            self.statistics.blocks += 1
            block.origin.frame = self.statistics.blocks
            return block
        }
        return nil
    }

    private func fields(_ lines: inout LineReader) -> TextBlock? {
        var block = TextBlock()
        block.origin.input = self.input
        block.hasTime = false
        // A head has a dozen fields; what goes on for longer is none.
        for _ in 0..<40 {
            guard let line = lines.line() else { return nil }
            if Self.isRule(0x7E, lines.bytes, line) {
                lines.skip(line)
                return block
            }
            guard !Self.isMark(lines.bytes, line) else { return nil }
            Self.read(lines.bytes, line, into: &block)
            lines.skip(line)
        }
        return nil
    }

    private static func read(_ bytes: Span<UInt8>, _ line: ByteRange, into block: inout TextBlock) {
        var cursor = ByteCursor(bytes, line)
        let name = cursor.take { $0 != ASCII.colon }
        guard cursor.skip(ASCII.colon) else { return }
        cursor.skipLWS()
        let value = ByteRange(cursor.offset, MessageText.trimmed(bytes, from: cursor.offset, to: line.end))
        if bytes.equals(name, "time") {
            guard let time = TextNumbers.epoch(&cursor) else { return }
            block.origin.time = time
            block.hasTime = true
        } else if bytes.equals(name, "proto") {
            let word = cursor.take { !ASCII.isLWS($0) }
            if let transport = TextNumbers.transport(bytes, word) { block.origin.transport = transport }
        } else if bytes.equals(name, "srcip") {
            if let ip = IPAddress(parsing: bytes, value) { block.origin.source.ip = ip }
        } else if bytes.equals(name, "dstip") {
            if let ip = IPAddress(parsing: bytes, value) { block.origin.destination.ip = ip }
        } else if bytes.equals(name, "srcport"), let port = ASCII.number(bytes, value, limit: 65_535) {
            block.origin.source.port = UInt16(port)
        } else if bytes.equals(name, "dstport"), let port = ASCII.number(bytes, value, limit: 65_535) {
            block.origin.destination.port = UInt16(port)
        }
    }
}
