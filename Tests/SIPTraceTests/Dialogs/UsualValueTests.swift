import SIPKit
import Testing

@testable import SIPTrace

/// The quick readers of usual values say what the whole readers say, or nothing.
@Suite("Usual values")
struct UsualValueTests {
    /// Each text, and each text with some of its bytes replaced by marks that mean something.
    static func variants(_ texts: [String]) -> [[UInt8]] {
        let marks = Array(" \t;,:=<>\"@?[]()/.0aZ_-%\r\n".utf8)
        var random = SplitMix64(seed: 7)
        var all = texts.map { Array($0.utf8) }
        for text in all {
            for _ in 0..<3_000 {
                var changed = text
                for _ in 0..<Int(random.next() % 3 + 1) {
                    let place = Int(random.next() % UInt64(changed.count))
                    let mark = marks[Int(random.next() % UInt64(marks.count))]
                    switch random.next() % 3 {
                    case 0: changed[place] = mark
                    case 1: changed.insert(mark, at: place)
                    default: if changed.count > 1 { changed.remove(at: place) }
                    }
                }
                all.append(changed)
            }
        }
        return all
    }

    @Test("Via")
    func via() {
        var usual = 0
        for bytes in Self.variants([
            "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1b405bc7a7927b8f",
            "SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1b405bc7;rport",
            "SIP/2.0/UDP pc.example.net:5060;branch=z9hG4bKa.b.c;rport=1024;received=203.0.113.5",
            "SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK-1;received=203.0.113.5",
        ]) {
            let range = ByteRange(0, bytes.count)
            guard let quick = UsualVia(bytes.span, range) else { continue }
            usual += 1
            var cursor = ByteCursor(bytes.span, range)
            guard let whole = try? ViaRanges(parsing: &cursor) else {
                Issue.record("no Via: \(String(decoding: bytes, as: UTF8.self))")
                continue
            }
            let text = String(decoding: bytes, as: UTF8.self)
            let isAtEnd = cursor.isAtEnd
            #expect(isAtEnd, "\(text)")
            #expect(quick.host == whole.host, "\(text)")
            #expect(quick.port == whole.port, "\(text)")
            #expect(quick.hostPort == whole.hostPort, "\(text)")
            #expect(quick.branch == whole.branch, "\(text)")
            #expect(quick.hasReceived == !whole.received.isEmpty, "\(text)")
        }
        #expect(usual > 500)
    }

    @Test("addresses")
    func address() {
        var usual = 0
        for bytes in Self.variants([
            "<sip:alice@192.0.2.1:5062>", "<sip:+49301234@example.net>;tag=a1b2", "<sip:a@b.c>;q=0.5",
        ]) {
            let range = ByteRange(0, bytes.count)
            guard let quick = UsualAddress(bytes.span, range) else { continue }
            usual += 1
            let text = String(decoding: bytes, as: UTF8.self)
            guard let uri = try? URIRanges(parsing: bytes.span, quick.uri) else {
                Issue.record("no URI: \(text)")
                continue
            }
            #expect(quick.user == uri.user, "\(text)")
            #expect(quick.host == uri.host, "\(text)")
            #expect(quick.port == uri.port, "\(text)")
            #expect(quick.hostPort == uri.hostPort, "\(text)")
            // Behind the bracket may stand what is no parameter.
            var cursor = ByteCursor(bytes.span, range)
            guard let whole = try? AddressRanges(parsing: &cursor) else { continue }
            #expect(quick.uri == whole.uri, "\(text)")
        }
        #expect(usual > 500)
    }

    @Test("identities: tags and branches of usual messages are those of the same messages written unusually")
    func identity() throws {
        func identity(_ via: String, _ from: String, _ to: String) throws -> MessageIdentity {
            let text =
                "OPTIONS sip:b@192.0.2.2 SIP/2.0\r\n\(via)From: \(from)\r\nTo: \(to)\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\n\r\n"
            let bytes = Array(text.utf8)
            var index = MessageIndex()
            try index.parse(bytes.span)
            let address = SocketAddress(IPAddress(v4: 0xC000_0201), 5060)
            var identity = MessageIdentity(index, bytes.span, from: address, to: address, seed: 1)
            identity.topHost = .none
            return identity
        }
        let usual = try identity(
            "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKtop.1\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKbottom;rport\r\n",
            "<sip:a@192.0.2.1>;tag=one", "<sip:b@192.0.2.2>")
        let unusual = try identity(
            "Via: SIP/2.0/UDP  192.0.2.1:5060 ;branch=z9hG4bKtop.1 , SIP/2.0/UDP 192.0.2.9;rport;branch=z9hG4bKbottom\r\n",
            "\"A\" <sip:a@192.0.2.1> ;x=y;tag=one", "sip:b@192.0.2.2")
        #expect(usual == unusual)
        #expect(usual.viaCount == 2)
        #expect(usual.lacksReceived)
        #expect(usual.fromTag != 0)
        #expect(usual.toTag == 0)
    }
}
