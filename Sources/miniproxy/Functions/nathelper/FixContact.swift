import SIPKit

extension FunctionBodies {
    /// `fix_nated_contact()`: writes the address that the message really came from into its Contact. A second call is −1
    /// and changes nothing.
    static let fixNatedContact = Body { _, context in context.fixContact(context.peer.address) }

    /// `fix_contact()`: the same, but a phone in mediaproxy's file `sip_asymmetrics` keeps its port: it does not listen
    /// where it sends from.
    static let fixContact = Body { _, context in
        var address = context.peer.address
        if context.isAsymmetric(context.shared.asymmetricSignalling), let contact = context.contactURI {
            address.port = contact.port ?? 5060
        }
        return context.fixContact(address)
    }

    /// `fix_nated_register()`: an AVP, 42 where `received_avp` names none, holds the sender's real address; `save` keeps it with
    /// the contact.
    static let fixRegister = Body { _, context in
        let uri = context.peer.uri
        let name = context.shared.settings.receivedAttribute
        _ = context.attributes.remove(name)
        return context.attributes.add(name, .text(uri)) ? .yes : .no
    }

    /// `add_rcv_param()`: `;received="sip:ip:port"` behind the Contact.
    static let addReceivedParameter = Body { arguments, context in
        guard let value = context.index.first(.contact) else { return .no }
        var cursor = ByteCursor(context.memory.span, value)
        guard let address = try? AddressRanges(parsing: &cursor) else { return .no }
        let uri = context.peer.uri
        context.edits.insert(at: address.whole.end) { output in
            output.append(";received=\"" as StaticString)
            output += uri
            output.append(ASCII.quote)
        }
        return .yes
    }
}

extension RouteContext {
    fileprivate mutating func fixContact(_ source: SocketAddress) -> FunctionResult {
        guard !self.isContactFixed, let contact = self.contactURI, !contact.hostPort.isEmpty else { return .no }
        self.isContactFixed = true
        self.edits.replace(contact.hostPort) { output in
            output.append(host: source.ip)
            output.append(ASCII.colon)
            output.append(decimal: UInt64(source.port))
        }
        return .yes
    }

    /// What `fix_nated_register` has left for `save`. Without it, the connection that the REGISTER came over, where it
    /// came over one: a browser has no other way to be reached (RFC 7118 §8), and through a NAT nobody has (RFC 5626).
    /// `;ob` says that it is a connection, which may be gone one day.
    var receivedURI: [UInt8] {
        if case .text(let uri)? = self.attributes.first(self.shared.settings.registrar.receivedAttribute) { return uri }
        guard self.peer.transport.isReliable else { return [] }
        var uri = self.peer.uri
        uri.append(";ob" as StaticString)
        return uri
    }
}
