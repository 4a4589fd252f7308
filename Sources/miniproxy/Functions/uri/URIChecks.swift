import SIPKit

extension FunctionBodies {
    /// `has_totag()`: whether To has a tag, so that the request is inside a dialog.
    static let hasToTag = Body { _, context in context.to.tag.isEmpty ? .no : .yes }

    /// `is_method("INVITE|SUBSCRIBE")`: whether the method is one of these; of a reply the one in its CSeq.
    static let isMethod = Body { arguments, context in
        let bytes = context.memory.span
        let method = context.index.isRequest ? context.index.methodRange : context.cSeq.methodRange
        let list = arguments.text(0)
        var start = 0
        while start <= list.count {
            let end = list[start...].firstIndex(of: 0x7C) ?? list.count
            if bytes.equals(method, list.span, ByteRange(start, end)) { return .yes }
            start = end + 1
        }
        return .no
    }
}
