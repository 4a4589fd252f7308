import SIPKit

extension FunctionBodies {
    /// `rewriteuri("sip:bob@example.org")`: replaces the Request-URI as a whole.
    static let rewriteURI = Body { arguments, context in
        context.setRequestURI(arguments.text(0))
        return .yes
    }

    /// `rewritehost("example.org")`: port and parameters stay.
    static let rewriteHost = Body { arguments, context throws(ParseError) in
        let host = arguments.text(0)
        return try context.changeRequestURI { $0.host = host }
    }

    /// `rewritehostport("example.org:5070")`: a port that was there goes.
    static let rewriteHostPort = Body { arguments, context throws(ParseError) in
        let text = arguments.text(0)
        let parts = HostAndPort(text)
        return try context.changeRequestURI {
            $0.host = parts.host
            $0.port = parts.port
        }
    }

    static let rewritePort = Body { arguments, context throws(ParseError) in
        let port = UInt16(clamping: arguments.integer(0))
        return try context.changeRequestURI { $0.port = port }
    }

    /// `rewriteuser("bob")`: a password stays. An empty user leaves the host alone.
    static let rewriteUser = Body { arguments, context throws(ParseError) in
        let user = arguments.text(0)
        return try context.changeRequestURI { $0.user = user.isEmpty ? nil : user }
    }

    static let rewriteUserPassword = Body { arguments, context throws(ParseError) in
        let text = arguments.text(0)
        let colon = text.firstIndex(of: ASCII.colon)
        return try context.changeRequestURI {
            $0.user = Array(text[..<(colon ?? text.count)])
            $0.password = colon.map { Array(text[($0 + 1)...]) }
        }
    }

    static let revertURI = Body { _, context in
        context.revertRequestURI()
        return .yes
    }

    /// `prefix("9")`: in front of the user; a URI without one gets one.
    static let prefix = Body { arguments, context throws(ParseError) in
        let text = arguments.text(0)
        return try context.changeRequestURI { $0.user = text + ($0.user ?? []) }
    }

    /// `strip(1)`: fewer characters than that leave no user, and the result is still true.
    static let strip = Body { arguments, context throws(ParseError) in
        let count = arguments.integer(0)
        return try context.changeUser { $0.dropFirst(count) }
    }

    static let stripTail = Body { arguments, context throws(ParseError) in
        let count = arguments.integer(0)
        return try context.changeUser { $0.dropLast(count) }
    }
}

extension RouteContext {
    /// A user of which nothing is left goes with its `@` and its password: `sip:@host` is no URI (RFC 3261 §25.1).
    fileprivate mutating func changeUser(
        _ change: ([UInt8]) -> ArraySlice<UInt8>
    ) throws(ParseError) -> FunctionResult {
        try self.changeRequestURI { uri in
            guard let user = uri.user else { return }
            let rest = Array(change(user))
            uri.user = rest.isEmpty ? nil : rest
            if rest.isEmpty { uri.password = nil }
        }
    }
}

extension RouteContext {
    /// Changes the Request-URI as it is now.
    ///
    /// - Throws: ``ParseError`` for a URI that cannot be read or is no SIP URI: these functions leave `tel:` alone.
    mutating func changeRequestURI(_ change: (inout SIPURI) -> Void) throws(ParseError) -> FunctionResult {
        var uri = try self.withRequestURI { (bytes) throws(ParseError) in
            try SIPURI(parsing: bytes, ByteRange(0, bytes.count))
        }
        change(&uri)
        var writer = ByteWriter(capacity: 128)
        uri.write(to: &writer)
        self.setRequestURI(writer.bytes)
        return .yes
    }
}

/// `host`, `host:port`, `[address]:port` as functions take them.
struct HostAndPort: Equatable {
    var host: [UInt8]
    var port: UInt16?

    init(_ text: [UInt8]) {
        let bracket = text.lastIndex(of: ASCII.closeBracket) ?? -1
        guard let colon = text.lastIndex(of: ASCII.colon), colon > bracket,
            let number = ASCII.number(text.span, ByteRange(colon + 1, text.count), limit: 65_535)
        else {
            self.host = text
            return
        }
        self.host = Array(text[..<colon])
        self.port = UInt16(number)
    }
}
