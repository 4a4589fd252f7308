import SIPKit

extension FunctionBodies {
    /// `avp_copy("s:a", "s:b")`: the value, or with `/g` all values, under another name as well.
    static let avpCopy = Body { arguments, context in
        let (from, to) = (AttributeName(arguments.text(0)), AttributeName(arguments.text(1)))
        let values = context.attributes.all(from.name)
        guard !values.isEmpty else { return .no }
        for value in (from.meansAll ? values : [values[0]]).reversed() where !context.attributes.add(to.name, value) {
            return .no
        }
        return .yes
    }

    /// `avp_printf("s:a", "$ru from $si")`: sets an attribute to a text.
    static let avpPrintf = Body { arguments, context in
        context.attributes.add(AttributeName(arguments.text(0)).name, .text(arguments.text(1))) ? .yes : .no
    }

    /// `avp_subst("s:a", "/^0/+49/")`: replaces in the value.
    static let avpSubst = Body { arguments, context in
        let name = AttributeName(arguments.text(0)).name
        guard let substitution = arguments.substitution(1), let value = context.attributes.first(name),
            let changed = substitution.apply(to: value.text.span)
        else { return .no }
        _ = context.attributes.remove(name, all: false)
        return context.attributes.add(name, .text(changed)) ? .yes : .no
    }

    /// `avp_op("i:1", "add/i:2")`: add, sub, mul, div, mod with a number.
    static let avpOp = Body { arguments, context throws(ParseError) in
        let name = AttributeName(arguments.text(0)).name
        let parts = arguments.text(1).split(separator: ASCII.slash, maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, case .number(let left)? = context.attributes.first(name),
            let other = try context.attributeValue(Array(parts[1].prefix { $0 != ASCII.slash })),
            case .number(let right) = other
        else { return .no }
        let result: Int
        switch String(decoding: parts[0], as: UTF8.self) {
        case "add": result = left &+ right
        case "sub": result = left &- right
        case "mul": result = left &* right
        case "div" where right != 0: result = left.dividedReportingOverflow(by: right).partialValue
        case "mod" where right != 0: result = left.remainderReportingOverflow(dividingBy: right).partialValue
        default: return .no
        }
        _ = context.attributes.remove(name, all: false)
        return context.attributes.add(name, .number(result)) ? .yes : .no
    }
}
