import SIPKit

extension FunctionBodies {
    /// `uac_replace_from("Robin", "sip:robin@example.org")`: the next hop hears of somebody else.
    ///
    /// Old and new address go along in our Record-Route, combined so that either gives the other: later requests of the
    /// dialog, from both sides, are changed by them (`RouteContext.swapIdentity`).
    static let replaceFrom = Body { arguments, context throws(ParseError) in
        guard context.index.isRequest, !context.hasOtherIdentity else { return .no }
        let bytes = context.memory.span
        let old = bytes.copy(context.from.uri)
        let isAlone = arguments.count == 1
        let wanted = arguments.text(isAlone ? 0 : 1)
        let new = wanted.isEmpty ? old : wanted
        _ = try URIRanges(parsing: new.span, ByteRange(0, new.count))
        var name = isAlone ? bytes.copy(context.from.displayName) : arguments.text(0)
        if !name.isEmpty, name.first != ASCII.quote {
            name =
                [ASCII.quote]
                + name.flatMap { $0 == ASCII.quote || $0 == ASCII.backslash ? [ASCII.backslash, $0] : [$0] }
            name.append(ASCII.quote)
        }
        context.replaceName(of: context.from, by: name, new)
        if context.to.tag.isEmpty {
            var parameter: [UInt8] = [ASCII.semicolon] + context.shared.settings.uac.parameter.utf8 + [ASCII.equals]
            for byte in RouteContext.combined(old, new) {
                parameter.append(ASCII.hexDigit(byte >> 4))
                parameter.append(ASCII.hexDigit(byte & 15))
            }
            context.addRecordRouteParameter(parameter)
        }
        return .yes
    }

    /// `uac_restore_from()`: for a request of a dialog whose From was replaced.
    static let restoreFrom = Body { _, context in context.swapIdentity() ? .yes : .no }
}

extension RouteContext {
    /// Writes the other address into a request of a dialog whose first From was replaced: into From where the caller
    /// sends it, into To where the callee does.
    ///
    /// - Returns: whether there was anything to do.
    mutating func swapIdentity() -> Bool {
        guard !self.hasOtherIdentity, self.index.isRequest, !self.to.tag.isEmpty, let route = self.ownRoute() else {
            return false
        }
        let bytes = self.memory.span
        let uri = bytes.copy(route.whole)
        guard
            let code = (try? SIPURI(parsing: uri.span, ByteRange(0, uri.count)))?.parameter(
                self.shared.settings.uac.parameter), code.count.isMultiple(of: 2), code.count <= 2 * 1024
        else { return false }
        var combined: [UInt8] = []
        for place in stride(from: 0, to: code.count, by: 2) {
            guard let high = ASCII.hexValue(code[place]), let low = ASCII.hexValue(code[place + 1]) else {
                return false
            }
            combined.append(high << 4 | low)
        }
        var isDownstream = true
        if let tag = route.parameter("ftag", in: bytes) { isDownstream = bytes.equals(tag, bytes, self.from.tag) }
        let address = isDownstream ? self.from : self.to
        let other = Self.combined(combined, bytes.copy(address.uri))
        // A phone that has changed the address on its way makes nonsense of it; then it stays.
        guard other.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != ASCII.less && $0 != ASCII.greater }),
            (try? URIRanges(parsing: other.span, ByteRange(0, other.count))) != nil
        else { return false }
        self.replaceName(of: address, by: [], other)
        return true
    }

    /// Two texts, the shorter filled up with zeros, bit by bit: what comes out gives each of them from the other.
    fileprivate static func combined(_ one: [UInt8], _ other: [UInt8]) -> [UInt8] {
        var result = (0..<Swift.max(one.count, other.count)).map { place in
            (place < one.count ? one[place] : 0) ^ (place < other.count ? other[place] : 0)
        }
        while result.last == 0 { result.removeLast() }
        return result
    }

    fileprivate mutating func replaceName(of address: AddressRanges, by name: [UInt8], _ uri: [UInt8]) {
        self.hasOtherIdentity = true
        self.edits.replace(address.nameAndURI) { text in
            text += name
            if !name.isEmpty { text.append(ASCII.space) }
            text.append(ASCII.less)
            text += uri
            text.append(ASCII.greater)
        }
    }
}

extension AddressRanges {
    /// Everything before the parameters of the header.
    var nameAndURI: ByteRange {
        ByteRange(self.whole.start, self.parameters.isEmpty ? self.whole.end : self.parameters.start)
    }
}

extension Shard {
    /// Gives the answer in work the From and To that the request had.
    mutating func restoreIdentities(_ server: UInt32) {
        let request = self.servers[server].pointee.request
        guard !request.isEmpty else { return }
        let memory = request.bytes.bindMemory(to: UInt8.self)
        let asked = memory.span
        guard (try? self.sideIndex.parse(asked)) != nil else { return }
        let bytes = self.context.memory.span
        for id in [HeaderID.from, .to] {
            guard let old = self.sideIndex.first(id), let new = self.context.index.first(id) else { continue }
            var askedCursor = ByteCursor(asked, old)
            var cursor = ByteCursor(bytes, new)
            guard let before = try? AddressRanges(parsing: &askedCursor),
                let after = try? AddressRanges(parsing: &cursor)
            else { continue }
            let text = asked.copy(before.nameAndURI)
            if bytes.copy(after.nameAndURI) != text { self.context.edits.replace(after.nameAndURI) { $0 += text } }
        }
    }
}
