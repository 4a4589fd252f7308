import SIPKit
import SIPNet
import Testing

@testable import miniproxy

@Suite("The media relay")
struct MediaTableTests {
    /// A relay whose sockets a test serves itself, with two phones on loopback.
    final class Harness {
        var table: MediaTable
        var tokens: [UInt64] = []
        var now = MonotonicTime(milliseconds: 1)
        let caller: UDPEndpoint
        let callee: UDPEndpoint
        let attacker: UDPEndpoint

        init(_ settings: MediaSettings = MediaSettings()) throws {
            self.table = MediaTable(settings)
            let any = SocketAddress(.loopbackV4, 0)
            self.caller = try UDPEndpoint(bind: any)
            self.callee = try UDPEndpoint(bind: any)
            self.attacker = try UDPEndpoint(bind: any)
        }

        func update(
            _ tag: String, to other: String = "", _ address: SocketAddress?, begin: Bool = true, call: String = "call",
            streams: Int = 1, _ change: (inout MediaUpdate) -> Void = { _ in }
        ) throws -> [SocketAddress?] {
            let stream = MediaUpdate.Stream(kind: Array("audio".utf8), address: address, isOff: false)
            var update = MediaUpdate(
                callID: Array(call.utf8), senderTag: Array(tag.utf8), receiverTag: Array(other.utf8), mayBegin: begin,
                streams: Array(repeating: stream, count: streams), source: .loopbackV4, senderFacing: .loopbackV4,
                receiverFacing: .loopbackV4)
            change(&update)
            return try self.table.update(update, now: self.now) { _, token in self.tokens.append(token) }
        }

        func send(_ text: String, from: UDPEndpoint, to: SocketAddress) {
            from.enqueue(copying: Array(text.utf8), to: to)
            _ = from.flush()
            for token in self.tokens { self.table.serve(token, now: self.now) }
        }

        func received(_ endpoint: UDPEndpoint) -> [String] {
            let batch = endpoint.receive()
            return (0..<batch.count).map {
                String(decoding: UnsafeBufferPointer<UInt8>(batch[$0].bytes), as: UTF8.self)
            }
        }

        /// A call that is set up: where the caller and where the callee send to.
        func call() throws -> (forCaller: SocketAddress, forCallee: SocketAddress) {
            let forCallee = try #require(try self.update("a", self.caller.localAddress)[0])
            let forCaller = try #require(try self.update("b", to: "a", self.callee.localAddress, begin: false)[0])
            return (forCaller, forCallee)
        }
    }

    @Test("carries packets both ways, and from its own ports")
    func bothWays() throws {
        let harness = try Harness()
        let (forCaller, forCallee) = try harness.call()
        #expect(forCaller != forCallee && forCaller.port % 2 == 0 && forCallee.port % 2 == 0)
        harness.send("one", from: harness.caller, to: forCaller)
        #expect(harness.received(harness.callee) == ["one"])
        harness.send("two", from: harness.callee, to: forCallee)
        #expect(harness.received(harness.caller) == ["two"])
        let report = try #require(harness.table.reports(now: harness.now).first)
        #expect(report.streams[0].caller.rtp.packets == 1 && report.streams[0].callee.rtp.packets == 1)
        #expect(report.streams[0].caller.learned == harness.caller.localAddress)
    }

    @Test("lets an attacker neither in nor listen, whatever he sends")
    func attacker() throws {
        let harness = try Harness()
        let (forCaller, forCallee) = try harness.call()
        harness.send("one", from: harness.caller, to: forCaller)
        harness.send("two", from: harness.callee, to: forCallee)
        _ = (harness.received(harness.callee), harness.received(harness.caller))
        for _ in 0..<100 {
            for port in [forCaller, forCallee] { harness.send("bleed", from: harness.attacker, to: port) }
        }
        harness.send("three", from: harness.caller, to: forCaller)
        #expect(harness.received(harness.callee) == ["three"])
        #expect(harness.received(harness.caller) == [])
        #expect(harness.received(harness.attacker) == [])
        let report = try #require(harness.table.reports(now: harness.now).first)
        #expect(report.streams[0].caller.rtp.foreign + report.streams[0].callee.rtp.foreign == 200)
    }

