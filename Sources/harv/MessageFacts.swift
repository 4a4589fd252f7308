import SIPKit
import SIPTrace

/// What one message says by itself, taken down while its header table is there: everything that the analyser wants of it,
/// so that nobody looks at the table again.
///
/// Reading makes it, on the core that has the message in its cache; whoever is at work on the next stage gets numbers,
/// hashes, and a few places in the bytes (decision 0098).
struct MessageFacts: Sendable {
    var identity: MessageIdentity
    var isRequest: Bool
    /// 0 in a request.
    var status: UInt16
    /// The request's method; for a response `.other`.
    var method: SIPMethod
    /// The method's name, where it is none of those that the library knows.
    var methodRange = ByteRange.none
    /// What holds for the message whatever part it plays.
    var traits: ExchangeRecord.Traits = []
    /// What holds besides when it is seen for the first time, and when it is a copy that a server passed on.
    var traitsOfFirst: ExchangeRecord.Traits = []
    var traitsOfRelayed: ExchangeRecord.Traits = []
    /// What the SDP says, where it is of the plainest kind.
    var sketch = SessionSketch()
    /// -1 where there is none.
    var maxForwards: Int16 = -1
    var server: Name?
    var userAgent: Name?
    /// The route label (P-hint); empty where there is none.
    var hint = ByteRange.none
    /// How often the message shows its sender to be a server: see ``NodeLearner``.
    var nodePoints = 0
    /// The hash of To in what a prober would send.
    var user: UInt64 = 0
    /// Whom an INVITE without a To tag asks for (``CallContext/identity(_:_:seed:)``).
    var target: UInt64?

    /// A text that many messages have, with its hash.
    struct Name: Sendable {
        var hash: UInt64
        var range: ByteRange
    }

    /// - Parameters:
    ///   - index: the header table of `bytes`.
    ///   - registration: gets what a REGISTER, or a 2xx to one, says of its binding.
    init(
        _ index: borrowing MessageIndex, _ bytes: Span<UInt8>, _ origin: MessageOrigin, repairs: TextRepairs,
        seed: UInt64, registration: inout RegistrationNote?
    ) {
        self.identity = MessageIdentity(index, bytes, from: origin.source, to: origin.destination, seed: seed)
        registration = RegistrationNote(index, bytes, self.identity, seed: seed)
        self.isRequest = index.isRequest
        self.status = UInt16(truncatingIfNeeded: index.statusCode)
        self.method = index.method
        if index.isRequest, index.method == .other { self.methodRange = index.methodRange }
        if let value = index.first(.server) {
            self.server = Name(hash: IdentityHash.of(bytes, value, seed: seed), range: value)
        }
        if let value = index.first(.userAgent) {
            self.userAgent = Name(hash: IdentityHash.of(bytes, value, seed: seed), range: value)
        }
        if let value = index.first(.pHint) { self.hint = value }
        if let value = index.first(.maxForwards), let hops = ASCII.number(bytes, value, limit: 255) {
            self.maxForwards = Int16(hops)
        }
        self.noteBody(index, bytes)
        self.noteHeaders(index, bytes)
        self.noteCapture(origin, repairs)
        self.noteTopVia(index, bytes, origin.source, registration)
        self.noteWhom(index, bytes, seed)
    }

    private mutating func noteBody(_ index: borrowing MessageIndex, _ bytes: Span<UInt8>) {
        let available = index.end - index.bodyStart
        let length = index.first(.contentLength).flatMap { ASCII.number(bytes, $0, limit: 0xFF_FFFF) }
        if let length, length != available {
            if length > available { self.traits.insert(.isCut) }
            self.traits.insert(.mayBeHalfRewritten)
        }
        guard available > 0 else { return }
        self.traits.insert(.hasBody)
        guard available > 2, bytes[index.bodyStart] == 0x76, bytes[index.bodyStart + 1] == ASCII.equals else { return }
        self.traits.insert(.hasSession)
        let used = min(available, length.map { Int($0) } ?? available)
        let glance = SessionGlance(bytes, ByteRange(index.bodyStart, index.bodyStart + used))
        if glance.hasPrivateMedia { self.traitsOfRelayed.insert(.hasPrivateMedia) }
        if glance.hasOddCodecs { self.traits.insert(.hasOddCodecs) }
        if glance.isHalfPublic { self.traits.insert(.mayBeHalfRewritten) }
        self.sketch = glance.sketch
    }

    private mutating func noteHeaders(_ index: borrowing MessageIndex, _ bytes: Span<UInt8>) {
        if index.contains(.authorization) { self.traits.formUnion([.hasCredentials, .hasAuthorization]) }
        if index.contains(.proxyAuthorization) { self.traits.formUnion([.hasCredentials, .hasProxyAuthorization]) }
        if index.contains(.sessionExpires) { self.traits.insert(.hasSessionExpires) }
        if let route = index.first(.route) {
            self.traits.insert(.hasRoute)
            let end = bytes.firstIndex(of: ASCII.greater, in: route) ?? route.end
            if !bytes.holds(ByteRange(route.start, end), ";lr") { self.traits.insert(.hasStrictRoute) }
        }
        if index.contains(.recordRoute) { self.traits.insert(.hasRecordRoute) }
        if index.contains(.warning) { self.traits.insert(.hasWarning) }
        if index.contains(.date) { self.traits.insert(.hasDate) }
        if self.identity.viaCount > 1, index.isRequest, Self.namesTransport(index, bytes) {
            self.traits.insert(.namesTransport)
        }
        if let contact = index.first(.contact), Glance.mayBePrivate(bytes, contact) {
            self.traitsOfRelayed.insert(.hasPrivateContact)
        }
        if index.statusCode == 401 || index.statusCode == 407 {
            if Self.isStale(index, bytes) { self.traits.insert(.isStale) }
            if let warning = index.first(.warning), Glance.namesTwoHosts(bytes, warning) {
                self.traits.insert(.namesTwoHosts)
            }
        }
    }

