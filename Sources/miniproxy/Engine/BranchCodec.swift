import SIPKit

/// The branch of our Via: `z9hG4bK`, then 40 hexadecimal digits that say which transaction a reply belongs to.
///
///     z9hG4bK SS NNNNNNNN GGGGGG CCCCCCCC LLLLLLLL UUUUUUUU
///             │  │        │      │        │        └ who is to have the answer, once the transaction is gone
///             │  │        │      │        └ loop hash: where the request was and where it goes (RFC 5393 §4.2.1)
///             │  │        │      └ keyed check over all the rest: a branch that we did not write finds nothing
///             │  │        └ generation of the place
///             │  └ the place of the branch in its shard's slab
///             └ shard
struct BranchCodec {
    struct Identity {
        var shard: UInt8
        var number: UInt32
        var generation: UInt32
        var loopHash: UInt32
        /// A keyed hash of the address that the request came from.
        var upstream: UInt32
    }

    static var length: Int { 7 + 40 }
    /// Stands for the shard in a branch that was sent without state: place and generation are then a hash of the request,
    /// the same for its repeats, its CANCEL and its ACK.
    static var stateless: UInt8 { 0xFF }
    private let secret: KeyedHash

    init(secret: KeyedHash) { self.secret = secret }

    func write(_ identity: Identity, to output: inout TextBuffer) {
        let place =
            UInt64(identity.shard) << 56 | UInt64(identity.number) << 24
            | UInt64(identity.generation & Slab<UInt8>.generationMask)
        output.append("z9hG4bK")
        output.append(hex: UInt32(truncatingIfNeeded: place >> 32))
        output.append(hex: UInt32(truncatingIfNeeded: place))
        output.append(hex: self.check(identity))
        output.append(hex: identity.loopHash)
        output.append(hex: identity.upstream)
    }

    /// Reads a branch; `nil` for one that is not ours.
    func read(_ bytes: Span<UInt8>, _ range: ByteRange) -> Identity? {
        guard range.count == Self.length, range.end <= bytes.count,
            bytes.equals(ByteRange(range.start, range.start + 7), "z9hG4bK"),
            let head = Self.hex(bytes, range.start + 7, 16), let tail = Self.hex(bytes, range.start + 23, 16),
            let upstream = HexWord.decode(bytes.word(at: range.start + 39))
        else { return nil }
        let identity = Identity(
            shard: UInt8(truncatingIfNeeded: head >> 56), number: UInt32(truncatingIfNeeded: head >> 24),
            generation: UInt32(truncatingIfNeeded: head & 0xFF_FFFF), loopHash: UInt32(truncatingIfNeeded: tail),
            upstream: upstream)
        return self.check(identity) == UInt32(truncatingIfNeeded: tail >> 32) ? identity : nil
    }

    private func check(_ identity: Identity) -> UInt32 {
        var hash = self.secret
        let place = UInt64(identity.generation & Slab<UInt8>.generationMask) << 8 | UInt64(identity.shard)
        hash.combine(UInt64(identity.number) << 32 | place)
        hash.combine(UInt64(identity.loopHash) << 32 | UInt64(identity.upstream))
        return UInt32(truncatingIfNeeded: hash.value.low >> 16)
    }

    /// `count` hexadecimal digits as a number; 16 at most.
    private static func hex(_ bytes: Span<UInt8>, _ start: Int, _ count: Int) -> UInt64? {
        if count == 16, let high = HexWord.decode(bytes.word(at: start)),
            let low = HexWord.decode(bytes.word(at: start &+ 8))
        {
            return UInt64(high) << 32 | UInt64(low)
        }
        var value: UInt64 = 0
        for place in start..<(start &+ count) {
            guard let digit = ASCII.hexValue(bytes[place]) else { return nil }
            value = value &<< 4 | UInt64(digit)
        }
        return value
    }
}
