import SIPKit

/// Damages the shape of a message: its lines, their ends and their order.
enum StructureMutation: String, CaseIterable, Sendable {
    case headerMissing, headerTwice, headersSwapped, headerFolded, headerEndless, headerEmpty, colonMissing
    case manyVias, manyHeaders, onlyLF, onlyCR, separatorMissing, separatorEarly, startLineTwice, startLineEmpty
    case bodyTooShort, bodyTooLong, cut, doubled, spacesBeforeColon, deepParameters

    func apply(to message: [UInt8], _ ids: inout Identifiers) -> Mutator.Damage {
        let crlf: [UInt8] = [ASCII.cr, ASCII.lf]
        var lines = Self.lines(message)
        // The last two pieces are the empty line and what stands behind it.
        let headers = Swift.max(1, lines.count - 3)
        let chosen = 1 + ids.below(headers)
        guard lines.indices.contains(chosen) else { return .init(bytes: message, what: "nothing", place: nil) }
        var what = self.rawValue
        let name = Printable.text(lines[chosen].prefix { $0 != ASCII.colon }.prefix(30))
        var output: [UInt8]?
        switch self {
        case .headerMissing: lines.remove(at: chosen)
        case .headerTwice: lines.insert(lines[chosen], at: 1 + ids.below(headers))
        case .headersSwapped: lines.swapAt(chosen, 1 + ids.below(headers))
        case .headerFolded: lines[chosen] = lines[chosen].flatMap { $0 == ASCII.space ? crlf + [$0] : [$0] }
        case .headerEndless: lines[chosen] += [UInt8](repeating: 0x61, count: 20_000)
        case .headerEmpty: lines[chosen] = Array(lines[chosen].prefix { $0 != ASCII.colon }) + [ASCII.colon]
        case .colonMissing: lines[chosen].removeAll { $0 == ASCII.colon }
        case .manyVias:
            let via = Array("Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK".utf8)
            lines.insert(contentsOf: (0..<200).map { via + Array("\($0)".utf8) }, at: 2)
        case .manyHeaders:
            lines.insert(contentsOf: (0..<2000).map { Array("X-\($0): \($0)".utf8) }, at: chosen)
        case .onlyLF: output = message.filter { $0 != ASCII.cr }
        case .onlyCR: output = message.filter { $0 != ASCII.lf }
        case .separatorMissing: output = Array(lines.prefix(headers + 1).joined(separator: crlf)) + crlf
        case .separatorEarly: lines.insert([], at: chosen)
        case .startLineTwice: lines.insert(lines[0], at: 1)
        case .startLineEmpty: lines[0] = []
        case .bodyTooShort: lines = Self.setLength(lines, "4000000")
        case .bodyTooLong: output = Array(Self.setLength(lines, "1").joined(separator: crlf)) + Array("xyz".utf8)
        case .cut:
            let length = ids.below(message.count)
            what += " at \(length)"
            output = Array(message[..<length])
        case .doubled: output = message + message
        case .spacesBeforeColon:
            if let colon = lines[chosen].firstIndex(of: ASCII.colon) {
                lines[chosen].insert(contentsOf: [ASCII.space, ASCII.tab, ASCII.space], at: colon)
            }
        case .deepParameters: lines[chosen] += Array(String(repeating: ";a=<\"(", count: 1500).utf8)
        }
        let named: Set<Self> = [
            .headerMissing, .headerTwice, .headersSwapped, .headerFolded, .headerEndless, .headerEmpty, .colonMissing,
            .spacesBeforeColon, .deepParameters,
        ]
        if named.contains(self) { what += " (\(name))" }
        return .init(bytes: output ?? Array(lines.joined(separator: crlf)), what: what, place: nil)
    }

    private static func lines(_ message: [UInt8]) -> [[UInt8]] {
        message.split(separator: ASCII.lf, omittingEmptySubsequences: false).map { line in
            line.last == ASCII.cr ? Array(line.dropLast()) : Array(line)
        }
    }

    private static func setLength(_ lines: [[UInt8]], _ value: String) -> [[UInt8]] {
        lines.map { line in
            let isLength = Array(line.prefix(15)).equalsIgnoringCase(Array("Content-Length:".utf8))
            return isLength ? Array("Content-Length: \(value)".utf8) : line
        }
    }
}
