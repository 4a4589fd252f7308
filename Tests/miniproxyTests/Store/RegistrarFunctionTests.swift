import SIPKit
import SIPNet
import Testing

@testable import miniproxy

@Suite("A registrar's script")
struct RegistrarFunctionTests {
    typealias H = ShardHarness

    private static let modules = """
        loadmodule "sl.so"
        loadmodule "tm.so"
        loadmodule "usrloc.so"
        loadmodule "registrar.so"

        """

    private func request(
        _ method: String, _ uri: String, user: String = "bob@127.0.0.1", cSeq: Int = 1, _ headers: String = ""
    ) -> String {
        H.request(method, uri, at: H.bob, branch: "z9hG4bK\(method)\(cSeq)", callID: "r", cSeq: cSeq, headers: headers)
            .replacing("To: <sip:bob@127.0.0.1:5060>", with: "To: <sip:\(user)>")
    }

    private func register(_ user: String = "bob@127.0.0.1", cSeq: Int = 1, _ more: String = "") -> String {
        self.request(
            "REGISTER", "sip:127.0.0.1", user: user, cSeq: cSeq, "Contact: <sip:bob@127.0.0.1:6002>\r\n\(more)")
    }

    @Test("save_noreply keeps the contact and leaves the answer to the script")
    func withoutReply() throws {
        var proxy = try H(
            script: Self.modules + """
                route {
                    if (method == "REGISTER") {
                        if (save_noreply("location")) { sl_send_reply("202", "Taken"); } else { sl_send_reply("400", "No"); }
                        break;
                    }
                    if (registered("location")) { sl_send_reply("200", "Here"); } else { sl_send_reply("404", "Away"); }
                }
                """)
        #expect(proxy.receive(self.register(), from: H.bob).map(\.startLine) == ["SIP/2.0 202 Taken"])
        let look = self.request("OPTIONS", "sip:bob@127.0.0.1", cSeq: 2)
        #expect(proxy.receive(look, from: H.bob).map(\.startLine) == ["SIP/2.0 200 Here"])
        let broken = self.request("REGISTER", "sip:127.0.0.1", cSeq: 3, "Contact: *\r\nExpires: 60\r\n")
        #expect(proxy.receive(broken, from: H.bob).map(\.startLine) == ["SIP/2.0 400 No"])
    }

    @Test("save_memory answers at once, and no database gets to know")
    func memoryOnly() throws {
        let file = WriteThroughTests.File()
        let script =
            Self.modules + """
                modparam("usrloc", "db_mode", 1)
                route {
                    if (method == "REGISTER") { save_memory("location"); break; }
                    if (registered("location")) { sl_send_reply("200", "Here"); } else { sl_send_reply("404", "Away"); }
                }
                """
        var proxy = try H(script: script, database: file.location)
        #expect(proxy.receive(self.register(), from: H.bob).map(\.startLine) == ["SIP/2.0 200 OK"])
        #expect(proxy.shard.questions.isEmpty)
        let look = self.request("OPTIONS", "sip:bob@127.0.0.1", cSeq: 2)
        #expect(proxy.receive(look, from: H.bob).map(\.startLine) == ["SIP/2.0 200 Here"])
        proxy.shard.state.persistence.finish(proxy.shard.state.location)
        var again = try H(script: script, database: file.location)
        #expect(again.receive(look, from: H.bob).map(\.startLine) == ["SIP/2.0 404 Away"])
        again.shard.state.persistence.finish(again.shard.state.location)
    }

    @Test("unregister takes all contacts away, and waits until the database knows")
    func unregister() throws {
        let file = WriteThroughTests.File()
        let script =
            Self.modules + """
                modparam("usrloc", "db_mode", 1)
                route {
                    if (method == "REGISTER") { save("location"); break; }
                    if (method == "MESSAGE") {
                        if (unregister("location", "sip:bob@127.0.0.1")) { sl_send_reply("200", "Gone"); break; }
                        sl_send_reply("404", "Nobody");
                        break;
                    }
                    if (registered("location")) { sl_send_reply("200", "Here"); } else { sl_send_reply("404", "Away"); }
                }
                """
        var proxy = try H(script: script, database: file.location)
        #expect(proxy.receiveAnswered(self.register(), from: H.bob).map(\.startLine) == ["SIP/2.0 200 OK"])
        let take = self.request("MESSAGE", "sip:127.0.0.1", cSeq: 2)
        #expect(proxy.receive(take, from: H.bob).isEmpty)
        #expect(proxy.answerAll().map(\.startLine) == ["SIP/2.0 200 Gone"])
        let again = self.request("MESSAGE", "sip:127.0.0.1", cSeq: 3)
        #expect(proxy.receiveAnswered(again, from: H.bob).map(\.startLine) == ["SIP/2.0 404 Nobody"])
        proxy.shard.state.persistence.finish(proxy.shard.state.location)
        var later = try H(script: script, database: file.location)
        let look = self.request("OPTIONS", "sip:bob@127.0.0.1", cSeq: 4)
        #expect(later.receive(look, from: H.bob).map(\.startLine) == ["SIP/2.0 404 Away"])
        later.shard.state.persistence.finish(later.shard.state.location)
    }

