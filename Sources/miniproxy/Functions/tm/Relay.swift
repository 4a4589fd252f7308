import SIPKit

extension FunctionBodies {
    /// `t_relay()`: sends the request on with a transaction (FUNCTIONS.md §2).
    ///
    /// A CANCEL stops the branches of its INVITE; the ACK of a 2xx goes on without state; everything else becomes a
    /// transaction with a branch for the Request-URI and for each appended one.
    static let tRelay = Body { arguments, context in
        // `t_relay("host", "port")` of modern scripts; one argument alone is flags.
        if arguments.count == 2 { context.setDestination(arguments.text(0), arguments.text(1), nil) }
        switch context.index.method {
        case .ack:
            context.effects.append(.forwardStateless)
            return .stop
        case .cancel where context.inviteTransaction != nil:
            context.effects.append(.cancelInvite)
            return .yes
        default:
            if context.block == .failure, context.appended.isEmpty, !context.isRewritten || context.isRequestURIUsed {
                return .no
            }
            context.effects.append(.relay)
            return .yes
        }
    }

    /// `t_newtran()`: makes the transaction and sends nothing yet.
    static let tNewTransaction = Body { _, context in
        guard context.index.method != .ack else { return .yes }
        guard context.transaction == nil, !context.effects.contains(.createTransaction) else {
            context.log(-1, Array("t_newtran: transaction already in process\n".utf8))
            return .no
        }
        context.effects.append(.createTransaction)
        return .yes
    }

    /// `t_reply("404", "Not Found")`: answers through the transaction.
    static let tReply = Body { arguments, context in
        let hasTransaction =
            context.transaction != nil || context.block == .failure || context.effects.contains(.createTransaction)
        guard hasTransaction, context.index.method != .ack else { return .no }
        context.reply(arguments.integer(0), reason: arguments.text(1), stateful: true)
        return .yes
    }

    /// `t_check_trans()`: whether this CANCEL or ACK belongs to a transaction. Repeats never come here: they are
    /// answered before a script runs.
    static let tCheckTransaction = Body { _, context in
        context.transaction != nil || context.inviteTransaction != nil ? .yes : .no
    }
}
