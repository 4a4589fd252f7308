import SIPKit

/// Looking at the message and changing it: what function bodies are made of.
extension RouteContext {
    // MARK: Request-URI

    /// Hands out the Request-URI as it is now, rewritten or not.
    func withRequestURI<Result>(_ body: (Span<UInt8>) throws(ParseError) -> Result) throws(ParseError) -> Result {
        if self.isRewritten { return try body(self.rewrittenURI.span) }
        let range = self.index.requestURI
        return try body(self.memory.span.extracting(range.indices))
    }

    var requestURIBytes: [UInt8] {
        self.isRewritten ? self.rewrittenURI : self.memory.span.copy(self.index.requestURI)
    }

    /// Replaces the Request-URI.
    mutating func setRequestURI(_ uri: [UInt8]) {
        self.rewrittenURI = uri
        self.isRewritten = true
        self.isRequestURIUsed = false
        // The way to another place than this.
        if !self.path.isEmpty { self.path = [] }
        if self.contactSocket != nil { self.contactSocket = nil }
    }

    mutating func revertRequestURI() {
        self.isRewritten = false
        self.isRequestURIUsed = false
        if !self.path.isEmpty { self.path = [] }
    }

    mutating func setDestinationURI(_ uri: [UInt8]) {
        self.destinationURI = uri
    }

    // MARK: Header lines

    /// Puts a whole line (with its line end) in front of all headers, behind those put there before.
    mutating func insertAtTop(_ write: (inout [UInt8]) -> Void) {
        self.edits.insert(at: self.index.headersStart, write)
    }

    /// Puts a whole line (with its line end) behind all headers.
    mutating func appendLine(_ write: (inout [UInt8]) -> Void) {
        self.edits.insert(at: self.index.headersEnd, write)
    }

    /// Takes a header line out.
    mutating func removeLine(_ slot: Int) { self.edits.remove(self.index.lineRange(slot)) }

    mutating func replaceValue(_ slot: Int, _ write: (inout [UInt8]) -> Void) {
        self.edits.replace(self.index.slots[slot].value, write)
    }

    // MARK: Option tags

    /// Appends `Unsupported: a, b` with the option tags of Require or Proxy-Require (RFC 3261 §20.40); nothing where
    /// there are none.
    ///
    /// - Parameter supported: the one tag that is no fault.
    mutating func appendUnsupported(_ header: HeaderID, except supported: StaticString = "", to line: inout [UInt8]) {
        let bytes = self.memory.span
        var separator: StaticString = "Unsupported: "
        for slot in self.index.slots where slot.id == header {
            var cursor = ByteCursor(bytes, slot.value)
            while !cursor.isAtEnd {
                cursor.skipLWS()
                let tag = cursor.takeToken()
                if !tag.isEmpty, !bytes.equalsIgnoringCase(tag, supported) {
                    line.append(separator)
                    line += bytes.copy(tag)
                    separator = ", "
                }
                cursor.skipLWS()
                guard cursor.skip(ASCII.comma) else { break }
            }
        }
        if !line.isEmpty { line.append("\r\n") }
    }

    // MARK: Effects

    /// Wants an answer sent. Header lines collected by `append_to_reply` and those given here go with it.
    mutating func reply(_ status: Int, _ reason: StaticString, headers: [UInt8] = [], stateful: Bool = false) {
        let start = self.texts.count
        self.texts.append(reason)
        self.queueReply(status, from: start, headers, stateful)
    }

    mutating func reply(_ status: Int, reason: [UInt8], headers: [UInt8] = [], stateful: Bool = false) {
        let start = self.texts.count
        self.texts += reason
        self.queueReply(status, from: start, headers, stateful)
    }

    private mutating func queueReply(_ status: Int, from start: Int, _ headers: [UInt8], _ stateful: Bool) {
        let middle = self.texts.count
        if !self.replyHeaders.isEmpty { self.texts += self.replyHeaders }
        self.texts += headers
        self.effects.append(
            .reply(
                status: status, reason: ByteRange(start, middle), headers: ByteRange(middle, self.texts.count),
                isStateful: stateful || self.transaction != nil || self.block == .failure))
        if status >= 200 { self.replyHeaders.removeAll(keepingCapacity: true) }
    }

    mutating func log(_ level: Int, _ text: [UInt8]) {
        let start = self.texts.count
        self.texts += text
        self.effects.append(.log(level: level, text: ByteRange(start, self.texts.count)))
    }

    /// Whether an answer of 200 or more, or a relay, has been asked for.
    var isSettled: Bool {
        self.effects.contains { effect in
            switch effect {
            case .reply(let status, _, _, _): status >= 200
            case .relay, .forwardStateless, .cancelInvite, .send: true
            case .createTransaction, .releaseTransaction, .replicate, .log: false
            }
        }
    }
}
