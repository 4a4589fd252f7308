/// Gives out nonces and knows its own again without a list of them (RFC 7616 §3.3 and §5.12).
///
/// A nonce is 56 hexadecimal digits: the second it was made in (8), who made it (2), a serial (14), and a keyed check over
/// these and, when wanted, the address it was given to (32). Whether a nonce count was seen before is kept for the
/// youngest `tracked` nonces in a ring, so memory is bounded; an older one counts as stale and its client asks anew.
/// A nonce of an issuer with another number is stale as well, since its counts are known elsewhere; issuers that share
/// theirs take it, and count it for themselves.
public struct NonceIssuer: Sendable {
    public static let length = 56

    /// A nonce of ours that is neither old nor somebody else's; its count has not been looked at yet.
    public struct Nonce: Sendable, Equatable {
        /// The issuer's number, and its serial.
        let identity: UInt64
    }

    private struct Slot {
        var identity: UInt64 = 0
        /// The highest count seen; `UInt32.max` after a use without a count.
        var highest: UInt32 = 0
        /// When the last use was, by the issuer's clock.
        var lastSecond: UInt32 = 0
        /// Bit n: the count `highest - n` was seen.
        var seen: UInt64 = 0
        /// Which request it was.
        var lastRequest: UInt64 = 0
    }

    private let mac: ShortMAC
    private let number: UInt8
    private let lifetime: UInt64
    private let bindsSource: Bool
    private let sharesNonces: Bool
    /// The last serial given out, and the one before the first.
    private var serial: UInt64
    private let start: UInt64
    private var slots: [Slot]

    /// - Parameters:
    ///   - key: 128 random bits; issuers that share them know one another's nonces.
    ///   - number: tells issuers with the same key apart (the shard).
    ///   - lifetime: seconds until a nonce is stale.
    ///   - bindsSource: whether a nonce is good only from the address that it was given to. Off for clients whose
    ///     address changes between requests.
    ///   - sharesNonces: takes the nonces of others with the same key. Each counts for itself, so a nonce is good once with
    ///     every one of them.
    ///   - start: the serial to begin behind, of 56 bits; issuers that share nonces begin at random places, so that each
    ///     knows which are its own.
    ///   - tracked: how many nonces' counts are remembered, 32 bytes each.
    public init(
        key: (UInt64, UInt64), number: UInt8 = 0, lifetime: UInt64 = 300, bindsSource: Bool = true,
        sharesNonces: Bool = false, start: UInt64 = 0, tracked: Int = 65536
    ) {
        self.start = start & 0x00FF_FFFF_FFFF_FFFF
        self.serial = self.start
        self.mac = ShortMAC(key: key)
        self.number = number
        self.lifetime = lifetime
        self.bindsSource = bindsSource
        self.sharesNonces = sharesNonces
        self.slots = Array(repeating: Slot(), count: Swift.max(1, tracked))
    }

    /// Makes a nonce.
    ///
    /// - Parameter second: of any clock that does not go back; the same one for ``check(_:_:at:from:)``.
    public mutating func issue(at second: UInt64, to source: IPAddress?) -> InlineArray<56, UInt8> {
        self.serial = (self.serial &+ 1) & 0x00FF_FFFF_FFFF_FFFF
        if self.serial == 0 { self.serial = 1 }
        let identity = UInt64(self.number) << 56 | self.serial
        self.slots[self.place(identity)] = Slot(identity: identity)
        let stamp = second & 0xFFFF_FFFF
        let tag = self.tag(stamp: stamp, identity, source)
        var text = InlineArray<56, UInt8>(repeating: 0)
        Self.write(stamp, digits: 8, to: &text, at: 0)
        Self.write(identity, digits: 16, to: &text, at: 8)
        Self.write(tag.first, digits: 16, to: &text, at: 24)
        Self.write(tag.second, digits: 16, to: &text, at: 40)
        return text
    }

    /// Whether a nonce is ours, young enough and, when bound, from the right address; changes nothing.
    ///
    /// - Returns: `nil` for any other: the answer to it is a challenge with `stale=true`.
    public func check(_ bytes: Span<UInt8>, _ range: ByteRange, at second: UInt64, from source: IPAddress?) -> Nonce? {
        guard range.count == Self.length, range.end <= bytes.count,
            let stamp = Self.read(bytes, range.start, digits: 8),
            let identity = Self.read(bytes, range.start + 8, digits: 16),
            let first = Self.read(bytes, range.start + 24, digits: 16),
            let second128 = Self.read(bytes, range.start + 40, digits: 16)
        else { return nil }
        let tag = self.tag(stamp: stamp, identity, source)
        guard tag.matches(.init(first: first, second: second128)), self.isOwn(identity) || self.sharesNonces else {
            return nil
        }
        // Both are cut to 32 bits, so the difference is right across the wrap of 2106.
        let age = (second & 0xFFFF_FFFF) &- stamp & 0xFFFF_FFFF
        guard age <= self.lifetime else { return nil }
        return Nonce(identity: identity)
    }

