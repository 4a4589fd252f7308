import SIPKit

extension FunctionBodies {
    /// `forward(192.0.2.9, 5060)`, `forward(uri:host, uri:port)`, `forward()`: on without state, to one destination.
    static let forward = Body { arguments, context in context.forward(arguments, nil) }
    static let forwardUDP = Body { arguments, context in context.forward(arguments, .udp) }
    static let forwardTCP = Body { arguments, context in context.forward(arguments, .tcp) }
    static let forwardTLS = Body { arguments, context in context.forward(arguments, .tls) }

    /// `send("192.0.2.9", 5060)`: the octets as they came.
    static let send = Body { arguments, context in context.send(arguments, nil) }
    static let sendTCP = Body { arguments, context in context.send(arguments, .tcp) }
}

extension RouteContext {
    fileprivate mutating func send(
        _ arguments: borrowing PreparedArguments, _ transport: TransportProtocol?
    ) -> FunctionResult {
        let host = arguments.text(0)
        let start = self.texts.count
        let uri =
            host.isEmpty || host.elementsEqual("uri:host".utf8)
            ? self.requestURIBytes : Self.hopURI(host, arguments.text(1), transport)
        self.texts += uri
        self.effects.append(.send(to: ByteRange(start, self.texts.count)))
        return .yes
    }

    fileprivate mutating func forward(
        _ arguments: borrowing PreparedArguments, _ transport: TransportProtocol?
    ) -> FunctionResult {
        guard self.index.isRequest else { return .no }
        let host = arguments.text(0)
        // `uri:host` is where the Request-URI points anyway.
        if !host.isEmpty, !host.elementsEqual("uri:host".utf8) {
            let port = arguments.text(1)
            self.setDestination(host, port.elementsEqual("uri:port".utf8) ? [] : port, transport)
        }
        self.effects.append(.forwardStateless)
        return .yes
    }
}
