import SIPKit

extension FunctionBodies {
    /// `nat_uac_test("19")`: whether one of the tests says that the sender is behind NAT (FUNCTIONS.md §12).
    static let natTest = Body { arguments, context in
        context.isBehindNAT(NATTests(rawValue: arguments.integer(0))) ? .yes : .no
    }

    /// `client_nat_test("3")`: the first three of them, under mediaproxy's numbers, which are the same. nat_traversal, the
    /// later module, looks at the port of the Via as well (FUNCTIONS.md §14).
    static let clientNatTest = Body { arguments, context in
        var tests = NATTests(rawValue: arguments.integer(0) & 7)
        if tests.contains(.sourceIsNotVia), context.shared.settings.nat.comparesPort { tests.insert(.portIsNotVia) }
        return context.isBehindNAT(tests) ? .yes : .no
    }

    static let isPrivateAddress = Body { arguments, _ in
        let text = arguments.text(0)
        return IPAddress(parsing: text.span, ByteRange(0, text.count))?.isPrivate == true ? .yes : .no
    }
}

/// What may show that a sender is behind NAT.
struct NATTests: OptionSet {
    let rawValue: Int

    static let privateContact = NATTests(rawValue: 1)
    static let sourceIsNotVia = NATTests(rawValue: 2)
    static let privateVia = NATTests(rawValue: 4)
    static let privateSDP = NATTests(rawValue: 8)
    static let portIsNotVia = NATTests(rawValue: 16)
    static let privateSource = NATTests(rawValue: 32)
    static let overWebSocket = NATTests(rawValue: 64)
    static let contactPort = NATTests(rawValue: 128)
    static let sdpIsNotSource = NATTests(rawValue: 256)
    static let uriIsNotDestination = NATTests(rawValue: 512)
}

extension RouteContext {
    /// The cheap tests come first.
    func isBehindNAT(_ tests: NATTests) -> Bool {
        let bytes = self.memory.span
        let source = self.peer.address
        if tests.contains(.portIsNotVia), source.port != self.via.port ?? 5060 { return true }
        if tests.contains(.overWebSocket), self.peer.transport == .ws || self.peer.transport == .wss { return true }
        if tests.contains(.privateSource), source.ip.unmapped.isPrivate { return true }
        if !tests.isDisjoint(with: [.sourceIsNotVia, .privateVia]) {
            // A name is never equal, and never private.
            let host = IPAddress(parsing: bytes, self.via.host)
            if tests.contains(.sourceIsNotVia), host?.unmapped != source.ip.unmapped { return true }
            if tests.contains(.privateVia), host?.isPrivate == true { return true }
        }
        if !tests.isDisjoint(with: [.privateContact, .contactPort]), let contact = self.contactURI {
            if tests.contains(.privateContact), IPAddress(parsing: bytes, contact.host)?.isPrivate == true {
                return true
            }
            if tests.contains(.contactPort), contact.port ?? 5060 != source.port { return true }
        }
        // Whom it was sent to, by its sender, and where it came: another address of ours, a name, or an alias port.
        if tests.contains(.uriIsNotDestination), self.index.isRequest {
            let uri = self.requestURIBytes
            if let parts = try? URIRanges(parsing: uri.span, ByteRange(0, uri.count)), parts.isSIP,
                IPAddress(parsing: uri.span, parts.host)?.unmapped != self.destination.ip.unmapped
                    || parts.port ?? 5060 != self.destination.port
            {
                return true
            }
        }
        if !tests.isDisjoint(with: [.privateSDP, .sdpIsNotSource]) {
            for address in self.mediaAddresses {
                if tests.contains(.privateSDP), address.isPrivate { return true }
                if tests.contains(.sdpIsNotSource), address != source.ip.unmapped { return true }
            }
        }
        return false
    }

    /// The URI of the first Contact.
    var contactURI: URIRanges? {
        guard let value = self.index.first(.contact) else { return nil }
        let bytes = self.memory.span
        var cursor = ByteCursor(bytes, value)
        guard let address = try? AddressRanges(parsing: &cursor) else { return nil }
        return try? URIRanges(parsing: bytes, address.uri)
    }

    /// The session description of the body.
    var sessionDescription: SessionDescription? {
        let bytes = self.memory.span
        let body = self.index.body(bytes)
        guard !body.isEmpty, let value = self.index.first(.contentType),
            bytes.count >= value.start + 15,
            bytes.equalsIgnoringCase(ByteRange(value.start, value.start + 15), "application/sdp")
        else { return nil }
        return try? SessionDescription(parsing: bytes, body)
    }

    private var mediaAddresses: [IPAddress] {
        guard let description = self.sessionDescription else { return [] }
        let bytes = self.memory.span
        return description.connections(in: bytes).compactMap { IPAddress(parsing: bytes, $0.address) }
    }
}

extension SessionDescription {
    /// Every `c=` line, of the session and of its media.
    func connections(in bytes: Span<UInt8>) -> [Connection] {
        var all: [Connection] = []
        if let session = self.connection(in: bytes) { all.append(session) }
        for media in self.media {
            // A medium without its own has the session's.
            if let own = self.connection(of: media, in: bytes), !all.contains(own) { all.append(own) }
        }
        return all
    }
}
