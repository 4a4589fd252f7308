import SIPKit
import SIPNet
import Testing

@testable import miniproxy

@Suite("Functions for phones behind NAT")
struct NATFunctionTests {
    /// Runs a script's block over a message and returns the flags that it has set.
    private static func flags(_ text: String, _ bytes: [UInt8], settings: NATSettings? = nil) throws -> UInt32 {
        let program = try #require(ScriptProgram.load(SourceText(name: "x", bytes: Array(text.utf8))).program)
        return try bytes.withUnsafeBufferPointer { memory in
            var proxy = ProxySettings()
            proxy.apply(program.script.checked)
            let state = ProxyState(
                selves: SelfAddresses(), settings: proxy, location: LocationTables(secret: KeyedHash(key: (1, 2))),
                users: UserList(), nonces: NonceBook(NonceIssuer(key: (3, 4))), decoy: [],
                secrets: ProxySecrets(transactions: (5, 6), branches: (7, 8), tags: (9, 10)))
            var context = try FunctionHarness.context(memory, state)
            var run = program.run(try #require(program.main))
            _ = program.start(&run, &context)
            return context.flags
        }
    }

    /// From 192.0.2.7:5070; each is true for one test alone.
    @Test(
        "nat_uac_test has a bit for each sign",
        arguments: [
            (1, "192.0.2.7:5070", "sip:a@192.168.1.9:5070", ""), (1, "192.0.2.7:5070", "sip:a@172.31.1.9:5070", ""),
            (2, "198.51.100.1:5070", "sip:a@192.0.2.7:5070", ""), (2, "phone.example:5070", "sip:a@192.0.2.7:5070", ""),
            (6, "10.0.0.9:5070", "sip:a@192.0.2.7:5070", ""), (8, "192.0.2.7:5070", "sip:a@192.0.2.7:5070", "10.1.1.1"),
            (16, "192.0.2.7", "sip:a@192.0.2.7:5070", ""), (16, "192.0.2.7:5071", "sip:a@192.0.2.7:5070", ""),
            (128, "192.0.2.7:5070", "sip:a@192.0.2.7", ""),
            (256, "192.0.2.7:5070", "sip:a@192.0.2.7:5070", "198.51.100.9"),
            (0, "192.0.2.7:5070", "sip:a@192.0.2.7:5070", "192.0.2.7"),
            (0, "192.0.2.7:5070", "sip:a@172.32.1.9:5070", ""),
        ])
    func bits(_ wanted: Int, _ via: String, _ contact: String, _ media: String) throws {
        let all = [1, 2, 4, 8, 16, 32, 64, 128, 256]
        let script =
            "loadmodule \"nathelper.so\"\nroute {\n"
            + all.enumerated().map { "if (nat_uac_test(\"\($1)\")) setflag(\($0 + 1));\n" }.joined() + "}"
        let body =
            media.isEmpty
            ? "" : "v=0\r\no=- 1 1 IN IP4 \(media)\r\ns=-\r\nc=IN IP4 \(media)\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"
        let message = Example.Message.request(
            [
                "Via": "SIP/2.0/UDP \(via);branch=z9hG4bK1", "Contact": "<\(contact)>",
                "Content-Type": "application/sdp",
            ], body: body)
        let flags = try Self.flags(script, message.bytes)
        let found = all.enumerated().reduce(0) { $0 + (flags & 1 << UInt32($1.offset + 1) != 0 ? $1.element : 0) }
        // A private SDP address is also another one than the sender's; a Contact of another port differs from the source.
        let implied = (wanted == 8 ? 256 : 0)
        #expect(found == wanted + implied, "\(found)")
    }

    @Test("nat_uac_test 512 sees a Request-URI of another place than the request came to")
    func requestURI() throws {
        let script = "loadmodule \"nathelper.so\"\nroute { if (nat_uac_test(\"512\")) setflag(1); }"
        for (uri, wanted) in [
            ("sip:bob@127.0.0.1", UInt32(0)), ("sip:bob@127.0.0.1:5060", 0), ("sip:bob@127.0.0.1:5070", 2),
            ("sip:bob@192.0.2.1", 2), ("sip:bob@example.org", 2), ("sip:bob@10.0.0.1:5060", 2),
        ] {
            #expect(try Self.flags(script, Example.Message.request([:], uri: uri).bytes) == wanted, "\(uri)")
        }
    }

    @Test(
        "client_nat_test compares ports with nat_traversal, and hosts alone with mediaproxy", arguments: [true, false])
    func clientTest(_ isLater: Bool) throws {
        let script =
            "loadmodule \"\(isLater ? "nat_traversal" : "mediaproxy").so\"\nroute { if (client_nat_test(\"2\")) setflag(1); }"
        let message = Example.Message.request(["Via": "SIP/2.0/UDP 192.0.2.7:5999;branch=z9hG4bK1"])
        #expect(try Self.flags(script, message.bytes) == (isLater ? 2 : 0))
    }

    private static let registrar = """
        loadmodule "tm.so"
        loadmodule "sl.so"
        loadmodule "usrloc.so"
        loadmodule "registrar.so"
        loadmodule "textops.so"
        loadmodule "nathelper.so"
        modparam("registrar", "nat_flag", 6)
        route {
            if (method=="REGISTER") {
                if (nat_uac_test("19")) {
                    setflag(6);
                    force_rport();
                    fix_nated_register();
                };
                save("location");
                break;
            };
            lookup("location");
            if (isflagset(6)) append_hf("P-NAT: yes\\r\\n");
            t_relay();
        }
        """

    private static func register(_ contact: String, cSeq: Int = 1, expires: Int = 600) -> String {
        """
        REGISTER sip:127.0.0.1 SIP/2.0\r
        Via: SIP/2.0/UDP 10.0.0.5:5060;branch=z9hG4bKr\(cSeq)\r
        From: <sip:bob@127.0.0.1>;tag=1\r
        To: <sip:bob@127.0.0.1>\r
        Call-ID: reg\r
        CSeq: \(cSeq) REGISTER\r
        Contact: <\(contact)>\r
        Expires: \(expires)\r
        Max-Forwards: 70\r
        Content-Length: 0\r
        \r

        """
    }

    @Test("a registration behind NAT keeps its Contact, its real address and its flag; calls find it")
    func register() throws {
        typealias H = ShardHarness
        var proxy = try H(script: Self.registrar)
        let nat = SocketAddress("198.51.100.7:31000")!
        let answer = try #require(proxy.receive(Self.register("sip:bob@10.0.0.5:5060"), from: nat).first)
        #expect(answer.to == nat, "force_rport()")
        #expect(
            answer.header(.contact)
                == #"<sip:bob@10.0.0.5:5060>;expires=600;received="sip:198.51.100.7:31000""#)
        let call = proxy.receive(H.request("INVITE", "sip:bob@127.0.0.1", at: H.alice), from: H.alice)
        let invite = try #require(call.first { $0.startLine.hasPrefix("INVITE") })
        #expect(invite.startLine == "INVITE sip:bob@10.0.0.5:5060 SIP/2.0")
        #expect(invite.to == nat)
        #expect(invite.text.contains("P-NAT: yes\r\n"), "the flag is the contact's")
        // The NAT has given it another port: the same contact, and where it is now.
        let moved = SocketAddress("198.51.100.7:32000")!
        _ = proxy.receive(Self.register("sip:bob@10.0.0.5:5060", cSeq: 2), from: moved)
        let again = proxy.receive(H.request("OPTIONS", "sip:bob@127.0.0.1", at: H.alice), from: H.alice)
        #expect(again.first { $0.startLine.hasPrefix("OPTIONS") }?.to == moved)
    }

    @Test("files of asymmetric clients have a pattern a line, and comments")
    func asymmetricFile() {
        var refused: [Int] = []
        let patterns = AsymmetricClients.patterns(
            Array("# phones\n\n^Cisco.*ATA\r\n  Sip ?Phone  \n[broken\n".utf8)
        ) { line, _ in refused.append(line) }
        #expect(patterns.count == 2 && refused == [5])
        func matches(_ place: Int, _ agent: String) -> Bool {
            let bytes = Array(agent.utf8)
            return patterns[place].matches(bytes.span)
        }
        #expect(matches(0, "Cisco-CP ATA 186") && !matches(0, "Another Cisco ATA"))
        #expect(matches(1, "my sipphone 2"))
    }

    @Test("fix_contact leaves the port of a phone that does not listen where it sends from")
    func asymmetricContact() throws {
        let program = try #require(
            ScriptProgram.load(
                SourceText(name: "x", bytes: Array("loadmodule \"mediaproxy.so\"\nroute { fix_contact(); }".utf8))
            ).program)
        for (agent, contact) in [("Odd 1", "<sip:a@192.0.2.7:5066>"), ("Even 1", "<sip:a@192.0.2.7:5070>")] {
            let bytes = Example.Message.request(["User-Agent": agent, "Contact": "<sip:a@10.0.0.1:5066>"]).bytes
            try bytes.withUnsafeBufferPointer { memory in
                let state = ProxyState(
                    selves: SelfAddresses(), settings: ProxySettings(),
                    location: LocationTables(secret: KeyedHash(key: (1, 2))), users: UserList(),
                    nonces: NonceBook(NonceIssuer(key: (3, 4))), decoy: [],
                    secrets: ProxySecrets(transactions: (5, 6), branches: (7, 8), tags: (9, 10)),
                    asymmetricSignalling: AsymmetricClients.patterns(Array("^Odd".utf8)) { _, _ in })
                var context = try FunctionHarness.context(memory, state)
                var run = program.run(try #require(program.main))
                _ = program.start(&run, &context)
                #expect(try SIPMessage(parsing: context.edits.apply(to: bytes)).text(.contact) == contact)
            }
        }
    }

    @Test("with mhomed the kernel's routes choose the socket that a request leaves from", arguments: [0, 1])
    func multihomed(_ value: Int) throws {
        typealias H = ShardHarness
        let elsewhere = SocketAddress("192.0.2.77:5060")!
        var proxy = try H(
            script: "mhomed=\(value)\nloadmodule \"tm.so\"\nroute { t_relay(); }",
            sockets: [ListenSocket(elsewhere), ListenSocket(H.proxy)])
        let sent = proxy.receive(H.request("OPTIONS", "sip:bob@127.0.0.1:6002", at: H.alice), from: H.alice)
        let request = try #require(sent.first { $0.startLine.hasPrefix("OPTIONS") })
        #expect(request.header(.via).hasPrefix("SIP/2.0/UDP \(value == 1 ? "127.0.0.1" : "192.0.2.77");branch="))
    }

    @Test("STUN at the SIP port is no message and no fault")
    func stun() throws {
        var proxy = try ShardHarness()
        let request: [UInt8] = [0, 1, 0, 0, 0x21, 0x12, 0xA4, 0x42] + [UInt8](repeating: 7, count: 12)
        #expect(proxy.receive(request, from: ShardHarness.alice).isEmpty)
        #expect(proxy.receive([0, 0, 0, 0], from: ShardHarness.alice).isEmpty)
        #expect(proxy.receive([13, 10, 13, 10], from: ShardHarness.alice).isEmpty)
        #expect(proxy.shard.statistics.malformed == 0)
    }

    @Test("a mark in Record-Route comes back in the Route of later requests, and a script finds it")
    func mark() throws {
        typealias H = ShardHarness
        var proxy = try H(
            script: """
                loadmodule "tm.so"
                loadmodule "rr.so"
                loadmodule "textops.so"
                route {
                    if (loose_route()) {
                        if (search("^Route:.*;nat=yes")) append_hf("P-NAT: yes\\r\\n");
                        t_relay();
                        break;
                    };
                    if (method=="INVITE") record_route_preset("127.0.0.1:5060;nat=yes"); else record_route();
                    t_relay();
                }
                """)
        for (method, wanted) in [("INVITE", true), ("SUBSCRIBE", false)] {
            let first = proxy.receive(
                H.request(method, "sip:bob@127.0.0.1:6002", at: H.alice, branch: "z9hG4bK\(method)", callID: method),
                from: H.alice)
            let request = try #require(first.first { $0.startLine.hasPrefix(method) })
            let route = request.header(.recordRoute)
            #expect(route.contains(";nat=yes") == wanted)
            let later = proxy.receive(
                H.request(
                    method, "sip:bob@127.0.0.1:6002", at: H.alice, branch: "z9hG4bK\(method)2", callID: method, cSeq: 2,
                    toTag: "b1", headers: "Route: \(route)\r\n"), from: H.alice)
            let again = try #require(later.first { $0.startLine.hasPrefix(method) })
            #expect(again.text.contains("P-NAT: yes") == wanted)
        }
    }
}
