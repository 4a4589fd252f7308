import SIPKit

extension FunctionBodies {
    /// `search("^Contact:[ ]*\*")`: over the message as it was received, start line and body included.
    static let search = Body { arguments, context in
        guard let pattern = arguments.pattern(0) else { return .no }
        return pattern.matches(context.memory.span) ? .yes : .no
    }

    static let searchBody = Body { arguments, context in
        guard let pattern = arguments.pattern(0) else { return .no }
        let body = context.index.body(context.memory.span)
        return pattern.matches(context.memory.span.extracting(body.indices)) ? .yes : .no
    }

    /// `search_hf("Contact", "expires=0", "a")`: the first header of that name, or all of them.
    static let searchHeader = Body { arguments, context in
        guard let pattern = arguments.pattern(1) else { return .no }
        let looksAtAll = arguments.text(2).contains(UInt8(ascii: "a"))
        for slot in context.slots(named: arguments.text(0)) {
            if pattern.matches(context.memory.span.extracting(context.index.slots[slot].value.indices)) { return .yes }
            if !looksAtAll { break }
        }
        return .no
    }
}

extension RouteContext {
    /// The lines of a header, by its name in any case or its compact form.
    func slots(named name: [UInt8]) -> [Int] {
        let bytes = self.memory.span
        let id = HeaderID.recognize(name.span, ByteRange(0, name.count))
        return self.index.slots.indices.filter { place in
            let slot = self.index.slots[place]
            if id != .other { return slot.id == id }
            guard slot.name.count == name.count else { return false }
            return name.indices.allSatisfy {
                ASCII.lowercased(bytes[slot.name.start + $0]) == ASCII.lowercased(name[$0])
            }
        }
    }
}
