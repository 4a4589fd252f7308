import SIPKit

extension FunctionBodies {
    /// `replace("old", "new")`: the first match in headers and body. The start line has functions of its own.
    static let replace = Body { arguments, context in
        guard let pattern = arguments.pattern(0) else { return .no }
        return context.replaceMatches(of: pattern, with: arguments.text(1), all: false)
    }

    static let replaceAll = Body { arguments, context in
        guard let pattern = arguments.pattern(0) else { return .no }
        return context.replaceMatches(of: pattern, with: arguments.text(1), all: true)
    }

    /// `search_append("re", "text")`: inserts behind the first match.
    static let searchAppend = Body { arguments, context in
        guard let pattern = arguments.pattern(0),
            let match = pattern.firstMatch(in: context.memory.span, from: context.index.headersStart)?[0]
        else { return .no }
        let text = arguments.text(1)
        context.edits.insert(at: match.upperBound) { $0 += text }
        context.edits.fixLength(of: context.index, in: context.memory.span)
        return .yes
    }

    /// `subst("/old\(x\)/new\1/ig")`.
    static let substitute = Body { arguments, context in
        guard let substitution = arguments.substitution(0) else { return .no }
        let start = context.index.headersStart
        let edits = substitution.edits(in: context.memory.span.extracting(start..<context.memory.count))
        guard !edits.isEmpty else { return .no }
        for edit in edits {
            let range = ByteRange(start + edit.range.lowerBound, start + edit.range.upperBound)
            context.edits.replace(range) { $0 += edit.text }
        }
        context.edits.fixLength(of: context.index, in: context.memory.span)
        return .yes
    }

    /// `subst_uri("/^sip:([0-9]+)@/sip:00\1@/")`: false where nothing matches.
    static let substituteURI = Body { arguments, context throws(ParseError) in
        guard let substitution = arguments.substitution(0),
            let uri = try context.withRequestURI({ (bytes) throws(ParseError) in substitution.apply(to: bytes) })
        else { return .no }
        context.setRequestURI(uri)
        return .yes
    }

    static let substituteUser = Body { arguments, context throws(ParseError) in
        guard let substitution = arguments.substitution(0) else { return .no }
        var isFound = false
        let result = try context.changeRequestURI { uri in
            let old = uri.user ?? []
            guard let user = substitution.apply(to: old.span) else { return }
            isFound = true
            uri.user = user
        }
        return isFound ? result : .no
    }
}

extension RouteContext {
    fileprivate mutating func replaceMatches(of pattern: PatternMatcher, with text: [UInt8], all: Bool)
        -> FunctionResult
    {
        var from = self.index.headersStart
        var isFound = false
        while let match = pattern.firstMatch(in: self.memory.span, from: from)?[0] {
            isFound = true
            self.edits.replace(ByteRange(match.lowerBound, match.upperBound)) { $0 += text }
            from = match.isEmpty ? match.upperBound + 1 : match.upperBound
            if !all { break }
        }
        guard isFound else { return .no }
        self.edits.fixLength(of: self.index, in: self.memory.span)
        return .yes
    }
}
