import SIPKit

extension FunctionBodies {
    /// `mf_process_maxfwd_header("10")`: counts Max-Forwards down, writes it where there is none, is false at zero.
    static let processMaxForwards = Body { arguments, context in
        guard let slot = context.index.firstSlot(.maxForwards) else {
            let limit = UInt64(arguments.integer(0))
            context.insertAtTop { line in
                line.append("Max-Forwards: ")
                line.append(decimal: limit)
                line.append("\r\n")
            }
            return .yes
        }
        var cursor = ByteCursor(context.memory.span, context.index.slots[slot].value)
        // What cannot be read is left alone, as SER does; the sanity check before the script answers 400 for it.
        guard let arrived = try? MaxForwards(parsing: &cursor) else { return .yes }
        guard let next = arrived.afterOneHop else { return .no }
        let hops = Swift.min(Int(next.hops), context.shared.settings.maxForwardsLimit)
        context.edits.replace(context.index.slots[slot].value, decimal: UInt64(hops))
        return .yes
    }
}
