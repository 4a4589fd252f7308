import SIPKit

extension FunctionBodies {
    /// `avp_write("i:45", "inv_timeout")`.
    static let avpWrite = Body { arguments, context throws(ParseError) in
        guard let value = try context.attributeValue(arguments.text(0)) else { return .no }
        return context.attributes.add(AttributeName(arguments.text(1)).name, value) ? .yes : .no
    }

    /// `avp_delete("s:name/g")`.
    static let avpDelete = Body { arguments, context in
        let name = AttributeName(arguments.text(0))
        return context.attributes.remove(name.name, all: name.meansAll) ? .yes : .no
    }

    /// `avp_pushto("$ruri", "s:callfwd")`: into the Request-URI or a header; with `/g` further values become branches.
    static let avpPushTo = Body { arguments, context throws(ParseError) in
        let name = AttributeName(arguments.text(1))
        var values = context.attributes.all(name.name).map(\.text)
        guard let first = values.first else { return .no }
        values = name.meansAll ? values : [first]
        // It goes into the first line or a header as it is: what a database holds must not begin another.
        guard !values.contains(where: { $0.contains { $0 < ASCII.space } }) else { return .no }
        let destination = String(decoding: arguments.text(0), as: UTF8.self)
        switch destination {
        case "$ruri":
            context.setRequestURI(first)
            for other in values.dropFirst() where !context.appended.append(uri: other) { return .no }
            return .yes
        case "$ruri/username": return try context.changeRequestURI { $0.user = first }
        case "$ruri/domain":
            let parts = HostAndPort(first)
            return try context.changeRequestURI { ($0.host, $0.port) = (parts.host, parts.port) }
        default:
            guard destination.hasPrefix("$hdr_") else { return .no }
            let header = destination.dropFirst(5).prefix { $0 != "/" }
            for value in values {
                let line = Array(header.utf8) + Array(": ".utf8) + value + [ASCII.cr, ASCII.lf]
                if destination.hasSuffix("/reply") {
                    context.replyHeaders += line
                } else {
                    context.appendLine { $0 += line }
                }
            }
            return .yes
        }
    }

    /// `avp_check("s:fwdbusy", "eq/$ruri/i")`.
    static let avpCheck = Body { arguments, context throws(ParseError) in
        let name = AttributeName(arguments.text(0))
        let parts = arguments.text(1).split(separator: ASCII.slash, maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return .no }
        var rest = Array(parts[1])
        var flags: [UInt8] = []
        // The flags are behind the last slash; the value may have slashes of its own, as `$ruri/username` has.
        if let slash = rest.lastIndex(of: ASCII.slash), rest[(slash + 1)...].allSatisfy({ "gi".utf8.contains($0) }) {
            flags = Array(rest[(slash + 1)...])
            rest = Array(rest[..<slash])
        }
        guard let wanted = try context.attributeValue(rest) else { return .no }
        var values = context.attributes.all(name.name)
        if !flags.contains(UInt8(ascii: "g")) { values = Array(values.prefix(1)) }
        let comparison = AttributeComparison(
            operation: String(decoding: parts[0], as: UTF8.self), ignoringCase: flags.contains(UInt8(ascii: "i")))
        return values.contains { comparison.holds($0, wanted) } ? .yes : .no
    }

    static let avpPrint = Body { _, context in
        for pair in context.attributes.pairs {
            context.log(4, Array("AVP \(pair.name) = \(Printable.text(pair.value.text))\n".utf8))
        }
        return .yes
    }
}

/// The operators of `avp_check`.
struct AttributeComparison {
    let operation: String
    let ignoringCase: Bool

    func holds(_ left: AttributeList.Value, _ right: AttributeList.Value) -> Bool {
        if self.operation == "re" || self.operation == "fm" {
            let pattern = try? PatternMatcher(extended: right.text, self.ignoringCase ? .ignoringCase : [])
            return pattern?.matches(left.text.span) ?? false
        }
        if case .number(let a) = left, case .number(let b) = right { return self.holds(a < b ? -1 : a > b ? 1 : 0) }
        let (a, b) = (self.folded(left.text), self.folded(right.text))
        return self.holds(a == b ? 0 : a.lexicographicallyPrecedes(b) ? -1 : 1)
    }

    private func folded(_ text: [UInt8]) -> [UInt8] { self.ignoringCase ? text.map(ASCII.lowercased) : text }

    private func holds(_ order: Int) -> Bool {
        switch self.operation {
        case "eq": order == 0
        case "ne": order != 0
        case "lt": order < 0
        case "le": order <= 0
        case "gt": order > 0
        case "ge": order >= 0
        default: false
        }
    }
}

extension AttributeList.Value {
    var text: [UInt8] {
        switch self {
        case .number(let number): Array(String(number).utf8)
        case .text(let text): text
        }
    }
}

extension RouteContext {
    /// `s:text`, `i:45`, `$ruri`, `$from/username`, `$to/domain`, `$src_ip`; `nil` where the message has no such thing.
    func attributeValue(_ text: [UInt8]) throws(ParseError) -> AttributeList.Value? {
        let rest = Array(text.dropFirst(2))
        if text.starts(with: "s:".utf8) { return .text(rest) }
        if text.starts(with: "i:".utf8) {
            return ASCII.number(rest.span, ByteRange(0, rest.count), limit: UInt64(UInt32.max)).map { .number(Int($0)) }
        }
        guard text.first == UInt8(ascii: "$") else { return .text(text) }
        let parts = String(decoding: text, as: UTF8.self).split(separator: "/", maxSplits: 1)
        var found: [UInt8] = []
        switch parts.first {
        case "$src_ip": return .text(Array(String(describing: self.peer.address.ip).utf8))
        case "$ruri": found = self.requestURIBytes
        case "$from": found = self.memory.span.copy(self.from.uri)
        case "$to": found = self.memory.span.copy(self.to.uri)
        default: return self.attributes.first(AttributeName(text).name)
        }
        let uri = found
        guard parts.count == 2 else { return .text(uri) }
        let ranges = try URIRanges(parsing: uri.span, ByteRange(0, uri.count))
        return .text(uri.span.copy(parts[1] == "domain" ? ranges.host : ranges.user))
    }
}
