import SIPKit
import Testing

@Suite("A message that owns its bytes")
struct SIPMessageTests {
    @Test("reads its values when they are asked for")
    func values() throws {
        let message = try SIPMessage(parsing: Sample.invite)
        #expect(message.text(try message.topVia().branch) == "z9hG4bK776asdhds")
        #expect(message.text(try message.from().displayName) == "Alice")
        #expect(try message.cSeq() == CSeq(parsing: "314159 INVITE", in: message))
        #expect(try message.maxForwards()?.hops == 70)
        #expect(Array(message.callID) == Array("a84b4c76e66710@pc33.atlanta.example.com".utf8))
        #expect(try message.addresses(.contact).map { message.text($0.uri) } == ["sip:alice@pc33.atlanta.example.com"])
        #expect(message.methodText == "INVITE")
        #expect(message.first(named: "CONTENT-type").map(message.text) == "application/sdp")
        #expect(message.first(named: "nowhere") == nil)
    }

    @Test("names the header that is missing")
    func missing() throws {
        let message = try SIPMessage(parsing: "FROB sip:a SIP/2.0\r\n\r\n")
        #expect(throws: ParseError(.missing, "Via")) { try message.topVia() }
        #expect(throws: ParseError(.missing, "From")) { try message.from() }
        #expect(throws: ParseError(.missing, "To")) { try message.to() }
        #expect(throws: ParseError(.missing, "CSeq")) { try message.cSeq() }
        #expect(try message.maxForwards() == nil)
        #expect(message.callID.isEmpty)
        #expect(try message.addresses(.contact).isEmpty)
        #expect(message.methodText == "FROB")
    }

    @Test("gives nothing for a range that lies outside")
    func outside() throws {
        let message = try SIPMessage(parsing: Sample.ringing)
        #expect(message[ByteRange(9_999, 10_000)].isEmpty)
        #expect(message[ByteRange(5, 3)].isEmpty)
        #expect(message.text(ByteRange(9_999, 10_000)) == "")
    }

    @Test("keeps several values of one line apart, and a Contact of `*` is an address")
    func several() throws {
        let message = try SIPMessage(
            parsing:
                "REGISTER sip:a SIP/2.0\r\nRoute: <sip:a;lr>,\r\n <sip:b;lr>\r\nm: *\r\nRoute: <sip:c>\r\nWarning: 399 a \"b, c\", 301 d \"e\"\r\n\r\n"
        )
        #expect(try message.addresses(.route).map { message.text($0.uri) } == ["sip:a;lr", "sip:b;lr", "sip:c"])
        #expect(try message.address(.contact).isBracketed == false)
        #expect(message.text(try message.address(.contact).uri) == "*")
        #expect(try message.warnings().map(\.code) == [399, 301])
    }
}

extension CSeq {
    /// The value that `text` writes, with the place it has in the message.
    fileprivate init(parsing text: String, in message: SIPMessage) throws {
        let wanted = try #require(message.text(.cSeq) == text ? message.first(.cSeq) : nil)
        var cursor = ByteCursor(message.bytes.span, wanted)
        try self.init(parsing: &cursor)
    }
}
