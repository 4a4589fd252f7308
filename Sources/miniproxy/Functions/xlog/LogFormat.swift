import SIPKit

/// The specifiers of `xlog` (FUNCTIONS.md §18): SER's with `%`, OpenSER's with `$`.
struct LogFormat {
    let context: RouteContext

    /// The text with its specifiers filled in; what is unknown or missing is `<null>`.
    func fill(_ format: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        var at = 0
        while at < format.count {
            let byte = format[at]
            guard byte == ASCII.percent || byte == UInt8(ascii: "$"), at + 1 < format.count else {
                output.append(byte)
                at += 1
                continue
            }
            if format[at + 1] == byte {
                output.append(byte)
                at += 2
            } else if format[at + 1] == UInt8(ascii: "{"), let end = format[at...].firstIndex(of: UInt8(ascii: "}")) {
                output += self.header(Array(format[(at + 2)..<end])) ?? Self.null
                at = end + 1
            } else if let name = Self.name(format, at + 1) {
                output += self.value(name) ?? Self.null
                at += 3
            } else {
                output.append(byte)
                at += 1
            }
        }
        return output
    }

    private static let null = Array("<null>".utf8)

    /// Two letters.
    private static func name(_ format: [UInt8], _ at: Int) -> String? {
        guard at + 1 < format.count, ASCII.isLetter(format[at]), ASCII.isLetter(format[at + 1]) else { return nil }
        return String(decoding: format[at...(at + 1)], as: UTF8.self)
    }

    /// `Header-Name` or `Header-Name[2]`.
    private func header(_ text: [UInt8]) -> [UInt8]? {
        var name = text
        var place = 0
        if text.last == ASCII.closeBracket, let open = text.firstIndex(of: ASCII.openBracket) {
            place = Int(ASCII.number(text.span, ByteRange(open + 1, text.count - 1), limit: 1000) ?? 0)
            name = Array(text[..<open])
        }
        let slots = self.context.slots(named: name)
        guard slots.indices.contains(place) else { return nil }
        return self.bytes(self.context.index.slots[slots[place]].value)
    }

    private func bytes(_ range: ByteRange) -> [UInt8]? { range.isEmpty ? nil : self.context.memory.span.copy(range) }

    private func value(_ id: HeaderID) -> [UInt8]? { self.context.index.first(id).flatMap(self.bytes) }

    private static func digits(_ number: some BinaryInteger) -> [UInt8] { Array(String(number).utf8) }

    private func value(_ name: String) -> [UInt8]? {
        let context = self.context
        let bytes = context.memory.span
        switch name {
        case "ci": return self.bytes(context.callID)
        case "cs": return Self.digits(context.cSeq.number)
        case "ct": return self.value(.contact)
        case "fu": return self.bytes(context.from.uri)
        case "ft": return self.bytes(context.from.tag)
        case "tu": return self.bytes(context.to.uri)
        case "tt": return self.bytes(context.to.tag)
        case "fU", "tU": return self.user(name == "fU" ? context.from.uri : context.to.uri)
        case "rm": return self.bytes(context.index.isRequest ? context.index.methodRange : context.cSeq.methodRange)
        case "ru": return context.index.isRequest ? context.requestURIBytes : nil
        case "rU":
            guard context.index.isRequest else { return nil }
            let uri = context.requestURIBytes
            return (try? URIRanges(parsing: uri.span, ByteRange(0, uri.count))).map { uri.span.copy($0.user) }
        case "du": return context.destinationURI.isEmpty ? nil : context.destinationURI
        case "rs": return context.status > 0 ? Self.digits(context.status) : nil
        case "rr": return context.index.isRequest ? nil : self.bytes(context.index.reason)
        case "is", "si": return Array(String(describing: context.peer.address.ip).utf8)
        case "sp": return Self.digits(context.peer.address.port)
        case "Ri": return Array(String(describing: context.destination.ip).utf8)
        case "Rp": return Self.digits(context.destination.port)
        case "ua": return self.value(.userAgent)
        case "Ts": return Self.digits(context.wallTime)
        case "Tf":
            var writer = ByteWriter()
            SIPDate(secondsSince1970: context.wallTime).write(to: &writer)
            return writer.bytes
        case "mb": return bytes.copy(ByteRange(0, bytes.count))
        case "ml": return Self.digits(bytes.count)
        case "mf": return Self.digits(context.flags)
        default: return nil
        }
    }

    private func user(_ range: ByteRange) -> [UInt8]? {
        guard let uri = try? URIRanges(parsing: self.context.memory.span, range) else { return nil }
        return self.bytes(uri.user)
    }
}
