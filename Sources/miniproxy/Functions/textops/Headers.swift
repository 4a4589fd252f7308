import SIPKit

extension FunctionBodies {
    /// `append_hf("P-hint: USRLOC\r\n")`: behind the last header, or behind the one that is named.
    static let appendHeader = Body { arguments, context in
        let text = arguments.text(0)
        let name = arguments.text(1)
        guard !name.isEmpty, let slot = context.slots(named: name).last else {
            context.appendLine { $0 += text }
            return .yes
        }
        context.edits.insert(at: context.index.lineEnd(slot)) { $0 += text }
        return .yes
    }

    /// `insert_hf("P-hint: x\r\n")`: before the first header, or before the one that is named.
    static let insertHeader = Body { arguments, context in
        let text = arguments.text(0)
        let name = arguments.text(1)
        guard !name.isEmpty, let slot = context.slots(named: name).first else {
            context.insertAtTop { $0 += text }
            return .yes
        }
        context.edits.insert(at: context.index.lineRange(slot).start) { $0 += text }
        return .yes
    }

    /// `append_urihf("CC-Diversion: ", "\r\n")`: with the Request-URI as it was received.
    static let appendURIHeader = Body { arguments, context in
        guard context.index.isRequest else { return .no }
        let (prefix, suffix) = (arguments.text(0), arguments.text(1))
        let uri = context.memory.span.copy(context.index.requestURI)
        context.appendLine { $0 += prefix + uri + suffix }
        return .yes
    }

    /// `append_to_reply("Date: x\r\n")`: for the replies that are made here.
    static let appendToReply = Body { arguments, context in
        context.replyHeaders += arguments.text(0)
        return .yes
    }

    static let appendTime = Body { _, context in
        var writer = ByteWriter()
        writer.write("Date: " as StaticString)
        SIPDate(secondsSince1970: context.wallTime).write(to: &writer)
        writer.write("\r\n" as StaticString)
        context.replyHeaders += writer.bytes
        return .yes
    }

    /// `remove_hf("Subject")`: every line of it, compact ones as well.
    static let removeHeader = Body { arguments, context in
        let slots = context.slots(named: arguments.text(0))
        for slot in slots { context.removeLine(slot) }
        return slots.isEmpty ? .no : .yes
    }

    static let isHeaderPresent = Body { arguments, context in
        context.slots(named: arguments.text(0)).isEmpty ? .no : .yes
    }

    /// `has_body("application/sdp")`: whether there is a body, of this type if one is named.
    static let hasBody = Body { arguments, context in
        let bytes = context.memory.span
        guard !context.index.body(bytes).isEmpty else { return .no }
        let wanted = arguments.text(0)
        guard !wanted.isEmpty else { return .yes }
        guard let value = context.index.first(.contentType) else { return .no }
        let type = bytes.copy(value).prefix { $0 != ASCII.semicolon && !ASCII.isBlank($0) }
        return type.map(ASCII.lowercased) == wanted.map(ASCII.lowercased) ? .yes : .no
    }
}