    @Test("has no session for an answer that nobody asked for")
    func strayAnswer() throws {
        let harness = try Harness()
        #expect(throws: MediaError.noSession) {
            _ = try harness.update("b", to: "a", harness.callee.localAddress, begin: false)
        }
    }

    @Test("refuses when its ports are used up, and serves again when a call has ended")
    func exhausted() throws {
        var settings = MediaSettings()
        settings.ports = 47_100...47_107
        let harness = try Harness(settings)
        _ = try harness.update("a", harness.caller.localAddress, call: "1")
        _ = try harness.update("a", harness.caller.localAddress, call: "2")
        #expect(throws: MediaError.noPorts) { _ = try harness.update("a", harness.caller.localAddress, call: "3") }
        #expect(harness.table.portCount == 8 && harness.table.exhausted == 1)
        let isEnded = harness.table.end(callID: Array("1".utf8), tags: Array("a".utf8))
        #expect(isEnded)
        #expect(harness.table.portCount == 4)
        _ = try harness.update("a", harness.caller.localAddress, call: "3")
        #expect(throws: MediaError.tooManyStreams) {
            _ = try harness.update("a", harness.caller.localAddress, call: "4", streams: 9)
        }
    }

    @Test("does not take news of a closed socket for its successor's")
    func staleToken() throws {
        let harness = try Harness()
        _ = try harness.call()
        let old = harness.tokens
        let isEnded = harness.table.end(callID: Array("call".utf8), tags: Array("b".utf8), Array("a".utf8))
        #expect(isEnded)
        harness.tokens = []
        let (forCaller, _) = try harness.call()
        for token in old { harness.table.serve(token, now: harness.now) }
        harness.send("one", from: harness.caller, to: forCaller)
        #expect(harness.received(harness.callee) == ["one"])
    }

    @Test("ends a call whose packets have stopped, later when it is on hold")
    func idle() throws {
        var gone: [[UInt8]] = []
        let harness = try Harness()
        _ = try harness.call()
        _ = try harness.update("a", harness.caller.localAddress, call: "ringing")
        harness.now = harness.now.adding(milliseconds: 121_000)
        gone = harness.table.sweep(now: harness.now)
        #expect(gone == [Array("call".utf8)])
        harness.now = harness.now.adding(milliseconds: 180_000)
        gone = harness.table.sweep(now: harness.now)
        #expect(gone == [Array("ringing".utf8)])
        _ = try harness.call()
        _ = try harness.update("a", to: "b", nil)
        harness.now = harness.now.adding(milliseconds: 600_000)
        gone = harness.table.sweep(now: harness.now)
        #expect(gone == [])
    }

    @Test("keeps the ports of a call that is renegotiated, whoever asks for it")
    func renegotiated() throws {
        let harness = try Harness()
        let (forCaller, forCallee) = try harness.call()
        #expect(try harness.update("b", to: "a", harness.callee.localAddress) == [forCaller])
        #expect(try harness.update("a", to: "b", harness.caller.localAddress, begin: false) == [forCallee])
        #expect(try harness.update("a", to: "b", harness.caller.localAddress, streams: 2).count == 2)
        #expect(harness.table.portCount == 8)
    }

    @Test("listens to nobody who knows only the Call-ID")
    func sameCallID() throws {
        let harness = try Harness()
        let (forCaller, _) = try harness.call()
        // Another call with the Call-ID: it gets ports of its own and changes nothing.
        let other = try harness.update("x", harness.attacker.localAddress)[0]
        #expect(other != nil && other != forCaller)
        #expect(throws: MediaError.noSession) {
            _ = try harness.update("x2", to: "b2", harness.attacker.localAddress, begin: false)
        }
        harness.send("one", from: harness.caller, to: forCaller)
        #expect(harness.received(harness.callee) == ["one"])
        #expect(harness.received(harness.attacker) == [])
        let isEnded = harness.table.end(callID: Array("call".utf8), tags: Array("x2".utf8), Array("b2".utf8))
        #expect(!isEnded)
    }

    @Test("goes over to the branch of a forked call that answers, and does not go back")
    func forked() throws {
        let harness = try Harness()
        _ = try harness.update("a", harness.caller.localAddress)
        // Early media of one phone, then another takes the call.
        let early = try harness.update("b1", to: "a", harness.attacker.localAddress, begin: false) {
            $0.isProvisional = true
        }
        let forCaller = try #require(early[0])
        harness.send("ringing", from: harness.attacker, to: try #require(harness.port(.callee)))
        #expect(harness.received(harness.caller) == ["ringing"])
        let final = try harness.update("b2", to: "a", harness.callee.localAddress, begin: false) { $0.confirms = true }
        #expect(final == [forCaller], "the caller sends to the same port")
        _ = try harness.update("b1", to: "a", harness.attacker.localAddress, begin: false) { $0.isProvisional = true }
        harness.send("hello", from: harness.caller, to: forCaller)
        #expect(harness.received(harness.callee) == ["hello"])
        #expect(harness.received(harness.attacker) == [])
    }

    @Test("takes the offer from the answer of a call that began without one")
    func lateOffer() throws {
        let harness = try Harness()
        harness.table.expect(
            MediaUpdate(
                callID: Array("call".utf8), senderTag: Array("a".utf8), receiverTag: [], mayBegin: true, streams: [],
                source: .loopbackV4, senderFacing: .loopbackV4, receiverFacing: .loopbackV4), now: harness.now)
        let forCaller = try #require(
            try harness.update("b", to: "a", harness.callee.localAddress, begin: false) { $0.confirms = true }[0])
        let forCallee = try #require(try harness.update("a", to: "b", harness.caller.localAddress)[0])
        harness.send("one", from: harness.caller, to: forCaller)
        #expect(harness.received(harness.callee) == ["one"])
        harness.send("two", from: harness.callee, to: forCallee)
        #expect(harness.received(harness.caller) == ["two"])
    }

    @Test("carries a phone of IPv4 and one of IPv6 to one another")
    func families() throws {
        let harness = try Harness()
        let callee = try UDPEndpoint(bind: SocketAddress(.loopbackV6, 0))
        let forCallee = try #require(
            try harness.update("a", harness.caller.localAddress) { $0.receiverFacing = .loopbackV6 }[0])
        #expect(forCallee.ip == .loopbackV6)
        let forCaller = try #require(
            try harness.update("b", to: "a", callee.localAddress, begin: false) { $0.source = .loopbackV6 }[0])
        #expect(forCaller.ip == .loopbackV4)
        harness.send("one", from: harness.caller, to: forCaller)
        #expect(harness.received(callee) == ["one"])
        harness.send("two", from: callee, to: forCallee)
        #expect(harness.received(harness.caller) == ["two"])
    }

    @Test("has a pair of ports for sound and one for pictures; one that is turned off gets none")
    func video() throws {
        let harness = try Harness()
        let places = try harness.update("a", harness.caller.localAddress) { update in
            update.streams.append(
                MediaUpdate.Stream(kind: Array("video".utf8), address: harness.attacker.localAddress, isOff: false))
        }
        #expect(Set(places.map { $0?.port }).count == 2)
        let answer = try harness.update("b", to: "a", harness.callee.localAddress, begin: false) { update in
            update.streams.append(MediaUpdate.Stream(kind: Array("video".utf8), address: nil, isOff: true))
        }
        #expect(answer.count == 2 && answer[0] != nil && answer[1] == nil)
        harness.send("sound", from: harness.caller, to: try #require(answer[0]))
        #expect(harness.received(harness.callee) == ["sound"])
    }

    @Test("sends control packets where the description wants them")
    func control() throws {
        let harness = try Harness()
        _ = try harness.update("a", harness.caller.localAddress) {
            $0.streams[0].control = harness.attacker.localAddress
        }
        let forCaller = try #require(
            try harness.update("b", to: "a", harness.callee.localAddress, begin: false)[0])
        _ = forCaller
        let forCallee = try #require(harness.port(.callee))
        // The callee's control packets come from the port behind its own, which nobody here has: the announced one is it.
        let control = try UDPEndpoint(
            bind: SocketAddress(.loopbackV4, harness.callee.localAddress.port &+ 1))
        harness.send("report", from: control, to: SocketAddress(forCallee.ip, forCallee.port + 1))
        #expect(harness.received(harness.attacker) == ["report"])
    }
}

extension MediaTableTests.Harness {
    /// The relay's port that talks with a side.
    func port(_ side: MediaSide) -> SocketAddress? {
        let stream = self.table.reports(now: self.now).first?.streams.first
        return side == .caller ? stream?.caller.local : stream?.callee.local
    }
}
