import SIPKit

extension FunctionBodies {
    /// `t_relay_to_udp("192.0.2.9", "5060")`: relays there; the Request-URI stays.
    static let tRelayToUDP = Body { arguments, context throws(ParseError) in
        context.setDestination(arguments.text(0), arguments.text(1), .udp)
        return try FunctionBodies.tRelay.call(.none, &context)
    }

    static let tRelayToTCP = Body { arguments, context throws(ParseError) in
        context.setDestination(arguments.text(0), arguments.text(1), .tcp)
        return try FunctionBodies.tRelay.call(.none, &context)
    }

    static let tRelayToTLS = Body { arguments, context throws(ParseError) in
        context.setDestination(arguments.text(0), arguments.text(1), .tls)
        return try FunctionBodies.tRelay.call(.none, &context)
    }

    /// `t_lookup_request()`: whether there is a transaction for the request.
    static let tLookupRequest = Body { _, context in context.transaction == nil ? .no : .yes }

    /// `t_is_set("failure_route")`: whether a block of this kind is named for the transaction.
    static let tIsSet = Body { arguments, context in
        switch String(decoding: arguments.text(0), as: UTF8.self).lowercased() {
        case "failure_route": context.onFailure == nil ? .no : .yes
        case "onreply_route": context.onReply == nil ? .no : .yes
        default: context.onBranch == nil ? .no : .yes
        }
    }
}

extension RouteContext {
    /// Where the request goes, whatever its Request-URI says.
    mutating func setDestination(_ host: [UInt8], _ port: [UInt8], _ transport: TransportProtocol?) {
        self.setDestinationURI(Self.hopURI(host, port, transport))
    }

    static func hopURI(_ host: [UInt8], _ port: [UInt8], _ transport: TransportProtocol?) -> [UInt8] {
        var uri: [UInt8] = []
        uri.append("sip:" as StaticString)
        if let address = IPAddress(parsing: host.span, ByteRange(0, host.count)) {
            uri.append(host: address)
        } else {
            uri += host
        }
        if !port.isEmpty {
            uri.append(ASCII.colon)
            uri += port
        }
        if let transport {
            uri.append(";transport=" as StaticString)
            uri.append(transport.parameterName)
        }
        return uri
    }
}
