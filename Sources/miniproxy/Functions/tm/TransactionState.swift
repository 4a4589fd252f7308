import SIPKit

extension FunctionBodies {
    /// `t_set_fr(60000, 5000)`: other times for this transaction, in milliseconds; 0 leaves one as it is.
    static let tSetTimers = Body { arguments, context in
        if arguments.integer(0) > 0 { context.inviteTimeout = Int32(clamping: arguments.integer(0)) }
        if arguments.integer(1) > 0 { context.replyTimeout = Int32(clamping: arguments.integer(1)) }
        return .yes
    }

    /// `t_any_timeout()`, `t_branch_timeout()`: in a failure block, whether somebody, or the one whose answer won, did not
    /// answer at all. A 408 that came from afar is an answer.
    static let tAnyTimeout = Body { _, context in context.hasTimedOut ? .yes : .no }
    static let tBranchTimeout = Body { _, context in context.hasWinnerTimedOut ? .yes : .no }

    /// `t_is_canceled()`: whether the caller has hung up.
    static let tIsCanceled = Body { _, context in context.isCanceled ? .yes : .no }

    /// `t_is_branch_route("NAME")`: whether this branch block is named.
    static let tIsBranchRoute = Body { arguments, context in
        context.onBranch != nil && context.onBranch == arguments.block(0) ? .yes : .no
    }

    /// `t_precheck_trans()`, `t_retransmit_reply()`: repeats are recognised and answered before a script runs, and one
    /// message is worked on at a time, so there is never one to be seen here.
    static let never = Body { _, _ in .no }

    /// `t_release()`: ends a transaction that was made by `t_newtran` and not used.
    static let tRelease = Body { _, context in
        guard context.transaction != nil || context.effects.contains(.createTransaction) else { return .no }
        context.effects.append(.releaseTransaction)
        return .yes
    }

    /// `t_replicate("192.0.2.9", "5060")`, `t_replicate("sip:192.0.2.9")`: a copy to another server.
    static let tReplicate = Body { arguments, context in
        guard context.index.isRequest, context.index.method != .ack, context.index.method != .cancel else { return .no }
        let host = arguments.text(0)
        let isURI = host.starts(with: "sip:".utf8) || host.starts(with: "sips:".utf8)
        let uri = isURI ? host : RouteContext.hopURI(host, arguments.text(1), nil)
        let start = context.texts.count
        context.texts += uri
        context.effects.append(.replicate(to: ByteRange(start, context.texts.count)))
        return .yes
    }

    /// `t_forward_nonack("192.0.2.9", "5060")`: on with state, CANCEL like any other request.
    static let tForwardNonACK = Body { arguments, context in
        guard context.index.method != .ack else { return .no }
        if !arguments.text(0).isEmpty { context.setDestination(arguments.text(0), arguments.text(1), nil) }
        context.effects.append(.relay)
        return .yes
    }

    /// `t_relay_to("udp:192.0.2.9:5060")`; a text without a host is flags, which mean nothing here.
    static let tRelayTo = Body { arguments, context throws(ParseError) in
        var proxy = arguments.text(0)
        var transport: TransportProtocol?
        let names: [(String, TransportProtocol)] = [("udp:", .udp), ("tcp:", .tcp), ("tls:", .tls), ("sctp:", .sctp)]
        for (prefix, known) in names where proxy.starts(with: prefix.utf8) {
            transport = known
            proxy.removeFirst(prefix.utf8.count)
        }
        if !proxy.isEmpty, !proxy.starts(with: "0x".utf8) {
            let parts = HostAndPort(proxy)
            context.setDestination(parts.host, parts.port.map { Array(String($0).utf8) } ?? [], transport)
        }
        return try FunctionBodies.tRelay.call(.none, &context)
    }
}
