import SIPKit

extension FunctionBodies {
    /// `load_gws()`, `load_gws("1")`: leaves the gateways for the number in attributes, the first to be tried on top.
    static let loadGateways = Body { arguments, context throws(ParseError) in
        guard let tables = context.shared.persistence.gateways else { return .no }
        let number = arguments.count > 1 ? arguments.text(1) : try context.requestUser().user
        let from = arguments.count > 2 ? arguments.text(2) : context.memory.span.copy(context.from.uri)
        guard !number.isEmpty else { return .no }
        var chance = KeyedHash(key: context.shared.secrets.tags)
        chance.combine(context.memory.span, context.callID)
        let found = tables.gateways(
            for: number, from: from, uri: context.requestURIBytes, list: arguments.list, chance: chance)
        let name = context.shared.settings.store.lcr.gatewayAttribute
        _ = context.attributes.remove(name)
        for gateway in found.reversed() where !context.attributes.add(name, .text(gateway.uri(for: number))) {
            return .no
        }
        return found.isEmpty ? .no : .yes
    }

    /// `next_gw()`: the next of them becomes the Request-URI. In a failure block the one before has failed.
    static let nextGateway = Body { _, context in
        let name = context.shared.settings.store.lcr.gatewayAttribute
        guard case .text(let uri)? = context.attributes.first(name) else { return .no }
        _ = context.attributes.remove(name, all: false)
        context.setRequestURI(uri)
        context.setDestinationURI([])
        return .yes
    }

    /// `from_gw()`: whether the sender's address is a gateway's.
    static let fromGateway = Body { arguments, context in
        guard let tables = context.shared.persistence.gateways else { return .no }
        let address =
            arguments.count > 1
            ? arguments.text(1) : Array(String(describing: context.peer.address.ip.unmapped).utf8)
        return tables.contains(address, list: arguments.list) ? .yes : .no
    }

    /// `to_gw()`: whether the Request-URI's host is a gateway's.
    static let toGateway = Body { arguments, context throws(ParseError) in
        guard let tables = context.shared.persistence.gateways else { return .no }
        let host = arguments.count > 1 ? arguments.text(1) : try context.requestUser().domain
        return tables.contains(host, list: arguments.list) ? .yes : .no
    }
}

extension PreparedArguments {
    /// SER has one list of gateways; Kamailio numbers them.
    fileprivate var list: Int {
        let text = self.text(0)
        return ASCII.number(text.span, ByteRange(0, text.count), limit: 65_535).map { Int($0) } ?? 0
    }
}
