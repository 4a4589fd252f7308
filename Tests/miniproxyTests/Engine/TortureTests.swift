import SIPKit
import SIPKitProperties
import SIPNet
import Testing

@testable import miniproxy

/// What the running proxy answers to the messages of RFC 4475 and RFC 5118, and to others of their kinds: the default
/// script serves example.com and example.net, and nobody is registered.
@Suite("A server under torture (RFC 4475, RFC 5118)")
struct TortureTests {
    typealias H = ShardHarness

    /// The answers that the RFC accepts of a server that serves these domains: none (0) for responses and for what is to
    /// be discarded; 404 and 480 where the message was understood and nobody is there; 403 where it was understood and
    /// would have to be relayed for a stranger.
    static let served: Set<Int> = [403, 404, 480]
    static let rfc4475: [String: Set<Int>] = [
        "wsinv": served.union([478]), "intmeth": served, "esc01": served, "escnull": [200],
        "esc02": served.union([501]),
        "lwsdisp": [200, 403, 404], "longreq": served, "dblreq": [200], "semiuri": [200, 403, 404],
        "transports": [200, 403, 404],
        "mpart01": served, "unreason": [0], "noreason": [0], "badinv01": [400], "clerr": [400], "ncl": [400],
        "scalar02": [400],
        "scalarlg": [0], "quotbal": [400], "ltgtruri": [400], "lwsruri": [400], "lwsstart": [400], "trws": [400],
        "escruri": [400], "baddate": served, "regbadct": [400], "badaspec": served.union([200, 400]), "baddn": [400],
        "badvers": [505],
        "mismatch01": [400], "mismatch02": [501], "bigcode": [0], "badbranch": [200, 400, 403, 404], "insuf": [400],
        "unkscm": [416],
        "novelsc": [416], "unksm2": [400], "bext01": [420], "invut": served, "regaut01": [200, 401], "multi01": [400],
        "mcl01": [400], "bcast": [0], "zeromf": [200, 483], "cparam01": [200], "cparam02": [200], "regescrt": [200],
        "sdp01": served, "inv2543": served.union([400]),
    ]

    /// Somebody who is not on this machine.
    static let stranger = SocketAddress("192.0.2.7:6001")!

    static func proxy() throws -> H { try H(domains: ["example.com", "example.net", "example.org"]) }

    /// The answer to one message, by its status; 0 for none.
    private func answer(to bytes: [UInt8], _ name: String) throws -> Int {
        var proxy = try Self.proxy()
        let sent = proxy.receive(bytes, from: Self.stranger)
        // 100 may go before an answer.
        let finals = sent.filter { !$0.startLine.hasPrefix("SIP/2.0 1") }
        #expect(finals.count <= 1, "\(name) gave \(sent.map(\.startLine))")
        for message in sent {
            #expect(message.to.ip == Self.stranger.ip, "\(name) was answered to \(message.to)")
            #expect(message.startLine.hasPrefix("SIP/2.0 "), "\(name) was sent on: \(message.startLine)")
            guard let read = message.message else {
                Issue.record("\(name): the answer is no SIP: \(message.text)")
                continue
            }
            for id in [HeaderID.from, .to, .callID, .cSeq, .contentLength] {
                #expect(read.values(id).count <= 1, "\(name): the answer has \(id.name) twice")
            }
        }
        return finals.first?.message?.statusCode ?? 0
    }

    @Test(
        "answers each message of RFC 4475 within what the RFC accepts",
        .enabled(if: Corpus.isPresent, "shared corpus absent"))
    func answersRFC4475() throws {
        for file in Corpus.files("rfc4475") {
            let name = String(file.dropFirst("rfc4475/".count).prefix { $0 != "." })
            let bytes = try #require(Corpus.bytes(file))
            guard let accepted = Self.rfc4475[name] else {
                Issue.record("\(name) is not in the table")
                continue
            }
            let status = try self.answer(to: bytes, name)
            #expect(accepted.contains(status), "\(name) was answered \(status)")
        }
    }

