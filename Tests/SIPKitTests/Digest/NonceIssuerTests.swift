import Testing

@testable import SIPKit

@Suite("Nonces that need no list (RFC 7616 §5.12)")
struct NonceIssuerTests {
    static let home = IPAddress(v4: 0xC000_0207)
    static let other = IPAddress(v4: 0xC000_0208)
    var issuer = NonceIssuer(key: (11, 22), lifetime: 60, tracked: 4)

    func check(_ nonce: [UInt8], at second: UInt64 = 1000, from source: IPAddress? = home) -> NonceIssuer.Nonce? {
        self.issuer.check(nonce.span, ByteRange(0, nonce.count), at: second, from: source)
    }

    @Test("are known again until they are old, and only from the address they were given to")
    mutating func known() {
        let nonce = self.issuer.issueBytes(at: 1000, to: Self.home)
        #expect(self.check(nonce) != nil)
        #expect(self.check(nonce, at: 1060) != nil)
        #expect(self.check(nonce, at: 1061) == nil)
        #expect(self.check(nonce, at: 999) == nil, "from the future")
        #expect(self.check(nonce, from: Self.other) == nil)
        #expect(self.check(nonce, from: IPAddress(v6: 0, 0xC000_0207)) == nil)
    }

    @Test("are all different")
    mutating func different() {
        let nonces = (0..<100).map { _ in self.issuer.issueBytes(at: 1000, to: Self.home) }
        #expect(Set(nonces).count == 100)
    }

    @Test("with any octet changed, cut or lengthened are not ours")
    mutating func forged() {
        let nonce = self.issuer.issueBytes(at: 1000, to: Self.home)
        for index in nonce.indices {
            var changed = nonce
            changed[index] ^= 1
            #expect(self.check(changed) == nil)
        }
        #expect(self.check(Array(nonce.dropLast())) == nil)
        #expect(self.check(nonce + [0x30]) == nil)
        #expect(self.check([]) == nil)
    }

    @Test("of an issuer with another key or number are not ours")
    mutating func others() {
        var stranger = NonceIssuer(key: (11, 23))
        var neighbour = NonceIssuer(key: (11, 22), number: 1)
        #expect(self.check(stranger.issueBytes(at: 1000, to: Self.home)) == nil)
        #expect(self.check(neighbour.issueBytes(at: 1000, to: Self.home)) == nil)
    }

    @Test("take each count once, out of order up to 64 back")
    mutating func counts() throws {
        let nonce = try #require(self.check(self.issuer.issueBytes(at: 1000, to: Self.home)))
        for (count, good) in [
            (1, true), (1, false), (0, false), (3, true), (2, true), (2, false), (3, false), (100, true), (37, true),
            (37, false), (36, false), (99, true), (100, false), (4_000_000_000, true), (100, false),
        ] as [(UInt32, Bool)] {
            #expect(self.issuer.use(nonce, count: count) == good, "count \(count)")
        }
        #expect(!self.issuer.use(nonce, count: nil), "no change to answers without a count")
    }

    @Test("without a count are good for one use")
    mutating func withoutCount() throws {
        let nonce = try #require(self.check(self.issuer.issueBytes(at: 1000, to: Self.home)))
        #expect(self.issuer.use(nonce, count: nil))
        #expect(!self.issuer.use(nonce, count: nil))
        #expect(!self.issuer.use(nonce, count: 1))
    }

    @Test("that are no longer remembered count as used: memory is bounded")
    mutating func evicted() throws {
        let old = try #require(self.check(self.issuer.issueBytes(at: 1000, to: Self.home)))
        let young = try #require(self.check(self.issuer.issueBytes(at: 1000, to: Self.home)))
        for _ in 0..<3 { _ = self.issuer.issueBytes(at: 1000, to: Self.home) }
        #expect(!self.issuer.use(old, count: 1))
        #expect(self.issuer.use(young, count: 1))
    }
}
