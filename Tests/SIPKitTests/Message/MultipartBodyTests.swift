import SIPKit
import Testing

@Suite("Multipart bodies (RFC 2046 §5.1)")
struct MultipartBodyTests {
    private func parts(_ body: String, boundary: String = "b1") throws -> [String] {
        let bytes = Array(body.utf8)
        var type = MediaType("multipart", "mixed")
        type.parameters.set("boundary", boundary)
        let multipart = try MultipartBody(parsing: bytes.span, ByteRange(0, bytes.count), type: type)
        return multipart.parts.map { part in
            "\(part.depth) [\(bytes.span.string(part.contentType))] [\(bytes.span.string(part.body))]"
        }
    }

    @Test("are cut at their boundaries, whose line ends are not the content's")
    func cut() throws {
        let body =
            "preamble\r\n--b1\r\nContent-Type: text/plain\r\nX: y\r\n\r\none\r\n\r\n--b1  \r\n\r\ntwo\n--b1\nContent-Type:\n application/sdp\n\nv=0\n\n--b1--\r\nepilogue --b1"
        #expect(try self.parts(body) == ["0 [text/plain] [one\r\n]", "0 [] [two]", "0 [application/sdp] [v=0\n]"])
    }

    @Test("are found inside one another")
    func nested() throws {
        let body =
            "--b1\r\nContent-Type: multipart/alternative; boundary=\"b 2\"\r\n\r\n--b 2\r\nContent-Type: text/plain\r\n\r\nin\r\n--b 2--\r\n--b1\r\n\r\nout\r\n--b1--"
        let found = try self.parts(body)
        #expect(found.count == 3)
        #expect(found[1...] == ["1 [text/plain] [in]", "0 [] [out]"])
    }

    @Test("without a closing line reach to the end, and may be empty")
    func open() throws {
        #expect(try self.parts("--b1\r\n\r\nlast") == ["0 [] [last]"])
        #expect(try self.parts("--b1\r\n--b1\r\n\r\n--b1--") == ["0 [] []", "0 [] []"])
        #expect(try self.parts("--b1") == ["0 [] []"])
        #expect(try self.parts("--b1--") == [])
    }

    @Test("are no parts where only something like the boundary stands")
    func near() throws {
        #expect(try self.parts("--b1\r\n\r\n--b1x\r\n --b1\r\n--b\r\n-b1--\r\n--b1").count == 2)
    }

    @Test("are refused without a boundary, without its line, too deep or too many")
    func refused() throws {
        #expect(throws: ParseError(.malformed, "multipart")) { try self.parts("no boundary here") }
        #expect(throws: ParseError(.tooLarge, "multipart")) {
            try self.parts("x", boundary: String(repeating: "b", count: 71))
        }
        #expect(throws: ParseError(.missing, "multipart")) {
            let bytes: [UInt8] = [0x2D]
            _ = try MultipartBody(parsing: bytes.span, ByteRange(0, 1), type: MediaType("multipart", "mixed"))
        }
        var deep = ""
        for level in 0..<100 { deep += "--b\(level)\r\nContent-Type: multipart/mixed;boundary=b\(level + 1)\r\n\r\n" }
        #expect(throws: ParseError(.tooLarge, "multipart")) { try self.parts(deep, boundary: "b0") }
        #expect(throws: ParseError(.tooLarge, "multipart")) {
            try self.parts(String(repeating: "--b1\r\n\r\n", count: 300))
        }
    }

    @Test("give a message its session description wherever it stands")
    func sdp() throws {
        let head = "INVITE sip:a SIP/2.0\r\nContent-Type: multipart/mixed;boundary=b\r\n\r\n"
        let message = try SIPMessage(
            parsing: head
                + "--b\r\nContent-Type: application/pidf+xml\r\n\r\n<x/>\r\n--b\r\nContent-Type: application/SDP\r\n\r\nv=0\r\n\r\n--b--\r\n"
        )
        #expect(message.body("application", "sdp").map(message.text) == "v=0\r\n")
        #expect(message.body("text", "plain") == nil)
        let plain = try SIPMessage(parsing: "INVITE sip:a SIP/2.0\r\nc: application/sdp\r\n\r\nv=0\r\n")
        #expect(plain.body("application", "sdp").map(plain.text) == "v=0\r\n")
    }
}