    private func isOwn(_ identity: UInt64) -> Bool { identity >> 56 == UInt64(self.number) }

    private func wasIssuedHere(_ identity: UInt64) -> Bool {
        let mask: UInt64 = 0x00FF_FFFF_FFFF_FFFF
        let distance = (identity &- self.start) & mask
        return self.isOwn(identity) && distance > 0 && distance <= (self.serial &- self.start) & mask
    }

    /// One request, for ``use(_:count:by:)``: a repeat of it is told from a second use of what it carries.
    public struct Use: Sendable {
        let request: UInt64
        let second: UInt32

        /// - Parameters:
        ///   - request: a keyed hash of the whole message. Nothing less will do: of two requests with the same
        ///     credentials that differ in a header, one is an attack.
        ///   - second: of the same clock as everywhere here.
        public init(request: UInt64, at second: UInt64) {
            self.request = request
            self.second = UInt32(truncatingIfNeeded: second)
        }
    }

    /// How long a request may be repeated: 64·T1 (RFC 3261 §17.1.2.2).
    private static let repeatable: UInt32 = 32

    /// Uses a nonce count up; to be called once the response was found right, or strangers could use counts up.
    ///
    /// Counts may come out of order by up to 64 (requests overtake one another).
    ///
    /// - Parameters:
    ///   - count: `nil` for an answer without qop (RFC 2069): its nonce is good for one use.
    ///   - use: the request. Who answers without remembering gets the same bytes again when an answer was lost, and
    ///     finds them as good as before for 32 s; `nil` where repeats do not come here.
    /// - Returns: `false` for a count that was seen before, is zero or too far back, or for a nonce that is no longer
    ///   remembered: the answer to it is a challenge with `stale=true`.
    public mutating func use(_ nonce: Nonce, count: UInt32?, by use: Use? = nil) -> Bool {
        let place = self.place(nonce.identity)
        var slot = self.slots[place]
        if slot.identity != nonce.identity {
            guard self.sharesNonces, !self.wasIssuedHere(nonce.identity) else { return false }
            slot = Slot(identity: nonce.identity)
        }
        if let use, slot.highest > 0, use.request == slot.lastRequest, use.second &- slot.lastSecond <= Self.repeatable
        {
            return true
        }
        guard slot.highest != .max else { return false }
        if let count {
            guard count > 0, count < .max else { return false }
            if count > slot.highest {
                let step = count - slot.highest
                slot.seen = step < 64 ? slot.seen << UInt64(step) | 1 : 1
                slot.highest = count
            } else {
                let back = slot.highest - count
                guard back < 64, slot.seen >> UInt64(back) & 1 == 0 else { return false }
                slot.seen |= 1 << UInt64(back)
            }
        } else {
            guard slot.highest == 0 else { return false }
            slot.highest = .max
        }
        slot.lastRequest = use?.request ?? 0
        slot.lastSecond = use?.second ?? 0
        self.slots[place] = slot
        return true
    }

    private func place(_ identity: UInt64) -> Int { Int(truncatingIfNeeded: identity % UInt64(self.slots.count)) }

    private func tag(stamp: UInt64, _ identity: UInt64, _ source: IPAddress?) -> ShortMAC.Tag {
        let bound = self.bindsSource ? source : nil
        let family = UInt64(bound?.family.rawValue ?? 0)
        return self.mac.tag(
            [
                stamp, identity, family, bound?.high ?? 0, bound?.low ?? 0,
            ] as InlineArray<5, UInt64>)
    }

    /// - Parameter digits: eight or sixteen.
    private static func write(_ value: UInt64, digits: Int, to text: inout InlineArray<56, UInt8>, at start: Int) {
        var whole = text.mutableSpan
        var room = whole.mutableBytes
        var at = start
        if digits == 16 {
            let word = HexWord.encode(UInt32(truncatingIfNeeded: value >> 32))
            room.storeBytes(of: word.littleEndian, toByteOffset: at, as: UInt64.self)
            at += 8
        }
        let word = HexWord.encode(UInt32(truncatingIfNeeded: value))
        room.storeBytes(of: word.littleEndian, toByteOffset: at, as: UInt64.self)
    }

    /// - Parameter digits: eight or sixteen, all of them inside the bytes.
    /// - Returns: `nil` for what ``write(_:digits:to:at:)`` has not written.
    private static func read(_ bytes: Span<UInt8>, _ start: Int, digits: Int) -> UInt64? {
        guard let first = HexWord.decode(bytes.word(at: start)) else { return nil }
        guard digits == 16 else { return UInt64(first) }
        guard let second = HexWord.decode(bytes.word(at: start + 8)) else { return nil }
        return UInt64(first) << 32 | UInt64(second)
    }
}

extension NonceIssuer {
    /// A nonce as an array: for a ``Challenge``.
    public mutating func issueBytes(at second: UInt64, to source: IPAddress?) -> [UInt8] {
        let text = self.issue(at: second, to: source)
        return text.span.copy(ByteRange(0, Self.length))
    }
}
