import SIPKit
import Testing

@Suite("The table of a message")
struct MessageIndexTests {
    private func message(_ text: String) throws -> SIPMessage { try SIPMessage(parsing: text) }

    @Test("finds the parts of a request")
    func request() throws {
        let message = try self.message(Sample.invite)
        #expect(message.isRequest)
        #expect(message.method == .invite)
        #expect(message.text(message.requestURI) == "sip:bob@biloxi.example.com")
        #expect(message.text(message.index.version) == "SIP/2.0")
        #expect(
            message.index.slots.map { message.text($0.name) } == [
                "Via", "Max-Forwards", "To", "From", "Call-ID", "CSeq", "Contact", "Content-Type", "Content-Length",
            ])
        #expect(message.text(.callID) == "a84b4c76e66710@pc33.atlanta.example.com")
        #expect(message.text(message.body) == "v=0\n")
        #expect(message.index.defect == nil)
        #expect(message.text(ByteRange(message.index.headersStart, message.index.headersStart + 4)) == "Via:")
        #expect(message.text(ByteRange(message.index.headersEnd, message.index.bodyStart)) == "\r\n")
    }

    @Test("finds the parts of a response, compact names too")
    func response() throws {
        let message = try self.message(Sample.ringing)
        #expect(!message.isRequest)
        #expect(message.statusCode == 180)
        #expect(message.text(message.reason) == "Ringing")
        #expect(
            message.values(.via).map(message.text) == ["SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/TCP b", "SIP/2.0/TLS c"])
        #expect(try message.vias().map { message.text($0.host) } == ["a", "b", "c"])
        #expect(message.text(try message.from().tag) == "1")
        #expect(message.text(try message.to().tag) == "2")
        #expect(message.methodText == "INVITE")
        #expect(message.body.isEmpty)
    }

    @Test("reads LF alone as a line end, and passes empty lines before the start line")
    func lineEnds() throws {
        let text = "\r\n\n" + Sample.invite.replacing("\r\n", with: "\n")
        let message = try self.message(text)
        #expect(message.index.slots.count == 9)
        #expect(message.text(message.body) == "v=0\n")
        #expect(message.index.defect == nil)
    }

    @Test("joins folded lines, also one whose value begins on the second line")
    func folding() throws {
        let message = try self.message(
            "OPTIONS sip:a SIP/2.0\r\nTo :\r\n  <sip:a>\r\n\t;tag=1\r\nSubject: a\r\n \r\nX:\r\n\r\nbody")
        #expect(message.text(.to) == "<sip:a>\r\n\t;tag=1")
        #expect(message.text(try message.to().tag) == "1")
        #expect(message.text(.subject) == "a")
        #expect(message.first(named: "x")?.isEmpty == true)
        #expect(message.text(message.body) == "body")
    }

    @Test("sees a header whose name has blanks behind it: no filter is fooled by `X :`")
    func blanksBeforeColon() throws {
        let message = try self.message("OPTIONS sip:a SIP/2.0\r\nP-Asserted-Identity \t: <sip:x>\r\nX-Y : 1\r\n\r\n")
        #expect(message.text(.pAssertedIdentity) == "<sip:x>")
        #expect(message.first(named: "x-y") != nil)
    }

    @Test(
        "remembers the first thing that does not follow the grammar, and reads on",
        arguments: [
            ("OPTIONS sip:a SIP/2.0\r\nno colon here\r\nTo: x\r\n\r\n", MessageIndex.Defect.lineWithoutColon),
            ("OPTIONS sip:a SIP/2.0\r\n: x\r\nTo: x\r\n\r\n", .headerName),
            ("OPTIONS sip:a SIP/2.0\r\n To: y\r\nTo: x\r\n\r\n", .headerName),
            ("OPTIONS sip:a; lr SIP/2.0\r\nTo: x\r\n\r\n", .requestURI),
            ("OPTIONS  sip:a SIP/2.0\r\nTo: x\r\n\r\n", .requestURI),
            ("OPTIONS sip:a SIP/7.0\r\nTo: x\r\n\r\n", .version),
            ("SIP/2.0 99 x\r\nTo: x\r\n\r\n", .statusCode),
            ("SIP/2.0 4000 x\r\nTo: x\r\n\r\n", .statusCode),
            ("SIP/1.0 200 x\r\nTo: x\r\n\r\n", .version),
            ("OPTIONS sip:a SIP/2.0\r\nTo: x\r\n", .noBlankLine),
            ("OPTIONS sip:a SIP/2.0\r\nTo: x", .noBlankLine),
        ])
    func defects(text: String, defect: MessageIndex.Defect) throws {
        let message = try self.message(text)
        #expect(message.index.defect == defect)
        #expect(message.text(.to) == "x")
    }

    @Test(
        "is refused for what does not begin like SIP",
        arguments: [
            "", "\r\n\r\n", "x", "INVITE", "INVITE sip:a", "INVITE sip:a HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\n\r\n",
            " INVITE sip:a SIP/2.0",
            "SIP/2.0", "SIP/2.0 ", "SIP/2.0 abc", "SIP/2.0 99999999999999999999 x", "INVITE SIP/2.0\r\n\r\n",
            "\u{0}\u{0}", "(x) sip:a SIP/2.0",
        ])
    func refused(text: String) { #expect(throws: ParseError(.malformed, "start line")) { try self.message(text) } }

    @Test("refuses more header lines than its limit, and more bytes")
    func limits() {
        let most = "OPTIONS sip:a SIP/2.0\r\n" + String(repeating: "a:\r\n", count: MessageIndex.maxHeaderLines)
        #expect(throws: Never.self) { try self.message(most + "\r\n") }
        #expect(throws: ParseError(.tooLarge, "headers")) { try self.message(most + "b:\r\n\r\n") }
        #expect(throws: ParseError(.tooLarge, "message")) {
            try SIPMessage(parsing: [UInt8](repeating: 0x20, count: MessageIndex.maxLength + 1))
        }
    }

    @Test("gives the last of its places for headers a value too")
    func manyHeaders() throws {
        let text = "OPTIONS sip:a SIP/2.0\r\n" + String(repeating: "a-b: 1\r\n", count: 16_383) + "To: x\r\n\r\n"
        #expect(try self.message(text).text(.to) == "x")
    }

    @Test(
        "takes the body as long as Content-Length says, and whole where it says nothing usable",
        arguments: [
            ("Content-Length: 2\r\n", "ab"), ("l: 000000000000000000000000000002\r\n", "ab"), ("", "abcd"),
            ("Content-Length: 9\r\n", "abcd"),
            ("Content-Length: x\r\n", "abcd"), ("Content-Length: -1\r\n", "abcd"), ("Content-Length: 0\r\n", ""),
            ("Content-Length: 18446744073709551617\r\n", "abcd"),
        ])
    func bodies(header: String, body: String) throws {
        let message = try self.message("OPTIONS sip:a SIP/2.0\r\n\(header)\r\nabcd")
        #expect(message.text(message.body) == body)
    }

    @Test(
        "tells a Content-Length that is too large from one that is no number",
        arguments: [
            ("99999999999", ParseError.Kind.outOfRange), ("-1", .malformed), ("", .malformed), ("1 2", .malformed),
            ("0x10", .malformed),
        ])
    func contentLength(value: String, kind: ParseError.Kind) throws {
        let message = try self.message("OPTIONS sip:a SIP/2.0\r\nContent-Length: \(value)\r\n\r\n")
        #expect(throws: ParseError(kind, "Content-Length")) { try message.index.contentLength(message.bytes.span) }
    }

    @Test("tells where a header line stands, up to the next one")
    func lines() throws {
        let message = try self.message("OPTIONS sip:a SIP/2.0\r\nA: 1\r\n 2\r\nB: 3\r\n\r\nx")
        #expect(message.text(message.index.lineRange(0)) == "A: 1\r\n 2\r\n")
        #expect(message.text(message.index.lineRange(1)) == "B: 3\r\n")
    }

    @Test("used again knows nothing of the message before")
    func reuse() throws {
        var index = MessageIndex()
        let first = Array(Sample.invite.utf8)
        let second = Array("SIP/2.0 200\r\nX-Y: 1\r\n\r\n".utf8)
        try index.parse(first.span)
        try index.parse(second.span)
        #expect(!index.isRequest)
        #expect(index.method == .other)
        #expect(index.statusCode == 200)
        #expect(index.slots.count == 1)
        #expect(HeaderID.allCases.filter(index.contains) == [.other])
        #expect(index.requestURI.isEmpty)
    }

    @Test("finds every line of a header, one after the other")
    func nextSlot() throws {
        let message = try self.message("OPTIONS sip:a SIP/2.0\r\nVia: 1\r\nTo: x\r\nv: 2\r\nVIA : 3\r\n\r\n")
        let first = try #require(message.index.firstSlot(.via))
        let second = try #require(message.index.nextSlot(after: first))
        let third = try #require(message.index.nextSlot(after: second))
        #expect([first, second, third] == [0, 2, 3])
        #expect(message.index.nextSlot(after: third) == nil)
    }
}
