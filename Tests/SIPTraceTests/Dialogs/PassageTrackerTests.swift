import SIPKit
import Testing

@testable import SIPTrace

@Suite("Relayed copies and repeats")
struct PassageTrackerTests {
    static let phone = SocketAddress("203.0.113.5:1024")!
    static let proxy = SocketAddress("192.0.2.10:5060")!
    static let callee = SocketAddress("198.51.100.7:5060")!
    static let viaPhone = "Via: SIP/2.0/UDP 192.168.1.2;branch=z9hG4bKphone\r\n"
    static let viaProxy = "Via: SIP/2.0/UDP 192.0.2.10;branch=z9hG4bKproxy\r\n"

    struct Trace {
        var tracker = PassageTracker()
        var number: UInt32 = 0
        mutating func see(
            _ start: String, _ vias: String, from source: SocketAddress, to destination: SocketAddress,
            at milliseconds: Int64?,
            cSeq: String = "1 INVITE", toTag: String = "", body: String = ""
        ) throws -> Passage {
            let text =
                "\(start)\r\n\(vias)From: <sip:a@b>;tag=f\r\nTo: <sip:c@d>\(toTag)\r\nCall-ID: c\r\nCSeq: \(cSeq)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
            let message = try SIPMessage(parsing: text)
            let identity = MessageIdentity(message.index, message.span, from: source, to: destination, seed: 7)
            self.number += 1
            return self.tracker.see(
                identity, statusCode: message.statusCode, length: message.bytes.count, from: source, to: destination,
                time: milliseconds.map { $0 * 1_000_000 }, number: self.number)
        }
    }

    @Test("a request that goes in and out is one message, and its repeat is a repeat")
    func requestInAndOut() throws {
        var trace = Trace()
        let start = "INVITE sip:c@d SIP/2.0"
        #expect(try trace.see(start, Self.viaPhone, from: Self.phone, to: Self.proxy, at: 0) == .first)
        #expect(
            try trace.see(start, Self.viaProxy + Self.viaPhone, from: Self.proxy, to: Self.callee, at: 2)
                == .relayed(of: 1))
        #expect(
            try trace.see(start, Self.viaProxy + Self.viaPhone, from: Self.proxy, to: Self.callee, at: 502)
                == .repeated(of: 2, after: 500_000_000))
    }

    @Test("two 100s are two messages: a 100 is never relayed")
    func trying() throws {
        var trace = Trace()
        #expect(try trace.see("SIP/2.0 100 Trying", Self.viaPhone, from: Self.proxy, to: Self.phone, at: 0) == .first)
        #expect(
            try trace.see("SIP/2.0 100 Trying", Self.viaProxy + Self.viaPhone, from: Self.callee, to: Self.proxy, at: 9)
                == .first)
    }

    @Test("what a server sends to itself is a message of its own")
    func toItself() throws {
        var trace = Trace()
        let start = "INVITE sip:c@d SIP/2.0"
        #expect(try trace.see(start, Self.viaPhone, from: Self.phone, to: Self.proxy, at: 0) == .first)
        #expect(try trace.see(start, Self.viaProxy + Self.viaPhone, from: Self.proxy, to: Self.proxy, at: 1) == .first)
    }

    @Test("the same packet within 5 ms is the capture's doing; without times nothing is")
    func duplicates() throws {
        var trace = Trace()
        let start = "INVITE sip:c@d SIP/2.0"
        #expect(try trace.see(start, Self.viaPhone, from: Self.phone, to: Self.proxy, at: 0) == .first)
        #expect(try trace.see(start, Self.viaPhone, from: Self.phone, to: Self.proxy, at: 3) == .duplicate(of: 1))
        #expect(
            try trace.see(start, Self.viaPhone, from: Self.phone, to: Self.proxy, at: nil) == .repeated(of: 1, after: 0)
        )
    }

    @Test("answers with different To tags are different, and so is a 180 that comes again with a body")
    func answers() throws {
        var trace = Trace()
        let vias = Self.viaProxy + Self.viaPhone
        #expect(
            try trace.see("SIP/2.0 180 Ringing", vias, from: Self.callee, to: Self.proxy, at: 0, toTag: ";tag=1")
                == .first)
        #expect(
            try trace.see("SIP/2.0 180 Ringing", vias, from: Self.callee, to: Self.proxy, at: 9, toTag: ";tag=2")
                == .first)
        #expect(
            try trace.see(
                "SIP/2.0 180 Ringing", vias, from: Self.callee, to: Self.proxy, at: 90, toTag: ";tag=1", body: "v=0\r\n"
            ) == .first)
        #expect(
            try trace.see(
                "SIP/2.0 180 Ringing", Self.viaPhone, from: Self.proxy, to: Self.phone, at: 92, toTag: ";tag=1")
                == .relayed(of: 3))
    }

    @Test("the table forgets after its time and stays within its limit")
    func forgets() {
        var table = GenerationTable<Int>(lifetime: 10, limit: 4)
        table.advance(to: 0)
        table[1] = 1
        table.advance(to: 11)
        #expect(table[1] == 1)
        table.advance(to: 22)
        #expect(table[1] == nil)
        for key in 0..<100 {
            table.advance(to: 23)
            table[UInt64(key)] = key
        }
        #expect(table.count <= 9)
        #expect(table.evicted > 80)
    }
}
