import SIPKit
import Testing

@Suite("Small header values")
struct SmallHeaderTests {
    private func cSeq(_ text: String) throws(ParseError) -> CSeq {
        let bytes = Array(text.utf8)
        var cursor = ByteCursor(bytes.span)
        return try CSeq(parsing: &cursor)
    }

    @Test("CSeq: number and method are read and written", arguments: ["1 INVITE", "4294967295 REGISTER", "0 ACK"])
    func cSeqRoundTrip(text: String) throws {
        var output = ByteWriter()
        try self.cSeq(text).write(to: &output)
        #expect(output.string == text)
    }

    @Test("CSeq: leading zeros and folds are read, and a method that nobody knows keeps its text")
    func cSeqOdd() throws {
        #expect(try self.cSeq("0009\r\n  INVITE ").number == 9)
        let bytes = Array("7 FROB".utf8)
        var cursor = ByteCursor(bytes.span)
        let odd = try CSeq(parsing: &cursor)
        var output = ByteWriter()
        odd.write(to: &output, from: bytes.span)
        #expect(odd.method == .other)
        #expect(output.string == "7 FROB")
    }

    @Test(
        "CSeq: everything else is refused",
        arguments: [
            ("4294967296 INVITE", ParseError.Kind.outOfRange), ("36893488147419103232 REGISTER", .outOfRange),
            ("", .malformed),
            ("INVITE", .malformed), ("1", .malformed), ("1INVITE", .malformed), ("-1 INVITE", .malformed),
            ("1 INVITE x", .malformed),
            ("1 ", .malformed), ("1 \"", .malformed),
        ])
    func cSeqRefused(text: String, kind: ParseError.Kind) {
        #expect(throws: ParseError(kind, "CSeq")) { try self.cSeq(text) }
    }

    private func maxForwards(_ text: String) throws(ParseError) -> MaxForwards {
        let bytes = Array(text.utf8)
        var cursor = ByteCursor(bytes.span)
        return try MaxForwards(parsing: &cursor)
    }

    @Test("Max-Forwards counts down to zero and no further")
    func maxForwards() throws {
        #expect(try self.maxForwards("70").afterOneHop == MaxForwards(hops: 69))
        #expect(try self.maxForwards(" 007 ").hops == 7)
        #expect(try self.maxForwards("0").afterOneHop == nil)
        var output = ByteWriter()
        MaxForwards(hops: 255).write(to: &output)
        #expect(try self.maxForwards(output.string).hops == 255)
    }

    @Test(
        "Max-Forwards: everything else is refused",
        arguments: [
            ("256", ParseError.Kind.outOfRange), ("99999999999999999999999", .outOfRange), ("", .malformed),
            ("-1", .malformed),
            ("ten", .malformed), ("7 0", .malformed), ("1e1", .malformed),
        ])
    func maxForwardsRefused(text: String, kind: ParseError.Kind) {
        #expect(throws: ParseError(kind, "Max-Forwards")) { try self.maxForwards(text) }
    }

    @Test(
        "Seconds: digits, quoted digits, and too many digits counted as the most",
        arguments: [
            ("3600", 3600), ("\"60\"", 60), ("4294967295", 4_294_967_295), ("4294967296", 4_294_967_295),
            ("99999999999999999999", 4_294_967_295), ("", nil), ("-1", nil), ("1.5", nil), ("\"\"", nil), ("60s", nil),
        ] as [(String, UInt32?)])
    func seconds(text: String, value: UInt32?) {
        let bytes = Array(text.utf8)
        #expect(DeltaSeconds(parsing: bytes.span, ByteRange(0, bytes.count))?.seconds == value)
    }

    @Test("Warning: code, agent and text are read and written, several in one line")
    func warnings() throws {
        let text = #"392 192.0.2.1:5060 "Noisy feedback tells: \"x\"", 301 isi.edu "y""#
        let bytes = Array(text.utf8)
        var cursor = ByteCursor(bytes.span)
        let first = try Warning(parsing: &cursor)
        let second = try Warning(parsing: &cursor)
        #expect(cursor.isAtEnd == true)
        #expect(
            first
                == Warning(
                    code: 392, agent: Array("192.0.2.1:5060".utf8), text: Array(#"Noisy feedback tells: "x""#.utf8)))
        var output = ByteWriter()
        first.write(to: &output)
        output.write(", " as StaticString)
        second.write(to: &output)
        #expect(output.string == text)
    }

    @Test(
        "Warning: what is none is refused",
        arguments: ["", "abc", "1000 a \"x\"", "399", "399 \"x\"", "399 a \"x", "399 a \"x\" y"])
    func warningRefused(text: String) {
        #expect(throws: ParseError(.malformed, "Warning")) {
            let bytes = Array(text.utf8)
            var cursor = ByteCursor(bytes.span)
            _ = try Warning(parsing: &cursor)
        }
    }

    @Test("Quoted strings lose their quotes and escapes, and get them back")
    func quoted() {
        let bytes = Array(#""a\"b\\c""#.utf8)
        let text = QuotedString.unescape(bytes.span, ByteRange(0, bytes.count))
        #expect(text == Array(#"a"b\c"#.utf8))
        var output = ByteWriter()
        QuotedString.write(text, to: &output)
        #expect(output.bytes == bytes)
        let open = Array("\"ab".utf8)
        #expect(QuotedString.unescape(open.span, ByteRange(0, 3)) == open, "a quote that is not closed is text")
    }

    @Test("A quoted string cannot begin a header of its own")
    func injection() {
        var output = ByteWriter()
        QuotedString.write(Array("a\r\nX: y\u{0}".utf8), to: &output)
        #expect(output.string == "\"aX: y\"")
    }
}