    private mutating func noteCapture(_ origin: MessageOrigin, _ repairs: TextRepairs) {
        if repairs.isMangled { self.traits.insert(.isMangled) }
        if origin.isTruncated { self.traits.insert(.isCut) }
        if self.identity.isIncomplete { self.traits.insert(.isIncomplete) }
        if self.identity.lacksReceived { self.traits.insert(.lacksReceived) }
        if !self.identity.hasCookie { self.traits.insert(.hasOldBranch) }
    }

    /// Compares the address on top of the Vias with the one that the message came from.
    private mutating func noteTopVia(
        _ index: borrowing MessageIndex, _ bytes: Span<UInt8>, _ source: SocketAddress,
        _ registration: RegistrationNote?
    ) {
        let isCopy = self.identity.viaCount > 1
        let host = index.isRequest || isCopy ? IPAddress(parsing: bytes, self.identity.topHost) : nil
        if isCopy, host == source.ip { self.nodePoints += 1 }
        if let warning = index.first(.warning), NodeLearner.names(bytes, warning, source.ip) { self.nodePoints += 1 }
        guard index.isRequest, let host else { return }
        let port = self.identity.topPort ?? 5060
        if !isCopy, self.identity.viaCount == 1, self.method == .invite || self.method == .register,
            Self.contactDiffers(index, bytes, SocketAddress(host, port), source, registration)
        {
            self.traitsOfFirst.insert(.mayBeHalfRewritten)
        }
        if host.isPrivate || host.isLoopback { self.traits.insert(.hasPrivateVia) }
        if host != source.ip {
            self.traits.insert(.hasOtherVia)
        } else if port != source.port {
            self.traits.insert(.hasOtherPort)
        }
    }

    private mutating func noteWhom(_ index: borrowing MessageIndex, _ bytes: Span<UInt8>, _ seed: UInt64) {
        guard index.isRequest, self.identity.toTag == 0 else { return }
        if self.isProbeable, let to = index.first(.to) { self.user = IdentityHash.of(bytes, to, seed: seed) }
        if self.method == .invite, let uri = try? URIRanges(parsing: bytes, index.requestURI), !uri.user.isEmpty {
            self.target = CallContext.identity(bytes, uri, seed: seed)
        }
    }

    /// Whether it is a request such as probers send: one from outside that begins something.
    var isProbeable: Bool {
        self.isRequest && self.identity.viaCount == 1 && self.identity.toTag == 0
            && (self.method == .invite || self.method == .register || self.method == .options)
    }

    /// Whether the Contact is of another kind than the Via, private or public, or Contact, Via and packet have three ports.
    private static func contactDiffers(
        _ index: borrowing MessageIndex, _ bytes: Span<UInt8>, _ via: SocketAddress, _ source: SocketAddress,
        _ registration: RegistrationNote?
    ) -> Bool {
        guard
            let contact = registration != nil
                ? registration?.address : index.first(.contact).flatMap({ Self.address(bytes, $0) })
        else { return false }
        if contact.ip.isPrivate != via.ip.isPrivate { return true }
        return via.ip == source.ip && contact.ip == source.ip && via.port != contact.port && via.port != source.port
            && contact.port != source.port
    }

    /// The first address of a line, where its host is written as one.
    private static func address(_ bytes: Span<UInt8>, _ value: ByteRange) -> SocketAddress? {
        if let usual = UsualAddress(bytes, value) {
            return IPAddress(parsing: bytes, usual.host).map { SocketAddress($0, usual.port ?? 5060) }
        }
        var cursor = ByteCursor(bytes, value)
        guard let address = try? AddressRanges(parsing: &cursor), let uri = try? URIRanges(parsing: bytes, address.uri),
            let host = IPAddress(parsing: bytes, uri.host)
        else { return nil }
        return SocketAddress(host, uri.port ?? 5060)
    }

    private static func namesTransport(_ index: borrowing MessageIndex, _ bytes: Span<UInt8>) -> Bool {
        bytes.holds(index.requestURI, "transport=")
            || index.first(.route).map { bytes.holds($0, "transport=") } ?? false
    }

    private static func isStale(_ index: borrowing MessageIndex, _ bytes: Span<UInt8>) -> Bool {
        guard let challenge = index.first(.wwwAuthenticate) ?? index.first(.proxyAuthenticate) else { return false }
        return bytes.holds(challenge, "stale=true") || bytes.holds(challenge, "stale=\"true")
    }
}
