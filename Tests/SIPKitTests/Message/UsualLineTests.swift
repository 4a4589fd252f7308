import Testing

@testable import SIPKit

@Suite("The quick way to read a header line")
struct UsualLineTests {
    private func both(_ bytes: [UInt8]) throws -> (quick: MessageIndex, plain: MessageIndex) {
        var quick = MessageIndex()
        var plain = MessageIndex()
        try quick.parse(bytes.span, quickly: true)
        try plain.parse(bytes.span, quickly: false)
        return (quick, plain)
    }

    private func expectSame(_ bytes: [UInt8], _ comment: Testing.Comment? = nil) throws {
        let (quick, plain) = try self.both(bytes)
        #expect(
            quick.slots.map { [$0.name, $0.value] } == plain.slots.map { [$0.name, $0.value] }
                && quick.slots.map(\.id) == plain.slots.map(\.id), comment)
        #expect(quick.headersEnd == plain.headersEnd && quick.bodyStart == plain.bodyStart, comment)
        #expect(quick.defect == plain.defect && quick.defectOffset == plain.defectOffset, comment)
        for id in HeaderID.allCases { #expect(quick.firstSlot(id) == plain.firstSlot(id), comment) }
    }

    @Test("finds every known name, its compact form, and no name beside them")
    func names() throws {
        for id in HeaderID.allCases where id != .other {
            for name in ["\(id.name)", "\(id.name)".lowercased(), "\(id.name)".uppercased(), "\(id.name)x"] {
                let bytes = Array("OPTIONS sip:a SIP/2.0\r\n\(name): 1\r\n\r\n".utf8)
                try self.expectSame(bytes, "\(name)")
                let index = try self.both(bytes).quick
                #expect(index.contains(id) == (name.count == "\(id.name)".count))
            }
            guard let letter = id.compactName else { continue }
            let bytes = Array("OPTIONS sip:a SIP/2.0\r\n".utf8) + [letter] + Array(": something longer\r\n\r\n".utf8)
            try self.expectSame(bytes)
            #expect(try self.both(bytes).quick.contains(id))
        }
    }

    @Test("takes no control byte for the hyphen or the letter it would fold to")
    func controls() throws {
        for name in ["Call\rID", "Max\rForwards", "CSe\u{11}", "Con\u{14}act", "Record\rRoute", "SIP\rETag"] {
            let bytes = Array("OPTIONS sip:a SIP/2.0\r\n\(name): 123456789 abc\r\n\r\n".utf8)
            try self.expectSame(bytes, "\(name)")
            #expect(try self.both(bytes).quick.slots.isEmpty)
        }
    }

    @Test("agrees with the plain way on messages with any byte changed")
    func changed() throws {
        var random = SplitMix64(seed: 0x51_9A)
        let interesting: [UInt8] = [0, 9, 10, 13, 0x20, 0x2C, 0x2D, 0x3A, 0x3B, 0x41, 0x7F, 0x80, 0xFF]
        for sample in [Sample.invite, Sample.ringing] {
            let original = Array(sample.utf8)
            let start = (original.firstIndex(of: ASCII.lf) ?? 0) + 1
            for _ in 0..<4_000 {
                var bytes = original
                for _ in 0...Int.random(in: 0..<3, using: &random) {
                    let place = Int.random(in: start..<bytes.count, using: &random)
                    switch Int.random(in: 0..<3, using: &random) {
                    case 0: bytes[place] = interesting[Int.random(in: 0..<interesting.count, using: &random)]
                    case 1: bytes.remove(at: place)
                    default: bytes.insert(interesting[Int.random(in: 0..<interesting.count, using: &random)], at: place)
                    }
                }
                if Bool.random(using: &random) {
                    bytes.removeLast(Int.random(in: 0..<(bytes.count - start), using: &random))
                }
                try self.expectSame(bytes)
            }
        }
    }

    @Test("finds the first values of the headers that every message has")
    func commonValues() throws {
        let text = "INVITE sip:a SIP/2.0\r\nTo: t1\r\nv: v1\r\nVia: v2\r\nFrom:\r\nFrom: f2\r\nCSeq: 1 INVITE\r\n\r\n"
        let message = try SIPMessage(parsing: text)
        let values = message.index.commonValues
        #expect(message.text(values.via) == "v1")
        #expect(message.text(values.to) == "t1")
        #expect(values.from.isEmpty)
        #expect(values.callID.isEmpty)
        #expect(message.text(values.cSeq) == "1 INVITE")
    }
}
