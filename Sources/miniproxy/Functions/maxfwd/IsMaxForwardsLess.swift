import SIPKit

extension FunctionBodies {
    /// `is_maxfwd_lt("3")`: whether the request has fewer hops left than that.
    static let isMaxForwardsLess = Body { arguments, context throws(ParseError) in
        guard let value = context.index.first(.maxForwards) else { return .no }
        var cursor = ByteCursor(context.memory.span, value)
        return try Int(MaxForwards(parsing: &cursor).hops) < arguments.integer(0) ? .yes : .no
    }
}
