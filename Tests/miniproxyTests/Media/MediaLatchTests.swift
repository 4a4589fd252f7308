import SIPKit
import Testing

@testable import miniproxy

@Suite("A port of the media relay")
struct MediaLatchTests {
    static func address(_ text: String) -> SocketAddress { SocketAddress(text[...], defaultPort: 0)! }
    static let phone = Self.address("10.0.0.5:4000")
    static let nat = Self.address("198.51.100.7:31000")
    static let start = MonotonicTime(milliseconds: 1_000)

    static func latch(_ announced: SocketAddress = Self.phone, from: IPAddress = Self.nat.ip) -> MediaLatch {
        var latch = MediaLatch()
        latch.announce(announced, from: from, isAsymmetric: false, window: .seconds(10), now: Self.start)
        return latch
    }

    @Test("learns where a phone behind NAT is, once")
    func learns() {
        var latch = Self.latch()
        #expect(latch.target == nil, "its private address is somebody else's here")
        #expect(latch.receive(from: Self.nat, now: Self.start) == .learned)
        #expect(latch.target == Self.nat)
        #expect(latch.receive(from: Self.address("198.51.100.7:31002"), now: Self.start) == .refused)
        #expect(latch.receive(from: Self.phone, now: Self.start) == .refused)
        #expect(latch.receive(from: Self.nat, now: Self.start) == .accepted)
    }

    @Test("believes nobody whom the signalling does not name")
    func strangers() {
        var latch = Self.latch()
        #expect(latch.receive(from: Self.address("203.0.113.9:31000"), now: Self.start) == .refused)
        #expect(MediaLatch().target == nil)
        var silent = MediaLatch()
        #expect(silent.receive(from: Self.nat, now: Self.start) == .refused)
    }

    @Test("learns only while its window is open; afterwards the announced address alone is good")
    func window() {
        var latch = Self.latch()
        let late = Self.start.adding(milliseconds: 10_001)
        #expect(latch.receive(from: Self.nat, now: late) == .refused)
        #expect(latch.receive(from: Self.phone, now: late) == .learned)
    }

    @Test("keeps what it knows when the same description comes again, and begins anew with another")
    func refresh() {
        var latch = Self.latch()
        _ = latch.receive(from: Self.nat, now: Self.start)
        latch.announce(Self.phone, from: Self.nat.ip, isAsymmetric: false, window: .seconds(10), now: Self.start)
        #expect(latch.source == Self.nat)
        latch.announce(nil, from: Self.nat.ip, isAsymmetric: false, window: .seconds(10), now: Self.start)
        #expect(latch.source == Self.nat, "a call on hold comes back to the same place")
        latch.announce(
            Self.address("10.0.0.5:4002"), from: Self.nat.ip, isAsymmetric: false, window: .seconds(10), now: Self.start
        )
        #expect(latch.source == nil)
    }

    @Test("sends to what an asymmetric client announces, whatever it sends from")
    func asymmetric() {
        var latch = MediaLatch()
        latch.announce(Self.nat, from: Self.nat.ip, isAsymmetric: true, window: .seconds(10), now: Self.start)
        #expect(latch.receive(from: Self.address("198.51.100.7:9"), now: Self.start) == .learned)
        #expect(latch.target == Self.nat)
    }

    @Test("sends to a public address before anything was heard from there")
    func early() {
        #expect(Self.latch(Self.address("192.0.2.1:4000"), from: Self.nat.ip).target == Self.address("192.0.2.1:4000"))
        #expect(Self.latch(Self.phone, from: Self.phone.ip).target == Self.phone, "the phone is in our own network")
    }
}
