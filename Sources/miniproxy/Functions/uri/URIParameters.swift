import SIPKit

extension FunctionBodies {
    /// `uri_param("transport", "tcp")`: whether the Request-URI has the parameter, with this value if one is given.
    static let uriParameter = Body { arguments, context throws(ParseError) in
        let (name, wanted) = (arguments.text(0), arguments.text(1))
        let value = try context.withRequestURI { (bytes) throws(ParseError) in
            try SIPURI(parsing: bytes, ByteRange(0, bytes.count)).parameter(String(decoding: name, as: UTF8.self))
        }
        guard let value else { return .no }
        if arguments.count < 2 { return .yes }
        return value.map(ASCII.lowercased) == wanted.map(ASCII.lowercased) ? .yes : .no
    }

    /// `add_uri_param("transport=tcp")`.
    static let addURIParameter = Body { arguments, context throws(ParseError) in
        let parts = String(decoding: arguments.text(0), as: UTF8.self).split(separator: "=", maxSplits: 1)
        guard let name = parts.first else { return .no }
        return try context.changeRequestURI { $0.setParameter(String(name), parts.count > 1 ? String(parts[1]) : nil) }
    }

    static let isRequest = Body { _, context in context.index.isRequest ? .yes : .no }
    static let isReply = Body { _, context in context.index.isRequest ? .no : .yes }

    /// `is_user("alice")`: whether that is the authenticated user.
    static let isUser = Body { arguments, context in
        !context.authorizedUser.isEmpty && context.authorizedUser == arguments.text(0) ? .yes : .no
    }
}
