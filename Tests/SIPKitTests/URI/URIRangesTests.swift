import SIPKit
import Testing

@Suite("A URI's parts (RFC 3261 §19.1, §25.1)")
struct URIRangesTests {
    /// The parts as text, in one line that a test can compare.
    private func parts(_ text: String) throws -> String {
        let bytes = Array(text.utf8)
        let uri = try URIRanges(parsing: bytes.span, ByteRange(0, bytes.count))
        func show(_ range: ByteRange) -> String { bytes.span.string(range) }
        return "\(uri.scheme) \(uri.hasUser ? show(uri.user) : "-") \(show(uri.password)) \(show(uri.host)) "
            + "\(uri.port.map(String.init) ?? "-") [\(show(uri.parameters))] [\(show(uri.headers))] \(show(uri.hostPort))"
    }

    @Test(
        "are found",
        arguments: [
            ("sip:alice@atlanta.com", "sip alice  atlanta.com - [] [] atlanta.com"),
            (
                "sip:alice:secret@atlanta.com;transport=tcp",
                "sip alice secret atlanta.com - [transport=tcp] [] atlanta.com"
            ),
            (
                "sips:alice@atlanta.com?subject=x&priority=urgent",
                "sips alice  atlanta.com - [] [subject=x&priority=urgent] atlanta.com"
            ),
            (
                "SIP:+1-212-555-1212:1234@gateway.com;user=phone",
                "sip +1-212-555-1212 1234 gateway.com - [user=phone] [] gateway.com"
            ),
            (
                "sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com",
                "sip -  atlanta.com - [method=REGISTER] [to=alice%40atlanta.com] atlanta.com"
            ),
            ("sip:alice;day=tuesday@atlanta.com", "sip alice;day=tuesday  atlanta.com - [] [] atlanta.com"),
            ("sip:1001@[2001:db8::1]:5070;lr", "sip 1001  [2001:db8::1] 5070 [lr] [] [2001:db8::1]:5070"),
            ("sip:192.0.2.1:5060", "sip -  192.0.2.1 5060 [] [] 192.0.2.1:5060"),
            ("sip:user_x@host_y", "sip user_x  host_y - [] [] host_y"),
            ("sip:@host", "sip   host - [] [] host"),
            ("tel:+49-30-1234;phone-context=example.com", "tel -   - [phone-context=example.com] [] "),
            ("urn:service:sos", "urn -   - [] [] "),
            ("http://example.com/a?b", "other -   - [] [] "),
        ])
    func found(text: String, wanted: String) throws { #expect(try self.parts(text) == wanted) }

    @Test("of a tel URI hold the number as its user")
    func telephone() throws {
        let bytes = Array("tel:+4930;x=y".utf8)
        let uri = try URIRanges(parsing: bytes.span, ByteRange(0, bytes.count))
        #expect(bytes.span.string(uri.user) == "+4930")
        #expect(!uri.isSIP)
    }

    @Test(
        "are not found in what is no URI",
        arguments: [
            "", "sip", "sip:", ":x", "1sip:x", "<sip:a@b>", "sip:a@", "sip:a@b c", "sip:a b@c", "sip:a@b:", "sip:a@b:x",
            "sip:a@b:5060x", "sip:a@[::1", "sip:a@[1.2.3.4]", "sip:a@[::1]x", "sip:a@b@c", "sip:a@b\r\n",
            "sip:a\u{0}@b",
            "si p:a@b", "sip:a@b,c", "sip:a@2001:db8::1", "sip:a@b\u{7F}",
        ])
    func refused(text: String) { #expect(throws: ParseError(.malformed, "URI")) { try self.parts(text) } }

    @Test("end with an error of its own where the port is too large", arguments: ["65536", "99999999999999999999999"])
    func port(digits: String) {
        #expect(throws: ParseError(.outOfRange, "URI")) { try self.parts("sip:a@b:\(digits)") }
    }

    @Test("name parameters in either case, with and without a value")
    func parameters() throws {
        let bytes = Array("sip:a@b;LR;;Transport=TCP;x==y;maddr=".utf8)
        let uri = try URIRanges(parsing: bytes.span, ByteRange(0, bytes.count))
        #expect(uri.isLooseRouting(in: bytes.span) == true)
        #expect(uri.parameter("transport", in: bytes.span).map { bytes.span.string($0) } == "TCP")
        #expect(uri.parameter("x", in: bytes.span).map { bytes.span.string($0) } == "=y")
        #expect(uri.parameter("maddr", in: bytes.span).map { bytes.span.string($0) } == "")
        #expect(uri.parameter("ttl", in: bytes.span) == nil)
    }

    @Test("are found inside a longer text, and nothing outside the range is looked at")
    func inside() throws {
        let bytes = Array("<sip:a@b>;tag=@x".utf8)
        let uri = try URIRanges(parsing: bytes.span, ByteRange(1, 8))
        #expect(bytes.span.string(uri.host) == "b")
    }
}
