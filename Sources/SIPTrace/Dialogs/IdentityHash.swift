public import SIPKit

/// A quick 64-bit hash of the parts of an identity: Call-ID, tags, branch, addresses.
///
/// The tables over a trace hold such hashes instead of text: at a million entries two different identities meet once
/// in thirty million traces. The seed is drawn per run, so nobody can write a trace whose calls fall together.
@frozen
public struct IdentityHash: Sendable {
    @usableFromInline var state: UInt64

    @inlinable public init(seed: UInt64) { self.state = seed ^ 0x9E37_79B9_7F4A_7C15 }

    @inlinable @inline(__always)
    public mutating func mix(_ word: UInt64) {
        let product = (self.state ^ word).multipliedFullWidth(by: 0xA076_1D64_78BD_642F ^ word.byteSwapped)
        self.state = product.high ^ product.low &+ 0xE703_7ED1_A0B4_28DB
    }

    @inlinable
    public mutating func mix(_ bytes: Span<UInt8>, _ range: ByteRange) {
        let end = Swift.min(range.end, bytes.count)
        var at = Swift.min(range.start, end)
        let raw = bytes.bytes
        self.mix(UInt64(truncatingIfNeeded: end &- at))
        if end &- at >= 8 {
            // The last eight may be looked at twice: with the length in front, each text still gives other words.
            let last = end &- 8
            while at < last {
                self.mix(raw.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self))
                at &+= 8
            }
            self.mix(raw.unsafeLoadUnaligned(fromByteOffset: last, as: UInt64.self))
            return
        }
        guard at < end else { return }
        var tail: UInt64 = 0
        while at < end {
            tail = tail << 8 | UInt64(bytes[unchecked: at])
            at &+= 1
        }
        self.mix(tail)
    }

    @inlinable
    public mutating func mix(_ address: SocketAddress) {
        self.mix(address.ip.low ^ UInt64(address.port) << 48)
        if address.ip.family == .v6 { self.mix(address.ip.high) }
    }

    /// The hash; never 0, so that 0 can say "not there".
    @inlinable public var value: UInt64 {
        let folded = (self.state ^ self.state >> 32) &* 0xD6E8_FEB8_6659_FD93
        let value = folded ^ folded >> 29
        return value == 0 ? 1 : value
    }

    @inlinable
    public static func of(_ bytes: Span<UInt8>, _ range: ByteRange, seed: UInt64) -> UInt64 {
        var hash = IdentityHash(seed: seed)
        hash.mix(bytes, range)
        return hash.value
    }
}