    @Test("default_q is the rank of a contact that names none")
    func defaultQ() throws {
        var proxy = try H(
            script: Self.modules + """
                modparam("registrar", "default_q", 500)
                route { save("location"); }
                """)
        let sent = proxy.receive(self.register(), from: H.bob)
        #expect(sent.first?.header(.contact) == "<sip:bob@127.0.0.1:6002>;q=0.5;expires=3600")
    }

    @Test("Path is kept, told to the phone, and followed to it")
    func path() throws {
        let script =
            Self.modules + """
                route {
                    if (method == "REGISTER") { save("location"); break; }
                    lookup("location");
                    t_relay();
                }
                """
        var proxy = try H(script: script)
        let edge = "<sip:127.0.0.1:6003;lr>"
        let sent = proxy.receive(
            self.register(cSeq: 1, "Supported: path\r\nPath: \(edge), <sip:10.0.0.1;lr>\r\n"), from: H.carol)
        #expect(sent.first?.header(.path) == "\(edge),<sip:10.0.0.1;lr>")
        let call = try #require(
            proxy.receive(H.request("INVITE", "sip:bob@127.0.0.1", at: H.alice), from: H.alice).last)
        #expect(call.startLine == "INVITE sip:bob@127.0.0.1:6002 SIP/2.0")
        #expect(call.to == H.carol)
        #expect(call.header(.route) == "\(edge),<sip:10.0.0.1;lr>")
        // The way belongs to this contact alone.
        let other = try #require(
            proxy.receive(
                H.request("INVITE", "sip:dave@127.0.0.1:6002", at: H.alice, branch: "z9hG4bKx", callID: "x"),
                from: H.alice
            ).last)
        #expect(other.header(.route) == "")
    }

    @Test("users of several domains are kept apart, in the database as well, and a prefix of a domain does not count")
    func domains() throws {
        let file = WriteThroughTests.File()
        let script =
            Self.modules + """
                modparam("usrloc", "db_mode", 1)
                modparam("usrloc|registrar", "use_domain", 1)
                modparam("registrar", "realm_prefix", "sip.")
                route {
                    if (method == "REGISTER") { save("location"); break; }
                    if (!(uri=~"@(sip\\.)?(one|two)\\.example$")) { sl_send_reply("403", "Elsewhere"); break; }
                    if (registered("location")) { sl_send_reply("200", "Here"); } else { sl_send_reply("404", "Away"); }
                }
                """
        func look(_ proxy: inout H, _ uri: String) -> [String] {
            let branch = "z9hG4bK\(UInt32.random(in: 0 ... .max))"
            return proxy.receive(
                H.request("OPTIONS", uri, at: H.alice, branch: branch, callID: branch), from: H.alice
            ).map(\.startLine)
        }
        do {
            var proxy = try H(script: script, database: file.location)
            let sent = proxy.receiveAnswered(self.register("bob@sip.one.example"), from: H.bob)
            #expect(sent.map(\.startLine) == ["SIP/2.0 200 OK"])
            #expect(look(&proxy, "sip:bob@one.example") == ["SIP/2.0 200 Here"])
            #expect(look(&proxy, "sip:bob@sip.one.example") == ["SIP/2.0 200 Here"])
            #expect(look(&proxy, "sip:bob@two.example") == ["SIP/2.0 404 Away"])
            #expect(look(&proxy, "sip:bob@three.example") == ["SIP/2.0 403 Elsewhere"])
            proxy.shard.state.persistence.finish(proxy.shard.state.location)
        }
        var again = try H(script: script, database: file.location)
        #expect(look(&again, "sip:bob@one.example") == ["SIP/2.0 200 Here"])
        #expect(look(&again, "sip:bob@two.example") == ["SIP/2.0 404 Away"])
        again.shard.state.persistence.finish(again.shard.state.location)
    }

    @Test("domains may have tables of their own, told apart by an expression")
    func tables() throws {
        var proxy = try H(
            script: Self.modules + """
                route {
                    if (method == "REGISTER") {
                        if (to_uri=~"@one\\.example$") { save("one"); break; }
                        save("two");
                        break;
                    }
                    if (uri=~"@one\\.example$") { lookup("one"); } else { lookup("two"); }
                    if (uri=~"@127") { sl_send_reply("200", "Here"); break; }
                    sl_send_reply("404", "Away");
                }
                """)
        _ = proxy.receive(self.register("bob@one.example"), from: H.bob)
        func look(_ uri: String) -> [String] {
            proxy.receive(self.request("OPTIONS", uri, cSeq: uri.count), from: H.bob).map(\.startLine)
        }
        #expect(look("sip:bob@one.example") == ["SIP/2.0 200 Here"])
        #expect(look("sip:bob@second.example") == ["SIP/2.0 404 Away"])
    }

    @Test("save takes Kamailio's flags: memory, no answer, one contact")
    func flags() throws {
        var proxy = try H(
            script: Self.modules + """
                route {
                    if (method == "REGISTER") { save("location", "0x04"); break; }
                }
                """, database: nil)
        _ = proxy.receive(self.register(), from: H.bob)
        let second = self.request("REGISTER", "sip:127.0.0.1", cSeq: 2, "Contact: <sip:bob@127.0.0.1:6003>\r\n")
        #expect(
            proxy.receive(second, from: H.bob).first?.header(.contact) == "<sip:bob@127.0.0.1:6003>;expires=3600")
    }

    @Test("force_send_socket chooses which of our sockets sends")
    func socket() throws {
        let other = try #require(SocketAddress("127.0.0.1:5070"))
        var proxy = try H(
            script: """
                loadmodule "tm.so"
                route { force_send_socket(udp:127.0.0.1:5070); t_relay(); }
                """, sockets: [ListenSocket(H.proxy), ListenSocket(other)])
        let sent = try #require(
            proxy.receive(H.request("OPTIONS", "sip:bob@127.0.0.1:6002", at: H.alice), from: H.alice).last)
        #expect(sent.header(.via).hasPrefix("SIP/2.0/UDP 127.0.0.1:5070;branch="))
    }

    @Test("allow_source_address and allow_address look into the groups of the table of addresses")
    func addresses() throws {
        func verdict(_ condition: String) throws -> [String] {
            let script = """
                loadmodule "sl.so"
                loadmodule "permissions.so"
                modparam("permissions", "db_url", "mysql://a:b@c/ser")
                route { if (\(condition)) { sl_send_reply("200", "Yes"); } else { sl_send_reply("403", "No"); } }
                """
            var proxy = try H(script: script, database: .memory)
            let database = try #require(proxy.shard.state.persistence.database)
            _ = try database.call { (store) throws(StoreError) in
                try store.perform([
                    SQLStep(sql: "INSERT INTO address (grp, ip_addr, mask, port) VALUES (1, '127.0.0.0', 8, 0)"),
                    SQLStep(sql: "INSERT INTO address (grp, ip_addr, mask, port) VALUES (2, '192.0.2.7', 32, 5060)"),
                ])
            }
            return proxy.receiveAnswered(self.request("OPTIONS", "sip:bob@127.0.0.1"), from: H.bob).map(\.startLine)
        }
        #expect(try verdict("allow_source_address(1)") == ["SIP/2.0 200 Yes"])
        #expect(try verdict("allow_source_address()") == ["SIP/2.0 200 Yes"])
        #expect(try verdict("allow_source_address(2)") == ["SIP/2.0 403 No"])
        #expect(try verdict(#"allow_address("2", "192.0.2.7", "5060")"#) == ["SIP/2.0 200 Yes"])
        #expect(try verdict(#"allow_address("2", "192.0.2.7", "5061")"#) == ["SIP/2.0 403 No"])
        #expect(try verdict(#"allow_address("2", "192.0.2.8", "5060")"#) == ["SIP/2.0 403 No"])
    }
}
