import SIPKit

extension FunctionBodies {
    /// `t_on_failure("1")`: the block that runs when all branches have failed; "0" disarms.
    static let tOnFailure = Body { arguments, context in
        context.onFailure = arguments.block(0)
        return .yes
    }

    /// `t_on_reply("1")`: the block that runs for each reply.
    static let tOnReply = Body { arguments, context in
        context.onReply = arguments.block(0)
        return .yes
    }

    /// `t_on_branch("1")`: the block that runs before each branch is sent.
    static let tOnBranch = Body { arguments, context in
        context.onBranch = arguments.block(0)
        return .yes
    }

    /// `t_check_status("48[67]")`: matches the status of the reply, or of the best one in a failure block.
    static let tCheckStatus = Body { arguments, context in
        guard let pattern = arguments.pattern(0), context.status > 0 else { return .no }
        var digits: [UInt8] = []
        digits.append(decimal: UInt64(context.status))
        return pattern.matches(digits.span) ? .yes : .no
    }
}
