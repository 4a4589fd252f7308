import SIPKit

extension FunctionBodies {
    /// `force_tcp_alias()`, `force_tcp_alias(5060)`: requests for the port in the topmost Via, or this one, go over the
    /// connection that the request came over (LANGUAGE.md §9). True where nothing is to be done: over UDP.
    static let forceTCPAlias = Body { arguments, context in
        let peer = context.peer
        guard peer.transport.isReliable, peer.connection != 0 else { return .yes }
        let given = UInt16(clamping: arguments.integer(0))
        let wanted = given > 0 ? given : context.via.port
        let port = wanted ?? peer.transport.defaultPort
        return context.shared.connections?.addAlias(peer.connection, port: port) == true ? .yes : .no
    }

    /// `set_reply_close()`: the connection that the request came over is closed behind the final answer.
    static let setReplyClose = Body { _, context in
        context.replyConnection.insert(.closes)
        return .yes
    }

    /// `set_reply_no_connect()`: an answer whose connection has gone opens no other.
    static let setReplyNoConnect = Body { _, context in
        context.replyConnection.insert(.opensNone)
        return .yes
    }
}
