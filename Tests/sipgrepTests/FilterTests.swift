import SIPKit
import SIPTrace
import Testing

@testable import sipgrep

@Suite("The filter language")
struct FilterTests {
    private let invite = """
        INVITE sip:7271@iptel.org SIP/2.0\r
        Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKabc\r
        f: "Jiri" <sip:jiri@iptel.org>;tag=x1\r
        To: sip:7271@iptel.org\r
        i: 1234@192.0.2.1\r
        CSeq: 101 INVITE\r
        User-Agent: friendly-scanner\r
        P-Asserted-Identity: <sip:+49@iptel.org>\r
        Content-Length: 0\r
        \r

        """
    private let busy = """
        SIP/2.0 486 Busy Here\r
        Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKabc\r
        CSeq: 101 INVITE\r
        Content-Length: 0\r
        \r

        """

    private func accepts(_ expression: String, _ text: String) throws -> Bool {
        let filter = try FilterParser.parse(expression)
        let bytes = Array(text.utf8)
        var reading = MessageReading()
        reading.read(bytes.span)
        let origin = MessageOrigin(
            time: 0, source: SocketAddress(IPAddress(v4: 0xC000_0201), 5062),
            destination: SocketAddress(IPAddress(v4: 0xC000_0202), 5060), transport: .udp, frame: 3)
        return filter.accepts(origin, bytes.span, reading)
    }

    @Test(
        "is true of a request where it should be",
        arguments: [
            "method == INVITE", "method == invite and kind == request", "from.user == jiri", "from.tag == x1",
            "from ~ IPTEL", "from.user =~ \"^ji\"", "to.host == iptel.org", "call_id ~ 1234", "cseq == 101",
            "cseq > 100 and cseq < 102", "cseq in {100, 101}", "ua ~ scanner", "not ua ~ baresip", "!(ua ~ baresip)",
            "src.ip == 192.0.2.1", "ip == 192.0.2.0/24", "ip == 192.0.2.2", "ip != 10.0.0.0/8", "port == 5062",
            "dst == \"192.0.2.2:5060\"", "transport == udp", "header[\"P-Asserted-Identity\"] ~ +49",
            "branch =~ \"^z9\"",
            "status >= 400 or method == INVITE", "not status", "message ~ Jiri", "length > 10", "frame == 3",
            "ruri == \"sip:7271@iptel.org\"", "from.name ~ jiri",
        ])
    func trueOfRequest(expression: String) throws {
        #expect(try self.accepts(expression, self.invite))
    }

    @Test(
        "is false of a request where it should be",
        arguments: [
            "method == BYE", "status >= 100", "from.user == jir", "to.tag", "header[X-Nothing] ~ a", "ip == 10.0.0.0/8",
            "ip != 192.0.2.1", "cseq < 0", "method == INVITE and ua ~ baresip", "not method == INVITE",
        ])
    func falseOfRequest(expression: String) throws {
        #expect(try !self.accepts(expression, self.invite))
    }

    @Test("takes a response's method from its CSeq and its status as a number or a class")
    func response() throws {
        #expect(try self.accepts("method == INVITE and status == 486 and kind == response", self.busy))
        #expect(try self.accepts("status == 4xx", self.busy))
        #expect(try self.accepts("status in {404, 4xx} and reason ~ busy", self.busy))
        #expect(try !self.accepts("status == 5xx", self.busy))
    }

    @Test(
        "names the place of a mistake",
        arguments: [
            ("metod == BYE", 0, "method"), ("method = BYE", 7, "="), ("method ==", 9, "value"),
            ("(method == BYE", 14, ")"), ("method == BYE status == 1", 14, "and"), ("status > x", 9, "number"),
            ("from =~ \"a(\"", 10, "wrong"), ("ip == 300.1.1.1", 6, "IP"), ("cseq in {1, }", 12, "value"),
            ("\"abc", 0, "no end"), ("from.user > 3", 12, "numbers"), ("", 0, "field"), ("ip == 10.0.0.0/33", 6, "32"),
        ])
    func mistakes(expression: String, offset: Int, named: String) {
        let error = #expect(throws: FilterError.self) { try FilterParser.parse(expression) }
        #expect(error?.offset == offset)
        #expect(error?.reason.contains(named) == true, "\(String(describing: error))")
    }

    @Test("refuses nesting without end instead of running out of stack")
    func deepNesting() {
        let deep = String(repeating: "(", count: 100_000)
        #expect(throws: FilterError.self) { try FilterParser.parse(deep) }
    }
}
