public import SIPKit

/// Who a message is, seen from a trace: which call it belongs to, which hop it was sent on, and which message it is from
/// end to end, however many servers passed it on.
///
/// Everything is a hash or a number, so that a table over a long trace stays small. What is missing in the message is 0.
public struct MessageIdentity: Sendable, Equatable {
    /// The Call-ID.
    public var call: UInt64 = 0
    /// One message on one hop: top Via, CSeq, tags, both addresses; repeats of it are equal (RFC 3261 §17.2.3).
    public var hop: UInt64 = 0
    /// One message from its sender to its last receiver: Call-ID, From tag, CSeq, bottom Via branch; for a response
    /// also the status code and the To tag. Copies that servers pass on are equal.
    public var endToEnd: UInt64 = 0
    public var topBranch: UInt64 = 0
    public var bottomBranch: UInt64 = 0
    public var fromTag: UInt64 = 0
    public var toTag: UInt64 = 0
    public var viaCount = 0
    /// The CSeq's method, which for a request is its own.
    public var method = SIPMethod.other
    public var cSeq: UInt32 = 0
    /// Where the top Via's sent-by host stands, and its port.
    public var topHost = ByteRange.none
    public var topPort: UInt16? = nil
    /// Whether the top branch begins with RFC 3261's cookie.
    public var hasCookie = true
    /// Whether there is a second Via and it has no `received` (RFC 3261 §18.2.1).
    public var lacksReceived = false
    /// Whether a mandatory part is missing or cannot be read (Via, From, To, Call-ID, CSeq).
    public var isIncomplete = false

    public init() {}

    /// Takes the identity of a message that `index` was filled from.
    public init(
        _ index: borrowing MessageIndex, _ bytes: Span<UInt8>, from source: SocketAddress,
        to destination: SocketAddress,
        seed: UInt64
    ) {
        self.method = index.isRequest ? index.method : .other
        if let value = index.first(.callID) { self.call = IdentityHash.of(bytes, value, seed: seed) }
        self.readCSeq(index, bytes)
        if let value = index.first(.from) { self.fromTag = Self.tag(bytes, value, seed) }
        if let value = index.first(.to) { self.toTag = Self.tag(bytes, value, seed) }
        self.readVias(index, bytes, seed)
        self.isIncomplete =
            self.isIncomplete || self.call == 0 || self.viaCount == 0 || !index.contains(.from) || !index.contains(.to)

        var shared = IdentityHash(seed: seed)
        shared.mix(self.call)
        shared.mix(self.fromTag)
        shared.mix(UInt64(self.cSeq) | UInt64(self.method.rawValue) << 32 | UInt64(index.statusCode) << 40)
        if self.method == .other { shared.mix(bytes, index.methodRange) }
        if !index.isRequest {
            shared.mix(self.toTag)
            if index.statusCode < 200, let rseq = index.first(.rSeq) { shared.mix(bytes, rseq) }
        }
        var whole = shared
        whole.mix(self.bottomBranch)
        self.endToEnd = whole.value
        shared.mix(self.topBranch)
        shared.mix(source)
        shared.mix(destination)
        // A provisional answer may come again with a body: that is another message and no repeat.
        if !index.isRequest, index.statusCode < 200 { shared.mix(UInt64(index.end &- index.bodyStart)) }
        self.hop = shared.value
    }

    private mutating func readCSeq(_ index: borrowing MessageIndex, _ bytes: Span<UInt8>) {
        guard let value = index.first(.cSeq) else {
            self.isIncomplete = true
            return
        }
        var cursor = ByteCursor(bytes, value)
        guard let cSeq = try? CSeq(parsing: &cursor) else {
            self.isIncomplete = true
            return
        }
        self.cSeq = cSeq.number
        if index.isRequest, cSeq.method != index.method { self.isIncomplete = true }
        if !index.isRequest { self.method = cSeq.method }
    }

