import SIPKit
import Testing

@Suite("A parse error")
struct ParseErrorTests {
    @Test("is equal to another by kind and element")
    func equality() {
        #expect(ParseError(.malformed, "CSeq", expected: "a", at: 3) == ParseError(.malformed, "CSeq"))
        #expect(ParseError(.malformed, "CSeq") != ParseError(.missing, "CSeq"))
        #expect(ParseError(.malformed, "CSeq") != ParseError(.malformed, "Via"))
    }

    @Test("says where, what was expected and what was found")
    func sentence() {
        let error = ParseError(
            .malformed, "Max-Forwards", expected: "digits only", found: Array("ten".utf8), at: 212)
        #expect("\(error)" == #"Max-Forwards: expected digits only, found "ten" at byte 212"#)
        #expect("\(ParseError(.missing, "To"))" == "To: missing")
        #expect(
            "\(ParseError(.tooLarge, "body", expected: "at most 3 bytes"))" == "body: over the limit (at most 3 bytes)")
    }

    @Test("keeps at most 40 bytes of what was found, and shows control bytes harmlessly")
    func found() {
        let error = ParseError(.malformed, "Via", expected: "x", found: [0x1B] + [UInt8](repeating: 0x41, count: 100))
        #expect(error.found.count == 40)
        #expect("\(error)".contains(#"\x1bAAA"#))
    }
}
