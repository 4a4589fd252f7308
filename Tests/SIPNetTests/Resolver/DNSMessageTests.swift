import SIPKit
import Testing

@testable import SIPNet

@Suite("The answer of a name server (RFC 1035 §4)")
struct DNSMessageTests {
    private static func name(_ text: String) -> [UInt8] {
        text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
    }

    /// Header, one question, and the records as they are given: all names of records point to the question's.
    private static func message(
        _ question: String, _ kind: UInt16, code: UInt8 = 0, answers: [(kind: UInt16, ttl: UInt32, data: [UInt8])] = [],
        authority: (ttl: UInt32, minimum: UInt32)? = nil
    ) -> [UInt8] {
        func pair(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 255)] }
        func word(_ value: UInt32) -> [UInt8] { pair(UInt16(value >> 16)) + pair(UInt16(value & 0xFFFF)) }
        var bytes: [UInt8] = [0, 1, 0x81, 0x80 | code]
        bytes += pair(1) + pair(UInt16(answers.count)) + pair(authority == nil ? 0 : 1) + pair(0)
        bytes += Self.name(question) + pair(kind) + pair(1)
        for answer in answers {
            bytes += [0xC0, 12] + pair(answer.kind) + pair(1) + word(answer.ttl) + pair(UInt16(answer.data.count))
            bytes += answer.data
        }
        if let authority {
            let data =
                Self.name("ns") + Self.name("admin") + word(1) + word(2) + word(3) + word(4) + word(authority.minimum)
            bytes += [0xC0, 12] + pair(6) + pair(1) + word(authority.ttl) + pair(UInt16(data.count)) + data
        }
        return bytes
    }

    @Test("addresses, with the shortest lifetime")
    func addresses() {
        let bytes = Self.message(
            "a.example", 1,
            answers: [(1, 300, [192, 0, 2, 1]), (5, 20, Self.name("b.example")), (1, 60, [192, 0, 2, 2])])
        let answer = DNSMessage.answer(bytes, to: DNSQuestion("a.example", .a))
        #expect(answer?.addresses.map(\.description) == ["192.0.2.1", "192.0.2.2"])
        #expect(answer?.lifetime == 20)
    }

    @Test("SRV, also through a compressed name, and the target that is none")
    func services() {
        let bytes = Self.message(
            "_sip._udp.example", 33,
            answers: [
                (33, 9, [0, 10, 0, 5, 0x13, 0xC4, 3] + Array("one".utf8) + [0xC0, 22]), (33, 9, [0, 1, 0, 0, 0, 0, 0]),
            ])
        #expect(
            DNSMessage.answer(bytes, to: DNSQuestion("_sip._udp.example", .srv))?.records == [
                .srv(priority: 10, weight: 5, port: 5060, target: "one.example"),
                .srv(priority: 1, weight: 0, port: 0, target: nil),
            ])
    }

    @Test("NAPTR")
    func naptr() {
        let data: [UInt8] =
            [0, 50, 0, 60, 1] + Array("S".utf8) + [7] + Array("SIP+D2U".utf8) + [0] + Self.name("_sip._udp.e")
        let bytes = Self.message("example", 35, answers: [(35, 9, data)])
        #expect(
            DNSMessage.answer(bytes, to: DNSQuestion("example", .naptr))?.records == [
                .naptr(order: 50, preference: 60, flags: "s", service: "SIP+D2U", replacement: "_sip._udp.e")
            ])
    }

    @Test("no holds as long as the zone says (RFC 2308)")
    func negative() {
        let bytes = Self.message("example", 1, code: 3, authority: (ttl: 900, minimum: 17))
        #expect(DNSMessage.answer(bytes, to: DNSQuestion("example", .a)) == DNSAnswer(.noSuchName, lifetime: 17))
        let empty = Self.message("example", 1, authority: (ttl: 11, minimum: 17))
        #expect(DNSMessage.answer(empty, to: DNSQuestion("example", .a)) == DNSAnswer(.records([]), lifetime: 11))
    }

    @Test("whatever the bytes are, it ends: every cut, every byte changed, pointers in circles")
    func total() {
        let data: [UInt8] =
            [0, 50, 0, 60, 1] + Array("S".utf8) + [7] + Array("SIP+D2U".utf8) + [0] + Self.name("_sip._udp.e")
        let whole = Self.message("example", 35, answers: [(35, 9, data)], authority: (1, 2))
        var read = 0
        for cut in 0...whole.count
        where DNSMessage.answer(Array(whole[..<cut]), to: DNSQuestion("example", .naptr)) != nil {
            read += 1
        }
        for place in whole.indices {
            for value: UInt8 in [0, 1, 12, 63, 64, 0xC0, 0xFF] {
                var changed = whole
                changed[place] = value
                if DNSMessage.answer(changed, to: DNSQuestion("example", .naptr)) != nil { read += 1 }
            }
        }
        #expect(read > 0)
        let circle: [UInt8] = [0, 1, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0, 0xC0, 12, 0, 1, 0, 1]
        #expect(DNSMessage.answer(circle, to: DNSQuestion("example", .a)) == nil)
    }

    @Test("the cache lets go of answers when they run out, and never grows beyond its limit")
    func cache() {
        var cache = DNSCache(limit: 8)
        let start = MonotonicTime.zero
        let question = DNSQuestion("a.example", .a)
        cache.keep(DNSAnswer(.noSuchName, lifetime: 10), for: question, now: start)
        #expect(cache.answer(question, now: start.adding(milliseconds: 4_000))?.lifetime == 6)
        #expect(cache.answer(question, now: start.adding(milliseconds: 10_000)) == nil)
        for place in 0..<1_000 {
            let name = DNSName("n\(place).example") ?? "x"
            cache.keep(DNSAnswer(.noSuchName, lifetime: UInt32(10 + place % 7)), for: DNSQuestion(name, .a), now: start)
            #expect(cache.count <= 8)
        }
        cache.keep(DNSAnswer(.noSuchName, lifetime: 0), for: question, now: start)
        #expect(cache.answer(question, now: start) == nil, "a lifetime of nothing is not kept")
    }
}
