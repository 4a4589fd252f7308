import Testing

@testable import SIPKit

@Suite("Nonces that need no list (RFC 7616 §5.12)")
struct NonceIssuerTests {
    static let home = IPAddress(v4: 0xC000_0207)
    static let other = IPAddress(v4: 0xC000_0208)
    /// An issuer that is asked inside expectations, where nothing can be changed in place.
    final class Asked {
        var issuer: NonceIssuer

        init(key: (UInt64, UInt64) = (11, 22), number: UInt8 = 0) {
            self.issuer = NonceIssuer(key: key, number: number, lifetime: 60, tracked: 4)
        }

        func issue() -> [UInt8] { self.issuer.issueBytes(at: 1000, to: home) }

        func check(_ nonce: [UInt8], at second: UInt64 = 1000, from source: IPAddress? = home) -> NonceIssuer.Nonce? {
            self.issuer.check(nonce.span, ByteRange(0, nonce.count), at: second, from: source)
        }

        func use(_ nonce: NonceIssuer.Nonce, count: UInt32?) -> Bool { self.issuer.use(nonce, count: count) }
    }

    let issuer = Asked()

    @Test("are known again until they are old, and only from the address they were given to")
    func known() {
        let nonce = self.issuer.issue()
        #expect(self.issuer.check(nonce) != nil)
        #expect(self.issuer.check(nonce, at: 1060) != nil)
        #expect(self.issuer.check(nonce, at: 1061) == nil)
        #expect(self.issuer.check(nonce, at: 999) == nil, "from the future")
        #expect(self.issuer.check(nonce, from: Self.other) == nil)
        #expect(self.issuer.check(nonce, from: IPAddress(v6: 0, 0xC000_0207)) == nil)
    }

    @Test("of a server with the same secret are good once here, and those of another secret never")
    func shared() throws {
        func issuer(_ key: (UInt64, UInt64), _ start: UInt64) -> NonceIssuer {
            NonceIssuer(key: key, lifetime: 60, bindsSource: false, sharesNonces: true, start: start, tracked: 4)
        }
        var first = issuer((11, 22), 5_000)
        var second = issuer((11, 22), 9_000)
        let stranger = issuer((11, 23), 9_000)
        let nonce = first.issueBytes(at: 1000, to: Self.home)
        let range = ByteRange(0, nonce.count)
        let copied = second.check(nonce.span, range, at: 1001, from: Self.other)
        let there = try #require(copied)
        let uses = (second.use(there, count: 1), second.use(there, count: 1), second.use(there, count: 2))
        #expect(uses == (true, false, true))
        let straight = first.check(nonce.span, range, at: 1001, from: Self.home)
        let here = try #require(straight)
        let own = (first.use(here, count: nil), first.use(here, count: nil))
        #expect(own == (true, false))
        let refused = stranger.check(nonce.span, range, at: 1001, from: Self.home)
        #expect(refused == nil)
        // One of its own that it has forgotten is stale, and not somebody else's.
        for _ in 0..<4 { _ = first.issueBytes(at: 1000, to: Self.home) }
        let again = first.use(here, count: 7)
        #expect(!again)
    }

    @Test("are all different")
    func different() {
        let nonces = (0..<100).map { _ in self.issuer.issue() }
        #expect(Set(nonces).count == 100)
    }

    @Test("with any octet changed, cut or lengthened are not ours")
    func forged() {
        let nonce = self.issuer.issue()
        for index in nonce.indices {
            var changed = nonce
            changed[index] ^= 1
            #expect(self.issuer.check(changed) == nil)
        }
        #expect(self.issuer.check(Array(nonce.dropLast())) == nil)
        #expect(self.issuer.check(nonce + [0x30]) == nil)
        #expect(self.issuer.check([]) == nil)
    }

    @Test("of an issuer with another key or number are not ours")
    func others() {
        let stranger = Asked(key: (11, 23))
        let neighbour = Asked(number: 1)
        #expect(self.issuer.check(stranger.issue()) == nil)
        #expect(self.issuer.check(neighbour.issue()) == nil)
    }

    @Test("take each count once, out of order up to 64 back")
    func counts() throws {
        let nonce = try #require(self.issuer.check(self.issuer.issue()))
        for (count, good) in [
            (1, true), (1, false), (0, false), (3, true), (2, true), (2, false), (3, false), (100, true), (37, true),
            (37, false), (36, false), (99, true), (100, false), (4_000_000_000, true), (100, false),
        ] as [(UInt32, Bool)] {
            #expect(self.issuer.use(nonce, count: count) == good, "count \(count)")
        }
        #expect(!self.issuer.use(nonce, count: nil), "no change to answers without a count")
    }

    @Test("without a count are good for one use")
    func withoutCount() throws {
        let nonce = try #require(self.issuer.check(self.issuer.issue()))
        #expect(self.issuer.use(nonce, count: nil))
        #expect(!self.issuer.use(nonce, count: nil))
        #expect(!self.issuer.use(nonce, count: 1))
    }

    @Test("that are no longer remembered count as used: memory is bounded")
    func evicted() throws {
        let old = try #require(self.issuer.check(self.issuer.issue()))
        let young = try #require(self.issuer.check(self.issuer.issue()))
        for _ in 0..<3 { _ = self.issuer.issue() }
        #expect(!self.issuer.use(old, count: 1))
        #expect(self.issuer.use(young, count: 1))
    }
}
