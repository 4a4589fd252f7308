import SIPKit
import Testing

@Suite("The judgement of a message (RFC 3261 §8.2, §16.3)")
struct MessageSanityTests {
    /// A request in order, with one line changed, added or left out.
    private func verdict(
        _ start: String = "INVITE sip:b@c SIP/2.0", without: String? = nil, _ lines: String..., body: String = ""
    ) throws -> String {
        var headers = [
            "Via: SIP/2.0/UDP a;branch=z9hG4bK1", "From: <sip:a@b>;tag=1", "To: <sip:b@c>", "Call-ID: 1@a",
            "CSeq: 1 INVITE",
        ]
        if let without { headers.removeAll { $0.hasPrefix(without) } }
        let text = ([start] + headers + lines).joined(separator: "\r\n") + "\r\n\r\n" + body
        guard let verdict = MessageSanity.examine(try SIPMessage(parsing: text)) else { return "in order" }
        return "\(verdict.status) \(verdict.element) \(verdict.fault)"
    }

    @Test("finds nothing wrong with what is in order")
    func inOrder() throws {
        #expect(try self.verdict() == "in order")
        #expect(try self.verdict("INVITE tel:+4930 SIP/2.0", "Max-Forwards: 0", "Content-Length: 0") == "in order")
        #expect(try self.verdict("SIP/2.0 200 OK") == "in order")
        #expect(
            try self.verdict("INVITE sip:b@c SIP/2.0", "l: 2", "Date: when", "Contact: \"", body: "abc") == "in order")
        #expect(try self.verdict("FROB sip:b@c SIP/2.0", without: "CSeq", "CSeq: 1 FROB") == "in order")
        #expect(try self.verdict("INVITE sip:b@c SIP/2.0", "a line that is no header") == "in order")
    }

    @Test("misses what every message has", arguments: ["Via", "From", "To", "Call-ID", "CSeq"])
    func missing(header: String) throws {
        #expect(try self.verdict(without: header) == "400 \(header) missing")
        #expect(try self.verdict("SIP/2.0 200 OK", without: header) == "400 \(header) missing")
    }

    @Test(
        "finds twice what may stand once",
        arguments: [
            "From: <sip:a@b>;tag=1", "f: <sip:x@y>", "t: <sip:b@c>", "i: 2", "CSeq: 2 INVITE", "Max-Forwards: 1",
            "l: 0", "c: a/b",
        ])
    func duplicate(line: String) throws {
        #expect(
            try self.verdict(
                "INVITE sip:b@c SIP/2.0", "Max-Forwards: 1", "Content-Length: 0", "Content-Type: a/b", line
            ).hasSuffix("duplicate"))
    }

    @Test(
        "names what is malformed",
        arguments: [
            ("Via", "Via: SIP/2.0/UDP", "400 Via malformed"), ("Via", "Via: SIP/2.0/UDP a;;,;,,", "400 Via malformed"),
            ("From", "From: \"x <sip:a@b>", "400 From malformed"),
            ("From", "From: Bell, Alexander <sip:a@b>;tag=1", "400 From malformed"),
            ("To", "To: <b@c>", "400 To malformed"), ("To", "To: <sip:>", "400 To malformed"),
            ("To", "To:", "400 To missing"),
            ("Call-ID", "Call-ID:", "400 Call-ID missing"), ("Call-ID", "Call-ID: a b", "400 Call-ID malformed"),
            ("CSeq", "CSeq: INVITE", "400 CSeq malformed"), ("CSeq", "CSeq: 4294967296 INVITE", "400 CSeq outOfRange"),
            ("CSeq", "CSeq: 1 OPTIONS", "400 CSeq mismatch"), ("x", "Content-Length: 1", "400 Content-Length tooShort"),
            ("x", "Content-Length: -1", "400 Content-Length malformed"),
            ("x", "Content-Length: 99999999999999999999", "400 Content-Length outOfRange"),
            ("x", "Max-Forwards: ten", "400 Max-Forwards malformed"),
            ("x", "Max-Forwards: 256", "400 Max-Forwards outOfRange"),
            ("x", "Proxy-Require: foo", "420 Proxy-Require unsupported"), ("x", "Proxy-Require: ", "in order"),
            ("x", "Require: foo", "in order"),
        ])
    func malformed(without: String, line: String, verdict: String) throws {
        #expect(try self.verdict("INVITE sip:b@c SIP/2.0", without: without, line) == verdict)
    }

    @Test(
        "looks at the start line",
        arguments: [
            ("INVITE sip:b@c SIP/7.0", "505 SIP-Version unsupported"),
            ("INVITE sip:b@c SIP/2.0 ", "400 Request-Line malformed"),
            ("INVITE  sip:b@c SIP/2.0", "400 Request-URI malformed"),
            ("INVITE <sip:b@c> SIP/2.0", "400 Request-URI malformed"),
            ("INVITE sip:b@c?x=y SIP/2.0", "400 Request-URI malformed"),
            ("INVITE http://b SIP/2.0", "416 Request-URI unsupported"),
            ("INVITE sip:b@2001:db8::1 SIP/2.0", "400 Request-URI malformed"),
            ("FROB sip:b@c SIP/2.0", "501 CSeq mismatch"),
            ("SIP/2.0 99 x", "400 Status-Code outOfRange"), ("SIP/3.0 200 x", "505 SIP-Version unsupported"),
        ])
    func startLine(line: String, verdict: String) throws { #expect(try self.verdict(line) == verdict) }

    @Test("reads the Contacts of a REGISTER, as a registrar does")
    func contacts() throws {
        let register = "REGISTER sip:c SIP/2.0"
        func contact(_ line: String) throws -> String {
            try self.verdict(register, without: "CSeq", "CSeq: 1 REGISTER", line)
        }
        #expect(try contact("Contact: sip:a@b?Route=x") == "400 Contact malformed")
        #expect(try contact("Contact: <sip:a@b?Route=x>, *") == "in order")
        #expect(try contact("Contact: <sip:a@b") == "400 Contact malformed")
    }

    @Test("asks which option tags a proxy supports")
    func supported() throws {
        let text =
            "OPTIONS sip:b@c SIP/2.0\r\nVia: SIP/2.0/UDP a\r\nFrom: sip:a@b\r\nTo: sip:b@c\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\nProxy-Require: a, b\r\nProxy-Require: c\r\n\r\n"
        let message = try SIPMessage(parsing: text)
        var core = CoreHeaders()
        for (tags, status) in [(["a", "b", "c"], nil), (["a", "b"], 420), (["a", "c"], 420)] as [([String], Int?)] {
            let verdict = MessageSanity.examine(message.bytes.span, message.index, into: &core) {
                tags.contains(message.text($0))
            }
            #expect(verdict?.status == status)
        }
    }

    @Test("hands on what it has read")
    func core() throws {
        let message = try SIPMessage(parsing: Sample.invite)
        var core = CoreHeaders()
        #expect(MessageSanity.examine(message.bytes.span, message.index, into: &core) == nil)
        #expect(core.via == (try message.topVia()))
        #expect(core.from == (try message.from()))
        #expect(core.to == (try message.to()))
        #expect(core.cSeq == (try message.cSeq()))
        #expect(core.maxForwards?.hops == 70)
        #expect(message.text(core.callID) == message.text(.callID))
        #expect(core.requestURI.map { message.text($0.host) } == "biloxi.example.com")
    }

    @Test("has a reason phrase for people")
    func reasons() throws {
        let message = try SIPMessage(parsing: "OPTIONS sip:a SIP/2.0\r\n\r\n")
        #expect(MessageSanity.examine(message)?.reason == "Bad Request (Via: missing)")
    }
}
