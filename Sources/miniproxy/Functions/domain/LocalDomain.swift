import SIPKit

extension FunctionBodies {
    /// `is_uri_host_local()`: whether the host of the Request-URI is one of the served domains.
    static let isURIHostLocal = Body { _, context throws(ParseError) in
        try context.withRequestURI { (bytes) throws(ParseError) in
            let uri = try URIRanges(parsing: bytes, ByteRange(0, bytes.count))
            return context.shared.isServed(bytes.copy(uri.host))
        } ? .yes : .no
    }

    /// `is_from_local()`: the same for the host of From.
    static let isFromLocal = Body { _, context throws(ParseError) in
        let uri = try URIRanges(parsing: context.memory.span, context.from.uri)
        return context.shared.isServed(context.memory.span.copy(uri.host)) ? .yes : .no
    }

    static let isDomainLocal = Body { arguments, context in
        context.shared.isServed(arguments.text(0)) ? .yes : .no
    }
}

extension ProxyState {
    /// Whether a domain was named as ours. Our own address is only when it was named: not the same as `uri==myself`.
    func isServed(_ host: [UInt8]) -> Bool {
        let name = host.map(ASCII.lowercased)
        return self.selves.domains.contains(name)
    }
}
