import SIPKit

extension FunctionBodies {
    /// `ds_select_dst("1", "0")`: sends the request to one of the set; the Request-URI stays.
    static let selectDestination = Body { arguments, context throws(ParseError) in
        guard let chosen = try context.choose(arguments) else { return .no }
        // In a failure block the same Request-URI goes out again.
        if context.block == .failure { context.setRequestURI(context.requestURIBytes) }
        context.setDestinationURI(chosen)
        return .yes
    }

    /// `ds_select_domain("1", "0")`: host and port of one of the set become those of the Request-URI.
    static let selectDomain = Body { arguments, context throws(ParseError) in
        guard let chosen = try context.choose(arguments) else { return .no }
        let target = try SIPURI(parsing: chosen.span, ByteRange(0, chosen.count))
        return try context.changeRequestURI {
            $0.host = target.host
            $0.port = target.port
        }
    }

    /// `ds_next_dst()`: the next of the set that `ds_select_dst` chose from, for a failure block.
    static let nextDestination = Body { _, context in
        let name = context.shared.persistence.dispatcher.attribute
        guard case .text(let uri)? = context.attributes.first(name) else { return .no }
        _ = context.attributes.remove(name, all: false)
        if let set = context.currentDestination?.set { context.setCurrentDestination(set, uri) }
        context.setRequestURI(context.requestURIBytes)
        context.setDestinationURI(uri)
        return .yes
    }

    /// `ds_mark_dst("p")`: the destination that was chosen last gets no more requests until it has answered a ping; with "a"
    /// it does again, with "i" not before somebody says so.
    static let markDestination = Body { arguments, context in
        guard let (set, uri) = context.currentDestination else { return .no }
        let isInactive = !arguments.text(0).contains(UInt8(ascii: "a"))
        return context.shared.persistence.dispatcher.mark(set, uri, isInactive: isInactive) ? .yes : .no
    }
}

extension RouteContext {
    /// Chooses from a set and keeps the others in attributes; `nil` for a set that has nobody.
    fileprivate mutating func choose(_ arguments: borrowing PreparedArguments) throws(ParseError) -> [UInt8]? {
        func number(_ place: Int) -> Int? {
            let text = arguments.text(place)
            return ASCII.number(text.span, ByteRange(0, text.count), limit: UInt64(Int32.max)).map { Int($0) }
        }
        guard let set = number(0) else {
            throw ParseError(.malformed, "set", expected: "a number", found: arguments.text(0))
        }
        let bytes = self.memory.span
        let key: [UInt8]?
        switch number(1) {
        case 0: key = bytes.copy(self.callID)
        case 1: key = bytes.copy(self.from.uri)
        case 2: key = bytes.copy(self.to.uri)
        case 3: key = self.requestURIBytes
        case 4: key = nil
        default:
            throw ParseError(.outOfRange, "algorithm", expected: "0 to 4", found: arguments.text(1))
        }
        let sets = self.shared.persistence.dispatcher
        self.setCurrentDestination(set, [])
        var found = sets.choose(set, hash: key.map(DispatcherSets.hash))
        if arguments.count > 2, let limit = number(2), limit > 0 { found = Array(found.prefix(limit)) }
        guard let first = found.first else { return nil }
        self.setCurrentDestination(set, first)
        _ = self.attributes.remove(sets.attribute)
        for other in found.dropFirst().prefix(32).reversed() {
            guard self.attributes.add(sets.attribute, .text(other)) else { break }
        }
        return first
    }

    private static var currentAttribute: AttributeList.Name { .text(Array("ds_current".utf8)) }

    /// The set and the destination that were chosen last, kept with the transaction.
    fileprivate var currentDestination: (set: Int, uri: [UInt8])? {
        guard case .text(let text)? = self.attributes.first(Self.currentAttribute),
            let blank = text.firstIndex(of: ASCII.space),
            let set = Int(String(decoding: text[..<blank], as: UTF8.self))
        else { return nil }
        return (set, Array(text[(blank + 1)...]))
    }

    fileprivate mutating func setCurrentDestination(_ set: Int, _ uri: [UInt8]) {
        _ = self.attributes.remove(Self.currentAttribute)
        if !uri.isEmpty { _ = self.attributes.add(Self.currentAttribute, .text(Array("\(set) ".utf8) + uri)) }
    }
}
