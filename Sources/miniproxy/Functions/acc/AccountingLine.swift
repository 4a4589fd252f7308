import SIPKit

/// One line of accounting: the fields that `log_fmt` names, in its order (FUNCTIONS.md §16).
struct AccountingLine {
    let format: [UInt8]
    /// The status, or what a script says instead.
    let code: [UInt8]
    /// The Request-URI that was sent on.
    let outgoing: [UInt8]
    /// To as the answer has it, with its tag; empty for the request's own.
    var to: [UInt8] = []

    /// `ACC: transaction answered: method=INVITE, i-uri=…` with a line end; what a message does not have is `n/a`.
    func write(_ event: StaticString, _ bytes: Span<UInt8>, _ index: MessageIndex, user: [UInt8] = []) -> [UInt8] {
        var line: [UInt8] = []
        line.append("ACC: ")
        line.append(event)
        line.append(": ")
        var isFirst = true
        for letter in self.format {
            guard let field = self.field(letter, bytes, index, user) else { continue }
            if !isFirst { line.append(", ") }
            isFirst = false
            line += field.name.utf8
            line.append(ASCII.equals)
            if field.value.isEmpty { line.append("n/a") } else { line += field.value }
        }
        line.append(ASCII.lf)
        return line
    }

    func field(
        _ letter: UInt8, _ bytes: Span<UInt8>, _ index: MessageIndex, _ user: [UInt8]
    ) -> (name: String, value: [UInt8])? {
        func header(_ id: HeaderID) -> [UInt8] {
            if id == .to, !self.to.isEmpty { return self.to }
            return index.first(id).map { bytes.copy($0) } ?? []
        }
        func address(_ id: HeaderID) -> AddressRanges? {
            guard let value = index.first(id) else { return nil }
            var cursor = ByteCursor(bytes, value)
            return try? AddressRanges(parsing: &cursor)
        }
        func tagOfTo() -> [UInt8] {
            let to = header(.to)
            var cursor = ByteCursor(to.span)
            return (try? AddressRanges(parsing: &cursor)).map { to.span.copy($0.tag) } ?? []
        }
        func uri(_ id: HeaderID) -> [UInt8] { address(id).map { bytes.copy($0.uri) } ?? [] }
        func part(_ range: ByteRange?, _ path: KeyPath<URIRanges, ByteRange>) -> [UInt8] {
            guard let range, let uri = try? URIRanges(parsing: bytes, range) else { return [] }
            return bytes.copy(uri[keyPath: path])
        }
        switch letter {
        case UInt8(ascii: "m"): return ("method", bytes.copy(index.methodRange))
        case UInt8(ascii: "i"): return ("i-uri", bytes.copy(index.requestURI))
        case UInt8(ascii: "o"): return ("o-uri", self.outgoing)
        case UInt8(ascii: "c"): return ("call_id", header(.callID))
        case UInt8(ascii: "f"): return ("from", header(.from))
        case UInt8(ascii: "t"): return ("to", header(.to))
        case UInt8(ascii: "s"): return ("code", self.code)
        case UInt8(ascii: "S"): return ("status", Array(self.code.prefix { $0 != ASCII.space }))
        case UInt8(ascii: "d"): return ("to_tag", tagOfTo())
        case UInt8(ascii: "r"): return ("from_tag", address(.from).map { bytes.copy($0.tag) } ?? [])
        case UInt8(ascii: "n"): return ("cseq", header(.cSeq))
        case UInt8(ascii: "u"): return ("uid", user)
        case UInt8(ascii: "U"): return ("uid", user.isEmpty ? uri(.from) : user)
        case UInt8(ascii: "F"): return ("from_uri", uri(.from))
        case UInt8(ascii: "T"): return ("to_uri", uri(.to))
        case UInt8(ascii: "0"): return ("from_user", part(address(.from)?.uri, \.user))
        case UInt8(ascii: "1"): return ("to_user", part(address(.to)?.uri, \.user))
        case UInt8(ascii: "X"): return ("from_domain", part(address(.from)?.uri, \.host))
        case UInt8(ascii: "p"): return ("user", part(index.requestURI, \.user))
        case UInt8(ascii: "D"): return ("domain", part(index.requestURI, \.host))
        default: return nil
        }
    }
}
