import SIPKit
import SIPTrace

/// What a REGISTER, or the 2xx to one, says about a binding: read once, while the header table is there.
///
/// Registrations are most of a night's conversations and ask the same things again and again: reading the kept bytes anew
/// for each rule and ledger was a sixth of all work. What is not as usual is not in here; who needs it reads the message.
struct RegistrationNote: Sendable, Codable {
    /// The place of the message in its conversation.
    var place: Int32 = 0
    var isRequest: Bool
    var topBranch: UInt64
    var cSeq: UInt32
    /// Whom it registers, as ledgers know him (``CallContext/identity(_:_:seed:)``); `nil` where that cannot be read.
    var user: UInt64?
    /// The hashes of the whole To URI and of its host; 0 where they cannot be read.
    var addressOfRecord: UInt64 = 0
    var domain: UInt64 = 0
    /// How many Contacts it has, as far as they can be read.
    var count = 0
    /// Host and port of the first one, hashed as they stand there; 0 where they cannot be read.
    var contact: UInt64 = 0
    /// The same as an address, where it is one.
    var address: SocketAddress?
    /// How long the binding is granted for, in seconds: the Contact's own `expires`, else the header, else an hour.
    var seconds: Int64 = 3600
    /// The first number that the Contact's line, else the header, gives for it.
    var written: UInt64?
    var hasReceived = false

    /// - Returns: `nil` for what is neither a REGISTER nor a 2xx to one.
    init?(_ index: borrowing MessageIndex, _ bytes: Span<UInt8>, _ identity: MessageIdentity, seed: UInt64) {
        guard identity.method == .register, index.isRequest || index.statusCode / 100 == 2 else { return nil }
        self.isRequest = index.isRequest
        self.topBranch = identity.topBranch
        self.cSeq = identity.cSeq
        if self.isRequest, let value = index.first(.to) { self.readUser(bytes, value, seed) }
        guard let slot = index.firstSlot(.contact) else { return }
        let value = index.slots[slot].value
        let header = index.first(.expires)
        if !self.isRequest {
            self.written = Self.expires(bytes, value) ?? header.flatMap { ASCII.number(bytes, $0, limit: 1 << 31) }
        }
        if let usual = UsualAddress(bytes, value), self.takeUsual(bytes, usual, value) {
            self.count = index.nextSlot(after: slot) != nil ? 2 : 1
            self.contact = IdentityHash.of(bytes, usual.hostPort, seed: seed)
            self.address = IPAddress(parsing: bytes, usual.host).map { SocketAddress($0, usual.port ?? 5060) }
            return
        }
        var cursor = ByteCursor(bytes, value)
        guard let first = try? AddressRanges(parsing: &cursor) else { return }
        self.count = first.isFollowed || index.nextSlot(after: slot) != nil ? 2 : 1
        if let uri = try? URIRanges(parsing: bytes, first.uri) {
            self.contact = IdentityHash.of(bytes, uri.hostPort, seed: seed)
            self.address = IPAddress(parsing: bytes, uri.host).map { SocketAddress($0, uri.port ?? 5060) }
        }
        guard !self.isRequest else { return }
        let expires = first.parameter("expires", in: bytes) ?? header
        self.seconds = expires.flatMap { ASCII.number(bytes, $0, limit: 0xFFFF_FFFF) }.map { Int64($0) } ?? 3600
        self.hasReceived = first.parameter("received", in: bytes) != nil
    }

    /// Takes a Contact that has nothing behind it, or its time alone.
    private mutating func takeUsual(_ bytes: Span<UInt8>, _ contact: UsualAddress, _ value: ByteRange) -> Bool {
        let rest = ByteRange(contact.end, value.end)
        if self.isRequest {
            return rest.isEmpty
                || bytes[rest.start] == ASCII.semicolon && bytes.firstIndex(of: ASCII.comma, in: rest) == nil
                    && bytes.firstIndex(of: ASCII.quote, in: rest) == nil
        }
        let number = ByteRange(contact.end + 9, value.end)
        guard contact.end + 9 < value.end, bytes.equals(ByteRange(contact.end, contact.end + 9), ";expires="),
            let seconds = ASCII.number(bytes, number, limit: 0xFFFF_FFFF)
        else { return false }
        self.seconds = Int64(seconds)
        return true
    }

    private mutating func readUser(_ bytes: Span<UInt8>, _ value: ByteRange, _ seed: UInt64) {
        if let usual = UsualAddress(bytes, value), usual.end == value.end || bytes[usual.end] == ASCII.semicolon {
            self.addressOfRecord = IdentityHash.of(bytes, usual.uri, seed: seed)
            self.domain = IdentityHash.of(bytes, usual.host, seed: seed)
            self.user = CallContext.identity(bytes, user: usual.user, host: usual.host, seed: seed)
            return
        }
        var cursor = ByteCursor(bytes, value)
        guard let address = try? AddressRanges(parsing: &cursor) else { return }
        self.addressOfRecord = IdentityHash.of(bytes, address.uri, seed: seed)
        guard let uri = try? URIRanges(parsing: bytes, address.uri) else { return }
        self.domain = IdentityHash.of(bytes, uri.host, seed: seed)
        if !uri.user.isEmpty { self.user = CallContext.identity(bytes, uri, seed: seed) }
    }

    /// The number behind the first `;expires=` of a Contact line.
    private static func expires(_ bytes: Span<UInt8>, _ range: ByteRange) -> UInt64? {
        var at = range.start
        while let semicolon = bytes.firstIndex(of: ASCII.semicolon, in: ByteRange(at, range.end)) {
            let name = ByteRange(semicolon + 1, min(semicolon + 9, range.end))
            if bytes.equalsIgnoringCase(name, "expires=") {
                var cursor = ByteCursor(bytes, ByteRange(semicolon + 9, range.end))
                return cursor.takeNumber(limit: 1 << 31)
            }
            at = semicolon + 1
        }
        return nil
    }
}
