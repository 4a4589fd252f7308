import SIPKit
import Testing

@Suite("Session descriptions (RFC 8866)")
struct SessionDescriptionTests {
    static let offer =
        "v=0\r\no=alice 2890844526 2890844526 IN IP4 host.example.com\r\ns= \r\nc=IN IP4 192.0.2.1/127/3\r\nt=0 0\r\na=sendrecv\r\n"
        + "m=audio 49170 RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\na=rtcp:49171\r\n"
        + "m=video 51372/2 RTP/AVPF 31 32\r\nc=IN IP6 2001:db8::1\r\na=inactive\r\n"

    private func sdp(_ text: String) throws -> ([UInt8], SessionDescription) {
        let bytes = Array(text.utf8)
        return (bytes, try SessionDescription(parsing: bytes.span, ByteRange(0, bytes.count)))
    }

    @Test("are read line by line")
    func reads() throws {
        let (bytes, sdp) = try self.sdp(Self.offer)
        func show(_ range: ByteRange) -> String { bytes.span.string(range) }
        #expect(String(decoding: sdp.lines.map(\.letter), as: UTF8.self) == "vosctamaamca")
        #expect(sdp.session == 0..<6)
        #expect(sdp.media.map(\.section) == [6..<9, 9..<12])
        #expect(sdp.media.map { show($0.kind) } == ["audio", "video"])
        #expect(sdp.media.map(\.portNumber) == [49_170, 51_372])
        #expect(sdp.media.map(\.portCount) == [1, 2])
        #expect(sdp.media.map { show($0.transport) } == ["RTP/AVP", "RTP/AVPF"])
        #expect(sdp.media.map { show($0.formats) } == ["0 8", "31 32"])
        #expect(sdp.connection(in: bytes.span).map { show($0.address) } == "192.0.2.1")
        #expect(sdp.connection(of: sdp.media[0], in: bytes.span).map { show($0.address) } == "192.0.2.1")
        #expect(
            sdp.connection(of: sdp.media[1], in: bytes.span).map { show($0.addressType) + show($0.address) }
                == "IP62001:db8::1")
        #expect(sdp.origin(in: bytes.span).map { show($0.address) } == "host.example.com")
        #expect(sdp.attribute("rtcp", in: sdp.media[0].section, of: bytes.span).map(show) == "49171")
        #expect(sdp.attribute("inactive", in: sdp.media[1].section, of: bytes.span).map(show) == "")
        #expect(sdp.attribute("rtcp", in: sdp.media[1].section, of: bytes.span) == nil)
    }

    @Test("are read with other line ends, without one, and with letters nobody knows")
    func tolerant() throws {
        let (bytes, sdp) = try self.sdp("v=0\nx=?\n\nc=IN IP4 0.0.0.0\nm=audio 0 RTP/AVP 0")
        #expect(sdp.lines.count == 4)
        let found = sdp.connection(in: bytes.span)
        let connection = try #require(found)
        #expect(SessionDescription.isHold(connection, in: bytes.span) == true)
        #expect(try self.sdp("").1.lines.isEmpty)
        let (other, short) = try self.sdp("o=a\r\nc=IN\r\nm=x 1\r\n")
        #expect(short.origin(in: other.span) == nil)
        #expect(short.connection(in: other.span) == nil)
        #expect(short.media[0].formats.isEmpty)
    }

    @Test(
        "are refused where a line is none, or a medium has no port",
        arguments: [
            "v", "v=0\r\nhello\r\n", " v=0", "=0", "m=audio", "m=audio x RTP/AVP 0", "m=audio 65536 RTP/AVP 0",
            "m=audio 1/x RTP/AVP", "m=", "m=audio -1 RTP/AVP 0",
        ])
    func refused(text: String) { #expect(throws: ParseError(.malformed, "SDP")) { try self.sdp(text) } }

    @Test("are refused over their limits")
    func limits() {
        #expect(throws: ParseError(.tooLarge, "SDP")) { try self.sdp(String(repeating: "a=x\n", count: 3_000)) }
        #expect(throws: ParseError(.tooLarge, "SDP")) { try self.sdp(String(repeating: "m=a 1 x\n", count: 100)) }
    }

    @Test("are changed in place: addresses, ports, attributes, and nothing else")
    func edits() throws {
        let head = "INVITE sip:a SIP/2.0\r\nContent-Length:  \(Self.offer.utf8.count) \r\nX-Odd :  as it  was\r\n\r\n"
        let message = try SIPMessage(parsing: head + Self.offer)
        let bytes = message.bytes.span
        let sdp = try SessionDescription(parsing: bytes, message.body)
        var edits = MessageEdits()
        let (connection, origin) = (sdp.connection(in: bytes), sdp.origin(in: bytes))
        sdp.replace(try #require(connection), with: try #require(IPAddress("2001:db8::99")), in: &edits)
        sdp.replace(try #require(origin), with: try #require(IPAddress("198.51.100.7")), in: &edits)
        sdp.replacePort(of: sdp.media[0], with: 4_000, in: &edits)
        sdp.removeAttributes("rtcp", in: sdp.media[0].section, of: bytes, &edits)
        sdp.add(attribute: "rtcp:4001", to: sdp.media[0].section, in: bytes, &edits)
        sdp.add(attribute: "nortpproxy:yes\r\nm=evil", to: sdp.session, in: bytes, &edits)
        edits.fixLength(of: message.index, in: bytes)
        let body =
            "v=0\r\no=alice 2890844526 2890844526 IN IP4 198.51.100.7\r\ns= \r\nc=IN IP6 2001:db8::99\r\nt=0 0\r\na=sendrecv\r\na=nortpproxy:yes  m=evil\r\n"
            + "m=audio 4000 RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\na=rtcp:4001\r\n"
            + "m=video 51372/2 RTP/AVPF 31 32\r\nc=IN IP6 2001:db8::1\r\na=inactive\r\n"
        let wanted =
            "INVITE sip:a SIP/2.0\r\nContent-Length:  \(body.utf8.count) \r\nX-Odd :  as it  was\r\n\r\n" + body
        #expect(String(decoding: edits.apply(to: message.bytes), as: UTF8.self) == wanted)
    }

    @Test("get a line end before an attribute that follows a line without one")
    func noLineEnd() throws {
        let (bytes, sdp) = try self.sdp("v=0\r\nm=audio 1 RTP/AVP 0")
        var edits = MessageEdits()
        sdp.add(attribute: "x", to: sdp.media[0].section, in: bytes.span, &edits)
        #expect(String(decoding: edits.apply(to: bytes), as: UTF8.self) == "v=0\r\nm=audio 1 RTP/AVP 0\r\na=x\r\n")
        let (none, empty) = try self.sdp("")
        var more = MessageEdits()
        empty.add(attribute: "x", to: empty.session, in: none.span, &more)
        #expect(more.scratch == Array("a=x\r\n".utf8))
    }
}
