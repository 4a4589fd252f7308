import SIPKit
import Testing

@Suite("Addresses: name-addr and addr-spec (RFC 3261 §20.10)")
struct AddressRangesTests {
    private func all(_ text: String) throws -> [String] {
        let bytes = Array(text.utf8)
        var cursor = ByteCursor(bytes.span)
        var found: [String] = []
        while !cursor.isAtEnd {
            let address = try AddressRanges(parsing: &cursor)
            func show(_ range: ByteRange) -> String { bytes.span.string(range) }
            found.append(
                "\(show(address.displayName))|\(address.isBracketed ? "<\(show(address.uri))>" : show(address.uri))"
                    + "|\(show(address.tag))|\(show(address.parameters))")
        }
        return found
    }

    @Test(
        "are read",
        arguments: [
            ("sip:a@b", ["|sip:a@b||"]),
            ("<sip:a@b>", ["|<sip:a@b>||"]),
            ("Alice Q. <sip:a@b;x=1>;tag=88", ["Alice Q.|<sip:a@b;x=1>|88|;tag=88"]),
            (
                "\"Watson, Thomas\" < sip:t.watson@example.org > ; TAG = 1",
                ["\"Watson, Thomas\"|<sip:t.watson@example.org>|1| ; TAG = 1"]
            ),
            ("sip:a@b;tag=x;y", ["|sip:a@b|x|;tag=x;y"]),
            ("\"J\\\"x\" <sip:a@b>", ["\"J\\\"x\"|<sip:a@b>||"]),
            ("<sip:a@b>, sip:c@d;q=0.5 ,<sip:e@f,g>", ["|<sip:a@b>||", "|sip:c@d||;q=0.5", "|<sip:e@f,g>||"]),
            ("*", ["|*||"]),
            ("\r\n <sip:a@b>\r\n ;tag=1", ["|<sip:a@b>|1|\r\n ;tag=1"]),
            ("caller<sip:caller@example.com>", ["caller|<sip:caller@example.com>||"]),
            ("\"\"<sip:a@b>", ["\"\"|<sip:a@b>||"]),
        ])
    func read(text: String, wanted: [String]) throws { #expect(try self.all(text) == wanted) }

    @Test(
        "are refused",
        arguments: [
            "\"open <sip:a@b>", "<sip:a@b", "\"x\" sip:a@b", "<>", "<sip:a@b> x", ";tag=1", "a \"b\" <sip:c@d>",
            "<sip:a@b>;=",
        ])
    func refused(text: String) { #expect(throws: ParseError.self) { try self.all(text) } }

    @Test("find a parameter by its name in either case")
    func parameter() throws {
        let bytes = Array("<sip:a@b;expires=1>;Expires=60;q=0.7".utf8)
        var cursor = ByteCursor(bytes.span)
        let address = try AddressRanges(parsing: &cursor)
        #expect(address.parameter("expires", in: bytes.span).map { bytes.span.string($0) } == "60")
        #expect(address.parameter("tag", in: bytes.span) == nil)
    }
}
