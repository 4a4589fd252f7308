import SIPKit
import Testing

@testable import harv

/// What a first look at a session says agrees with the whole reading, whatever the description looks like.
@Suite("First looks at sessions")
struct SessionGlanceTests {
    static let plain =
        "v=0\r\no=- 1 1 IN IP4 192.168.1.2\r\ns=call\r\nc=IN IP4 192.168.1.2\r\nt=0 0\r\n"
        + "m=audio 37662 RTP/AVP 0 8 18 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
        + "a=rtpmap:18 G729/8000\r\na=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\na=sendrecv\r\n"

    static let lines = [
        "c=IN IP4 203.0.113.9", "c=IN IP4 10.0.0.1/127", "c=IN IP6 2001:db8::1", "c=IN IP4 10.1.1.110.2.2.2",
        "c=IN  IP4 10.0.0.1", "c=", "o=- 1 2 IN IP4 203.0.113.9", "o=- 1 2 IN IP4 pc.example.net",
        "o=- 1 2 IN IP4 192.168.1.2192.0.2.1", "m=audio 0 RTP/AVP 0", "m=audio 5000/2 RTP/AVP 0",
        "m=audio 70000 RTP/AVP 0", "m=video 5004 RTP/AVP 97", "m=audio 5004 RTP/SAVP 0 8", "m=audio 5004 RTP/AVP 96 0",
        "m=image 5004 udptl t38", "a=rtpmap:96 iLBC/8000", "a=rtpmap:0 PCMU/8000/3", "a=rtpmap:8 PCMA/16000",
        "a=rtpmap:18 G729/8000/1", "a=rtpmap:97 ", "a=rtpmap:101  telephone-event/8000", "a=rtpmap:x PCMU/8000",
        "a=nortpproxy:yes", "a=candidate:1 1 UDP 1 203.0.113.7 5000 typ host", "a=inactive", "b=AS:64", "",
        "a=rtpmap:13 CN/8000", "a=rtpmap:9 G722/16000", "m=audio 5000 RTP/AVP 13 9 3", "m=audio 5000 RTP/AVP 0 999",
    ]

    /// Descriptions with lines taken out, doubled, put in and put elsewhere.
    static let variants: [String] = {
        var random = SplitMix64(seed: 11)
        func pick(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
        return (0..<20_000).map { _ in
            var lines = Self.plain.split(separator: "\r\n").map(String.init)
            for _ in 0...pick(4) {
                switch pick(5) {
                case 0: if lines.count > 1 { lines.remove(at: pick(lines.count)) }
                case 1: lines.insert(lines[pick(lines.count)], at: pick(lines.count + 1))
                case 2: lines[pick(lines.count)] = Self.lines[pick(Self.lines.count)]
                case 3: lines.swapAt(pick(lines.count), pick(lines.count))
                default: lines.insert(Self.lines[pick(Self.lines.count)], at: pick(lines.count + 1))
                }
            }
            return lines.joined(separator: pick(8) == 0 ? "\n" : "\r\n") + "\r\n"
        }
    }()

    static func voice(_ session: SessionFacts) -> Set<String> {
        Set(session.audioCodecs.map { "\($0.name)/\($0.clock)" })
    }
    static let names: [(bit: UInt8, name: String)] = [
        (1, "PCMU/8000"), (2, "GSM/8000"), (4, "G723/8000"), (8, "PCMA/8000"), (16, "G722/8000"), (32, "G729/8000"),
    ]

    @Test("a plain sketch says what the whole reading says")
    func sketches() {
        var count = 0
        for text in Self.variants {
            let bytes = Array(text.utf8)
            let range = ByteRange(0, bytes.count)
            let sketch = SessionGlance(bytes.span, range).sketch
            guard sketch.isPlain else { continue }
            count += 1
            let facts = SessionFacts(bytes.span, range)
            #expect(facts.media.count == 1, "\(text)")
            #expect(facts.media.allSatisfy { $0.kind == .audio && $0.isRTP && !$0.isEncrypted }, "\(text)")
            #expect(facts.media.allSatisfy { (1...65_535).contains($0.port) }, "\(text)")
            #expect(facts.firstAddress == IPAddress(v4: sketch.address), "\(text)")
            #expect(facts.hasTones == sketch.hasTones, "\(text)")
            #expect(facts.brokenAddress.isEmpty && facts.relayMarks == 0, "\(text)")
            let expected = Set(Self.names.filter { sketch.codecs & $0.bit != 0 }.map(\.name))
            #expect(Self.voice(facts) == expected, "\(text)")
        }
        #expect(count > 1_000)
    }

    @Test("no warning of a first look, nothing of the kind in the whole reading")
    func warnings() {
        for text in Self.variants {
            let bytes = Array(text.utf8)
            let range = ByteRange(0, bytes.count)
            let (glance, facts) = (SessionGlance(bytes.span, range), SessionFacts(bytes.span, range))
            let addresses = facts.media.compactMap { facts.address(of: $0) }
            if !glance.hasPrivateMedia { #expect(!addresses.contains { $0.isPrivate || $0.isLoopback }, "\(text)") }
            if !glance.isHalfPublic, let origin = facts.originAddress, let media = facts.firstAddress {
                #expect(!origin.isPrivate || !AddressScope.isPublic(media), "\(text)")
            }
            guard !glance.hasOddCodecs else { continue }
            for codec in facts.media.filter({ $0.kind == .audio }).flatMap(\.codecs) {
                let known = SessionFacts.staticCodec(codec.payload)
                #expect(codec.channels.isEmpty || known == nil, "\(text)")
                #expect(known == nil || known?.clock == codec.clock || known?.name != codec.name, "\(text)")
                #expect(codec.payload < 96 || !codec.name.isEmpty, "\(text)")
            }
        }
    }

    @Test("two hosts in a Warning are seen, the same one is not")
    func hosts() {
        func differ(_ text: String) -> Bool {
            let bytes = Array(text.utf8)
            return Glance.namesTwoHosts(bytes.span, ByteRange(0, bytes.count))
        }
        #expect(differ("392 a \"in_uri=sip:b@example.net out_uri=sip:b@192.0.2.1:5060 via_cnt==1\""))
        #expect(!differ("392 a \"in_uri=sip:b@example.net out_uri=sip:c@example.net:5070 via_cnt==1\""))
        #expect(!differ("392 a \"in_uri=sip:b@example.net\""))
    }
}