    private mutating func readVias(_ index: borrowing MessageIndex, _ bytes: Span<UInt8>, _ seed: UInt64) {
        guard let slot = index.firstSlot(.via) else { return }
        let first = index.slots[slot].value
        if let top = UsualVia(bytes, first) {
            self.topHost = top.host
            self.topPort = top.port
            self.hasCookie = bytes.equalsIgnoringCase(ByteRange(top.branch.start, top.branch.start &+ 7), "z9hg4bk")
            self.viaCount = 1
            var hash = IdentityHash(seed: seed)
            hash.mix(bytes, top.hostPort)
            hash.mix(bytes, top.branch)
            self.topBranch = hash.value
            self.bottomBranch = IdentityHash.of(bytes, self.lastBranch(index, bytes, slot, top.branch), seed: seed)
            return
        }
        var cursor = ByteCursor(bytes, first)
        guard let top = try? ViaRanges(parsing: &cursor) else {
            self.isIncomplete = true
            return
        }
        self.topHost = top.host
        self.topPort = top.port
        self.hasCookie = top.hasMagicCookie(in: bytes)
        self.viaCount = 1
        var hash = IdentityHash(seed: seed)
        hash.mix(bytes, top.hostPort)
        hash.mix(bytes, top.branch)
        self.topBranch = hash.value
        var bottom = top.branch
        while !cursor.isAtEnd, let via = try? ViaRanges(parsing: &cursor) {
            self.viaCount &+= 1
            if self.viaCount == 2 { self.lacksReceived = via.received.isEmpty }
            bottom = via.branch
        }
        bottom = self.lastBranch(index, bytes, slot, bottom)
        self.bottomBranch = IdentityHash.of(bytes, bottom, seed: seed)
    }

    /// Reads the Via lines behind one and gives the branch of the last value there is.
    private mutating func lastBranch(
        _ index: borrowing MessageIndex, _ bytes: Span<UInt8>, _ first: Int, _ branch: ByteRange
    ) -> ByteRange {
        var slot = first
        var bottom = branch
        while let next = index.nextSlot(after: slot) {
            slot = next
            if let via = UsualVia(bytes, index.slots[slot].value) {
                self.viaCount &+= 1
                if self.viaCount == 2 { self.lacksReceived = !via.hasReceived }
                bottom = via.branch
                continue
            }
            var cursor = ByteCursor(bytes, index.slots[slot].value)
            while !cursor.isAtEnd, let via = try? ViaRanges(parsing: &cursor) {
                self.viaCount &+= 1
                if self.viaCount == 2 { self.lacksReceived = via.received.isEmpty }
                bottom = via.branch
            }
        }
        return bottom
    }

    /// The tag of `<…>` or `<…>;tag=…` with nothing in front and nothing behind; `nil` for every other value.
    @inline(__always)
    private static func usualTag(_ bytes: Span<UInt8>, _ value: ByteRange) -> ByteRange? {
        guard value.count > 4, bytes[value.start] == ASCII.less, bytes[value.start &+ 1] > ASCII.space,
            let close = bytes.firstIndex(of: ASCII.greater, in: value), close > value.start &+ 1,
            bytes[close &- 1] > ASCII.space
        else { return nil }
        let next = close &+ 1
        if next == value.end { return ByteRange.none }
        guard value.end &- next > 5, bytes.equals(ByteRange(next, next &+ 5), ";tag=") else { return nil }
        let tag = ByteRange(next &+ 5, value.end)
        return bytes.isUsualValue(tag) ? tag : nil
    }

    /// The hash of a tag, 0 where there is none. Only `;tag=` behind the address counts, not inside of it.
    private static func tag(_ bytes: Span<UInt8>, _ value: ByteRange, _ seed: UInt64) -> UInt64 {
        if let usual = Self.usualTag(bytes, value) {
            return usual.isEmpty ? 0 : IdentityHash.of(bytes, usual, seed: seed)
        }
        var cursor = ByteCursor(bytes, value)
        guard let address = try? AddressRanges(parsing: &cursor), !address.tag.isEmpty else { return 0 }
        return IdentityHash.of(bytes, address.tag, seed: seed)
    }
}
