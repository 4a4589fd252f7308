import SIPKit

/// What the interpreter asks of a message (LANGUAGE.md §7).
extension RouteContext: ScriptHost {
    @inline(__always)
    func withText(_ text: ScriptText, _ body: (Span<UInt8>) -> Bool) -> Bool {
        switch text {
        case .method:
            let range = self.index.isRequest ? self.index.methodRange : self.cSeq.methodRange
            return body(self.memory.span.extracting(range.indices))
        case .requestURI:
            if self.isRewritten { return body(self.rewrittenURI.span) }
            guard self.index.isRequest else { return false }
            return body(self.memory.span.extracting(self.index.requestURI.indices))
        case .fromURI: return body(self.memory.span.extracting(self.from.uri.indices))
        case .toURI: return body(self.memory.span.extracting(self.to.uri.indices))
        }
    }

    var statusCode: Int { self.status }
    var messageLength: Int { self.memory.count }
    var source: SocketAddress { self.peer.address }
    var transport: TransportProtocol { self.peer.transport }

    mutating func isMyself(_ uri: ScriptURI) -> Bool? {
        switch uri {
        case .request:
            if self.isRewritten {
                let bytes = self.rewrittenURI.span
                guard let parts = try? URIRanges(parsing: bytes, ByteRange(0, bytes.count)), parts.isSIP else {
                    return nil
                }
                return self.shared.selves.contains(bytes, parts)
            }
            guard let parts = self.requestURIParts(), parts.isSIP else { return nil }
            return self.shared.selves.contains(self.memory.span, parts)
        case .from: return self.isMyself(self.from.uri)
        case .to: return self.isMyself(self.to.uri)
        }
    }

    private mutating func isMyself(_ range: ByteRange) -> Bool? {
        guard let parts = try? URIRanges(parsing: self.memory.span, range), parts.isSIP else { return nil }
        return self.shared.selves.contains(self.memory.span, parts)
    }

    func isMyself(_ address: IPAddress) -> Bool { self.shared.selves.contains(address) }

    mutating func isAddress(_ address: IPAddress, ofHost name: [UInt8]) -> FunctionResult {
        if let literal = IPAddress(parsing: name.span, ByteRange(0, name.count)) {
            return literal == address ? .yes : .no
        }
        self.question = .addresses(host: name)
        return .ask
    }

    mutating func resume(_ address: IPAddress, ofHost name: [UInt8], _ answer: Answer) -> FunctionResult {
        guard case .addresses(let found) = answer else { return .no }
        return found.contains(address) ? .yes : .no
    }

    mutating func drop() { self.isDropped = true }

    mutating func failed(_ function: ScriptFunction, _ error: ParseError) {
        self.log(-1, Array("\(function.name): \(error)".utf8))
    }

    mutating func trace(_ step: TraceStep) {
        // Taken out meanwhile, so that it looks at this very context.
        guard var recorder = self.recorder.take() else { return }
        recorder.note(step, self)
        self.recorder = recorder
    }

    static func body(of function: ScriptFunction) -> FunctionBody<RouteContext>? { FunctionBodies.named(function.name) }
}
