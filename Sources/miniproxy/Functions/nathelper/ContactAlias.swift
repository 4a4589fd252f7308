import SIPKit

extension FunctionBodies {
    /// `set_contact_alias()`: the sender's real address behind its Contact's URI, as `;alias=ip~port~protocol`. The Contact
    /// itself stays what the phone wrote, so that phones that compare it are content.
    static let setContactAlias = Body { _, context in
        context.addAlias(context.peer.address, ContactAlias.number(of: context.peer.transport))
    }

    /// `add_contact_alias(["ip", "port", "protocol"])`: without arguments the sender's address, where it differs from the
    /// Contact's; 2 where it does not.
    static let addContactAlias = Body { arguments, context in
        let (host, number) = (arguments.text(0), arguments.text(1))
        guard !host.isEmpty else {
            guard let contact = context.contactURI else { return .no }
            let ip = IPAddress(parsing: context.memory.span, contact.host)
            let source = context.peer.address
            if ip?.unmapped == source.ip.unmapped, contact.port ?? 5060 == source.port { return .value(2) }
            return context.addAlias(source, ContactAlias.number(of: context.peer.transport))
        }
        let names: [[UInt8]: UInt64] = [
            Array("udp".utf8): 1, Array("tcp".utf8): 2, Array("tls".utf8): 3, Array("ws".utf8): 5, Array("wss".utf8): 6,
        ]
        guard arguments.count > 2, let ip = IPAddress(parsing: host.span, ByteRange(0, host.count)),
            let port = ASCII.number(number.span, ByteRange(0, number.count), limit: 65_535),
            let kind = names[arguments.text(2).map(ASCII.lowercased)]
        else { return .no }
        return context.addAlias(SocketAddress(ip, UInt16(truncatingIfNeeded: port)), kind)
    }

    /// `handle_ruri_alias()`: the request goes to the address in its Request-URI's `alias`, which is taken out. 2 without
    /// one.
    static let handleURIAlias = Body { arguments, context in
        let uri = context.requestURIBytes
        guard let found = ContactAlias(in: uri, last: arguments.count > 0 && arguments.integer(0) == 1) else {
            return .value(2)
        }
        guard let destination = found.destination else { return .no }
        var stripped = uri
        stripped.removeSubrange(found.place)
        context.setRequestURI(stripped)
        context.setDestinationURI(destination)
        return .yes
    }
}

/// `;alias=192.0.2.7~5070~1` in a URI.
struct ContactAlias {
    /// With the semicolon in front.
    var place: Range<Int>
    /// `nil` where the value is none.
    var destination: [UInt8]?

    /// The first one, or the last.
    init?(in uri: [UInt8], last: Bool) {
        guard let parts = try? URIRanges(parsing: uri.span, ByteRange(0, uri.count)), !parts.parameters.isEmpty else {
            return nil
        }
        var found: Range<Int>?
        var start = parts.parameters.start
        for at in parts.parameters.start...parts.parameters.end
        where at == parts.parameters.end || uri[at] == ASCII.semicolon {
            if uri[start..<at].starts(with: Self.name), last || found == nil { found = start..<at }
            start = at + 1
        }
        guard let found else { return nil }
        self.place = (found.lowerBound - 1)..<found.upperBound
        let words = uri[found].dropFirst(Self.name.count).split(
            separator: UInt8(ascii: "~"), omittingEmptySubsequences: false
        ).map { Array($0) }
        guard words.count == 3, words[2].count == 1 else { return }
        let (host, number) = (words[0], words[1])
        guard let ip = IPAddress(parsing: host.span, ByteRange(0, host.count)),
            let port = ASCII.number(number.span, ByteRange(0, number.count), limit: 65_535), port > 0,
            let transport = Self.transport(words[2][0])
        else { return }
        self.destination = Peer(SocketAddress(ip, UInt16(truncatingIfNeeded: port)), transport).uri
    }

    private static let name = Array("alias=".utf8)

    /// Kamailio's numbers of protocols.
    static func number(of transport: TransportProtocol) -> UInt64 {
        switch transport {
        case .udp: 1
        case .tcp: 2
        case .tls: 3
        case .ws: 5
        case .wss: 6
        case .sctp: 4
        }
    }

    private static func transport(_ digit: UInt8) -> TransportProtocol? {
        switch digit {
        case UInt8(ascii: "1"): .udp
        case UInt8(ascii: "2"): .tcp
        case UInt8(ascii: "3"): .tls
        case UInt8(ascii: "5"): .ws
        case UInt8(ascii: "6"): .wss
        default: nil
        }
    }
}

extension RouteContext {
    fileprivate mutating func addAlias(_ address: SocketAddress, _ kind: UInt64) -> FunctionResult {
        guard !self.isContactFixed, let value = self.index.first(.contact), let contact = self.contactURI, contact.isSIP
        else { return .no }
        self.isContactFixed = true
        let bytes = self.memory.span
        // Headers of a URI stand behind its parameters.
        let end = contact.headers.isEmpty ? contact.whole.end : contact.headers.start - 1
        // Without angle brackets the parameter would be the header's and not the URI's (RFC 3261 §20.10).
        let isBare = contact.whole.start == value.start || bytes[contact.whole.start - 1] != ASCII.less
        if isBare { self.edits.insert(at: contact.whole.start) { $0.append(ASCII.less) } }
        self.edits.insert(at: end) { output in
            output.append(";alias=" as StaticString)
            output += address.ip.unmapped.description.utf8
            output.append(UInt8(ascii: "~"))
            output.append(decimal: UInt64(address.port))
            output.append(UInt8(ascii: "~"))
            output.append(decimal: kind)
        }
        if isBare { self.edits.insert(at: contact.whole.end) { $0.append(ASCII.greater) } }
        return .yes
    }
}
