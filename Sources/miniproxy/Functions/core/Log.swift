import SIPKit

extension FunctionBodies {
    /// `log(1, "text")`, `log("text")`: the second at level 4, so that `debug=3` hides it.
    static let log = Body { arguments, context in
        context.log(arguments.integer(0, default: 4), arguments.text(1))
        return .yes
    }

    /// `len_gt(max_len)`: whether the message has at least that many octets.
    static let lengthGreater = Body { arguments, context in
        context.messageLength >= arguments.integer(0) ? .yes : .no
    }

    /// `error`, `exec`: of old scripts; the checker has warned.
    static let nothing = Body { _, _ in .yes }
}