    @Test(
        "answers each message of RFC 5118, in whatever form it is written down",
        .enabled(if: Corpus.isPresent, "shared corpus absent"))
    func answersRFC5118() throws {
        for file in Corpus.files("rfc5118") {
            let name = String(file.dropFirst("rfc5118/".count))
            let bytes = try #require(Corpus.bytes(file))
            let message = try SIPMessage(parsing: bytes)
            let status = try self.answer(to: bytes, name)
            if !message.isRequest {
                #expect(status == 0, "\(name)")
            } else if name.hasPrefix("ipv6-bad") || MessageSanity.examine(message) != nil {
                // The archive's copies count their bodies on other line ends.
                #expect(status == 400, "\(name) was answered \(status)")
            } else {
                // Understood: registered, refused, or in a dialog that is not ours.
                #expect([200, 400, 403, 404, 480, 481].contains(status), "\(name) was answered \(status)")
                if name.hasSuffix(".wire") { #expect(status != 400, "\(name) was answered \(status)") }
            }
        }
    }

    // MARK: Others of their kinds

    private static func options(
        _ change: (from: String, to: String), method: String = "OPTIONS", uri: String = "sip:example.com",
        headers: String = ""
    ) -> [UInt8] {
        let text = H.request(method, uri, at: H.alice, headers: headers)
        return Array((change.from.isEmpty ? text : text.replacing(change.from, with: change.to)).utf8)
    }

    static let faults: [(String, [UInt8], Int)] = [
        ("in order", options(("", "")), 200),
        ("two blanks behind the method", options(("OPTIONS sip", "OPTIONS  sip")), 400),
        ("a Request-URI in brackets", options(("sip:example.com SIP", "<sip:example.com> SIP")), 400),
        ("blanks in the Request-URI", options(("sip:example.com SIP", "sip:example.com; lr SIP")), 400),
        ("headers in the Request-URI", options(("sip:example.com SIP", "sip:example.com?Route=%3Csip:x%3E SIP")), 400),
        ("a scheme that nobody knows", options(("sip:example.com SIP", "nobodyKnowsThis:body SIP")), 416),
        ("a scheme of somebody else", options(("sip:example.com SIP", "soap.beep://192.0.2.103:3002 SIP")), 416),
        ("another version", options((" SIP/2.0\r\nVia", " SIP/7.0\r\nVia")), 505),
        ("CSeq of another method", options(("1 OPTIONS", "1 INVITE")), 400),
        ("an unknown method, and CSeq of another", options(("1 NEWMETHOD", "1 INVITE"), method: "NEWMETHOD"), 501),
        ("a CSeq number that is too large", options(("CSeq: 1 ", "CSeq: 36893488147419103232 ")), 400),
        ("a negative Content-Length", options(("Content-Length: 0", "Content-Length: -999")), 400),
        ("a Content-Length beyond the datagram", options(("Content-Length: 0", "Content-Length: 9999")), 400),
        ("two Content-Lengths", options(("Content-Length: 0", "Content-Length: 0\r\nContent-Length: 5")), 400),
        ("no Call-ID", options(("Call-ID: call-1\r\n", "")), 400),
        ("no From", options(("From: <sip:alice@127.0.0.1:5060>;tag=a1\r\n", "")), 400),
        ("no To", options(("To: <sip:bob@127.0.0.1:5060>\r\n", "")), 400),
        ("no CSeq", options(("CSeq: 1 OPTIONS\r\n", "")), 400),
        ("two From lines", options(("Call-ID", "From: <sip:x@example.com>;tag=2\r\nCall-ID")), 400),
        ("an open quote in To", options(("To: <", "To: \"Mr. J <")), 400),
        ("a display name that must be quoted", options(("To: <", "To: Mr. J, of X <")), 400),
        ("no hops left, and we are who is asked", options(("Max-Forwards: 70", "Max-Forwards: 0")), 483),
        ("Max-Forwards that is no number", options(("Max-Forwards: 70", "Max-Forwards: ten")), 400),
        (
            "Proxy-Require for what we cannot do", options(("", ""), headers: "Proxy-Require: nobody, does-this\r\n"),
            420
        ),
        ("a branch of the cookie alone", options(("branch=z9hG4bKone", "branch=z9hG4bK")), 200),
        ("no branch at all", options((";branch=z9hG4bKone", "")), 200),
        (
            "a register that requires what we cannot do",
            options(("", ""), method: "REGISTER", headers: "Require: teleport\r\nContact: <sip:a@192.0.2.1>\r\n"), 420
        ),
        (
            "a register that requires path",
            options(("", ""), method: "REGISTER", headers: "Require: path\r\nContact: <sip:a@192.0.2.1>\r\n"), 200
        ),
        (
            "a Contact that ends in its bracket",
            options(("", ""), method: "REGISTER", headers: "Contact: <sip:bob@192.0.2.1>, <bad\r\n"), 400
        ),
        (
            "a Contact with headers and no brackets",
            options(("", ""), method: "REGISTER", headers: "Contact: sip:a@192.0.2.1?Route=%3Csip:x%3E\r\n"), 400
        ),
        (
            "unknown credentials",
            options(("", ""), headers: "Authorization: NoOneKnowsThisScheme opaque-data=here\r\n"), 200
        ),
    ]

    @Test("answers what is wrong with what the RFC says for it", arguments: Self.faults)
    func answersFaults(_ name: String, _ bytes: [UInt8], _ wanted: Int) throws {
        #expect(try self.answer(to: bytes, name) == wanted, "\(name)")
    }

    @Test("names what it does not support in the 420")
    func namesTags() throws {
        var proxy = try Self.proxy()
        let sent = proxy.receive(
            Self.options(("", ""), headers: "Proxy-Require: nobody, does-this\r\nProxy-Require: or-that\r\n"),
            from: H.alice)
        #expect(sent.first?.header(.unsupported) == "nobody, does-this, or-that")
    }

    @Test("an ACK is never answered, whatever is wrong with it")
    func ack() throws {
        for change in [
            ("", ""), ("CSeq: 1 ", "CSeq: x "), ("Max-Forwards: 70", "Max-Forwards: x"),
            (" SIP/2.0\r\nVia", " SIP/9.0\r\nVia"),
        ] {
            #expect(try self.answer(to: Self.options(change, method: "ACK"), "\(change)") == 0)
        }
    }

    @Test("refuses nonsense from one address twenty times a second, and goes on serving it")
    func refusalsAreFew() throws {
        var proxy = try Self.proxy()
        let broken = Self.options(("CSeq: 1 ", "CSeq: x "))
        var refused = 0
        for _ in 0..<100 { refused += proxy.receive(broken, from: H.alice).count }
        #expect(refused == 20)
        #expect(
            proxy.receive(broken, from: SocketAddress("192.0.2.1:5060")!).count == 1,
            "somebody else has a budget of his own")
        #expect(proxy.receive(Self.options(("", "")), from: H.alice).map(\.startLine) == ["SIP/2.0 200 OK"])
        _ = proxy.wait(milliseconds: 1_000)
        #expect(proxy.receive(broken, from: H.alice).count == 1)
        #expect(proxy.shard.statistics.refusalsHeldBack == 80)
    }

    @Test(
        "responses that are not for us lead nowhere",
        arguments: [
            "SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKother",
            "SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK0000000000000000000000000000000f",
            "SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKs0123456789abcdef",
        ])
    func responses(_ via: String) throws {
        var proxy = try Self.proxy()
        for status in [100, 180, 200, 404, 603] {
            let text =
                "SIP/2.0 \(status) X\r\nVia: \(via)\r\nVia: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bKvictim\r\n"
                + "From: <sip:a@x>;tag=1\r\nTo: <sip:b@x>;tag=2\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n"
            #expect(proxy.receive(text, from: H.bob).isEmpty)
        }
    }
}
