internal import SIPKit

/// sipgrep's NDJSON (and sipnab's, as far as the names are the same): one message a line.
///
/// With `raw` the message is whole. Without, the least is put together that the figures need: start line, Via with its
/// branch, From, To, Call-ID, CSeq, User-Agent; the report says that contents were not there to be looked at.
struct JSONFormat: BlockFormat {
    private let context: TextContext
    private(set) var statistics = TextStatistics()
    private var withoutRaw = 0

    init(_ context: TextContext) { self.context = context }

    static func isLine(_ bytes: Span<UInt8>, _ line: ByteRange) -> Bool {
        guard bytes[line.start] == 0x7B, line.count < 1 << 20, let value = JSONValue(bytes.extracting(line.indices))
        else { return false }
        return value["src"]?.text != nil && value["dst"]?.text != nil
    }

    mutating func next(_ lines: inout LineReader) -> TextBlock? {
        while let line = lines.line() {
            let value =
                line.count > 1 && lines.bytes[line.start] == 0x7B
                ? JSONValue(lines.bytes.extracting(line.indices)) : nil
            lines.skip(line)
            guard let value, let block = self.block(value) else {
                if !line.isEmpty { self.statistics.otherLines += 1 }
                continue
            }
            return block
        }
        return nil
    }

    private mutating func block(_ value: JSONValue) -> TextBlock? {
        if let type = value["type"]?.text, type != "message" { return nil }
        guard let source = value["src"]?.text.flatMap({ SocketAddress($0, defaultPort: 5060) }),
            let destination = value["dst"]?.text.flatMap({ SocketAddress($0, defaultPort: 5060) })
        else { return nil }
        var block = TextBlock()
        if let raw = value["raw"]?.text {
            block.bytes = Self.bytes(raw)
        } else {
            guard let message = Self.message(value) else { return nil }
            block.bytes = message
            self.withoutRaw += 1
        }
        self.statistics.blocks += 1
        let time = Self.time(value["ts"] ?? value["timestamp"] ?? .null)
        block.hasTime = time != nil
        let word = Array((value["transport"]?.text ?? "udp").utf8)
        block.origin = MessageOrigin(
            time: time ?? 0, source: source, destination: destination,
            transport: TextNumbers.transport(word.span, ByteRange(0, word.count)) ?? .udp,
            frame: Int(value["n"]?.number ?? Double(self.statistics.blocks)), input: self.context.input)
        return block
    }

    /// Every character is one byte (`\u00XX`): what was above ASCII comes back as it was.
    private static func bytes(_ raw: String) -> [UInt8] {
        raw.unicodeScalars.map { $0.value < 0x100 ? UInt8($0.value) : ASCII.question }
    }

    private static func time(_ value: JSONValue) -> Int64? {
        switch value {
        case .string(let text):
            let bytes = Array(text.utf8)
            var cursor = ByteCursor(bytes.span)
            return LogTime.syslog(&cursor, TextContext())
        case .number(let seconds) where seconds > 0 && seconds < 9e9: return Int64(seconds * 1e9)
        default: return nil
        }
    }

    private static func message(_ value: JSONValue) -> [UInt8]? {
        guard let callID = value["call_id"]?.text, let method = value["method"]?.text else { return nil }
        var lines: [String] = []
        if let status = value["status"]?.number, status >= 100, status < 700 {
            lines.append("SIP/2.0 \(Int(status)) \(value["reason"]?.text ?? "")")
        } else {
            lines.append("\(method) \(value["ruri"]?.text ?? "sip:unknown.invalid") SIP/2.0")
        }
        let branch = value["branch"]?.text.map { ";branch=\($0)" } ?? ""
        lines.append("Via: SIP/2.0/\(value["transport"]?.text ?? "UDP") unknown.invalid\(branch)")
        for (name, key) in [("From", "from"), ("To", "to")] {
            let uri = value[key]?["uri"]?.text ?? "sip:unknown.invalid"
            lines.append("\(name): <\(uri)>" + (value[key]?["tag"]?.text.map { ";tag=\($0)" } ?? ""))
        }
        lines.append("Call-ID: \(callID)")
        let number = value["cseq"]?.number ?? 1
        lines.append("CSeq: \(number >= 0 && number < 4_294_967_296 ? Int(number) : 1) \(method)")
        if let agent = value["ua"]?.text { lines.append("User-Agent: \(agent)") }
        // A line end in a value would begin a header that nobody sent.
        return lines.flatMap { line in
            line.utf8.map { $0 == ASCII.cr || $0 == ASCII.lf ? ASCII.space : $0 } + [ASCII.cr, ASCII.lf]
        } + [ASCII.cr, ASCII.lf]
    }

    var note: String? {
        self.withoutRaw == 0 ? nil : "\(self.withoutRaw) messages without their text: counts, times and calls only"
    }
}
