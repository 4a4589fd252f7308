import SIPKit

extension FunctionBodies {
    /// `allow_routing()`: whether the files let From call where the request goes.
    static let allowRouting = Body { arguments, context throws(ParseError) in
        let persistence = context.shared.persistence
        let names = PermissionFiles.names(arguments, persistence.settings.trusted)
        let from = try RouteContext.plain(context.memory.span.copy(context.from.uri))
        var targets = [context.requestURIBytes]
        if persistence.settings.trusted.checksAllBranches {
            for place in 0..<context.appended.count {
                targets.append(context.appended.texts.span.copy(context.appended[place].uri))
            }
        }
        for target in targets
        where !persistence.permissionFiles.allows(from, try RouteContext.plain(target), by: names) {
            return .no
        }
        return .yes
    }

    /// `allow_register()`: whether the files let To register each of the request's contacts.
    static let allowRegister = Body { arguments, context throws(ParseError) in
        let persistence = context.shared.persistence
        let names = PermissionFiles.names(arguments, persistence.settings.trusted)
        let bytes = context.memory.span
        let to = try RouteContext.plain(bytes.copy(context.to.uri))
        var slot = context.index.firstSlot(.contact)
        while let place = slot {
            let value = context.index.slots[place].value
            var cursor = ByteCursor(bytes, value)
            while !cursor.isAtEnd, !(value.count == 1 && bytes[value.start] == ASCII.star) {
                let contact = try RouteContext.plain(bytes.copy(try AddressRanges(parsing: &cursor).uri))
                guard persistence.permissionFiles.allows(to, contact, by: names) else { return .no }
            }
            slot = context.index.nextSlot(after: place)
        }
        return .yes
    }
}

extension RouteContext {
    /// `sip:user@host` of a URI, which is what the files' expressions are compared with.
    static func plain(_ uri: [UInt8]) throws(ParseError) -> [UInt8] {
        let parts = try URIRanges(parsing: uri.span, ByteRange(0, uri.count))
        let user = uri.span.copy(parts.user)
        return Array("sip:".utf8) + (user.isEmpty ? [] : user + [ASCII.at]) + uri.span.copy(parts.host)
    }
}
