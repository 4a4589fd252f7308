import SIPKit
import SIPNet
import Testing

@testable import miniproxy

/// A NAT lets in whom its phone has spoken to: with several addresses of ours that is one of them.
@Suite("The socket that a phone has registered at")
struct ReceivedSocketTests {
    typealias H = ShardHarness

    private static let other = SocketAddress("127.0.0.1:5070")!
    private static let sockets = [ListenSocket(H.proxy), ListenSocket(Self.other)]
    private static let modules = ["sl", "tm", "usrloc", "registrar", "textops", "nathelper"].map {
        "loadmodule \"\($0).so\"\n"
    }.joined()
    private static let route = """
        route {
            if (method == "REGISTER") { save("location"); break; }
            if (!lookup("location")) { sl_send_reply("404", "Unknown"); break; }
            if (search("^X-Socket:")) { force_send_socket(udp:127.0.0.1:5060); }
            t_relay();
        }
        """

    /// REGISTER of bob at one of the two sockets.
    private func register(_ proxy: inout H, at socket: UInt16, contact: SocketAddress = H.bob) -> [String] {
        let request = H.request(
            "REGISTER", "sip:127.0.0.1", from: "bob", to: "bob", at: contact, branch: "z9hG4bKr\(socket)",
            callID: "r\(socket)", headers: "Contact: <sip:bob@\(contact)>\r\n")
        return (proxy.receive(request, over: Peer(contact, .udp, socket: socket)) + proxy.answerAll()).map(\.startLine)
    }

    private func calls(_ proxy: inout H, _ headers: String = "", branch: String = "z9hG4bKc") -> [String] {
        let sent = proxy.receiveAnswered(
            H.request("INVITE", "sip:bob@127.0.0.1", at: H.alice, branch: branch, callID: branch, headers: headers),
            from: H.alice)
        return sent.filter { $0.startLine.hasPrefix("INVITE") }.map {
            "\($0.to.port) from \($0.header(.via).prefix { $0 != ";" }.suffix(4))"
        }
    }

    @Test("is where calls for it leave, each contact's from its own; the script's own choice comes first")
    func lookup() throws {
        var proxy = try H(script: Self.modules + Self.route, sockets: Self.sockets)
        #expect(self.register(&proxy, at: 1) == ["SIP/2.0 200 OK"])
        #expect(self.calls(&proxy) == ["6002 from 5070"])
        #expect(self.register(&proxy, at: 0, contact: H.carol) == ["SIP/2.0 200 OK"])
        // The default port is left out of a Via.
        #expect(Set(self.calls(&proxy, branch: "z9hG4bKd")) == ["6002 from 5070", "6003 from .0.1"])
        #expect(
            Set(self.calls(&proxy, "X-Socket: 1\r\n", branch: "z9hG4bKe")) == ["6002 from .0.1", "6003 from .0.1"])
        // The phone has moved to the other address.
        let moved = H.request(
            "REGISTER", "sip:127.0.0.1", from: "bob", to: "bob", at: H.bob, branch: "z9hG4bKm", callID: "r1", cSeq: 2,
            headers: "Contact: <sip:bob@\(H.bob)>\r\n")
        _ = proxy.receive(moved, over: Peer(H.bob, .udp, socket: 0))
        #expect(Set(self.calls(&proxy, branch: "z9hG4bKf")) == ["6002 from .0.1", "6003 from .0.1"])
    }

    @Test("is where later requests of the call leave for the phone, and those of the phone for the caller")
    func dialog() throws {
        var proxy = try H(
            script: Self.modules + "loadmodule \"rr.so\"\n"
                + Self.route.replacing(
                    "if (!lookup", with: "record_route(); if (loose_route()) { t_relay(); break; } if (!lookup"),
            sockets: Self.sockets)
        _ = self.register(&proxy, at: 1)
        let invite = try #require(
            proxy.receive(H.request("INVITE", "sip:bob@127.0.0.1", at: H.alice), from: H.alice).last)
        let ok = try #require(
            proxy.receive(H.response(200, "OK", to: invite, contact: H.bob), over: Peer(H.bob, .udp, socket: 1)).first)
        let recorded = try #require(ok.message).values(.recordRoute).map { ok.message?.text($0) ?? "" }
        #expect(recorded.count == 2)
        let caller = recorded.reversed().map { "Route: \($0)\r\n" }.joined()
        let ack = try #require(
            proxy.receive(
                H.request(
                    "ACK", "sip:bob@\(H.bob)", at: H.alice, branch: "z9hG4bKack", toTag: "b1", headers: caller),
                from: H.alice
            ).first)
        #expect(ack.to == H.bob && ack.header(.via).hasPrefix("SIP/2.0/UDP 127.0.0.1:5070;"))
        let bye = H.request(
            "BYE", "sip:alice@\(H.alice)", from: "bob", to: "alice", at: H.bob, branch: "z9hG4bKbye", fromTag: "b1",
            toTag: "a1", headers: recorded.map { "Route: \($0)\r\n" }.joined())
        let sent = try #require(proxy.receive(bye, over: Peer(H.bob, .udp, socket: 1)).last)
        #expect(sent.to == H.alice && sent.header(.via).hasPrefix("SIP/2.0/UDP 127.0.0.1;"))
    }

    @Test("is where its NAT is kept open from, before `force_socket`")
    func pings() throws {
        let table = LocationTable(name: Array("location".utf8), secret: KeyedHash(key: (1, 2)))
        for (number, socket) in [SendSocket(Self.other, .udp), nil].enumerated() {
            table.update(Array("u\(number)".utf8), now: 0) { record, order in
                order += 1
                record.bindings.append(
                    Binding(
                        uri: Array("sip:u@10.0.0.\(number):5060".utf8), expires: 1_000_000, q: -1, callID: [], cSeq: 1,
                        order: order, flags: 0, socket: socket))
            }
        }
        var settings = NATSettings()
        settings.rounds = [NATSettings.Round(seconds: 1, isForNATOnly: false)]
        settings.socket = H.proxy
        var keeper = KeepAlive(settings, sockets: Self.sockets, tables: [table], tag: "t", now: KeepAliveTests.start)
        var from: Set<String> = []
        for step in 0..<20 {
            let now = KeepAliveTests.start.adding(milliseconds: Int64(step) * 100)
            for packet in keeper.work(now: now, wallTime: 0, book: nil) {
                from.insert("\(packet.address.ip) \(packet.socket)")
            }
        }
        #expect(from == ["10.0.0.0 1", "10.0.0.1 0"])
    }

    @Test(
        "and the flags of a contact are there after a restart, in both generations of tables", arguments: [true, false])
    func restart(isOld: Bool) throws {
        let file = WriteThroughTests.File()
        let store = try file.location.open()
        for step in (isOld ? Schema.old : Schema.new).steps(store.dialect) { try store.perform([step]) }
        let script =
            Self.modules + """
                modparam("usrloc", "db_mode", 1)
                modparam("registrar", "nat_flag", 6)
                modparam("nathelper", "sipping_flag", 7)
                modparam("usrloc", "nat_bflag", 8)
                route {
                    if (method == "REGISTER") {
                        setflag(6); setflag(7); setflag(9); setbflag(8); fix_nated_register(); save("location"); break;
                    }
                    lookup("location");
                    if (isflagset(6) && isbflagset(8)) { append_hf("P-NAT: yes\\r\\n"); }
                    t_relay();
                }
                """
        do {
            var proxy = try H(script: script, sockets: Self.sockets, database: file.location)
            #expect(self.register(&proxy, at: 1) == ["SIP/2.0 200 OK"])
            proxy.shard.state.persistence.finish(proxy.shard.state.location)
        }
        var again = try H(script: script, sockets: Self.sockets, database: file.location)
        let bindings = again.shard.state.location.location.all().flatMap(\.bindings)
        // What nobody has asked to keep (9) is not kept.
        let kept: UInt32 = 1 << 6 | 1 << 7 | 1 << 8
        #expect(bindings.map(\.flags) == [kept])
        let sent = again.receiveAnswered(H.request("OPTIONS", "sip:bob@127.0.0.1", at: H.alice), from: H.alice)
        let call = try #require(sent.last)
        #expect(call.text.contains("P-NAT: yes\r\n"))
        // SER 0.9's table has no column for a socket.
        #expect(call.header(.via).hasPrefix("SIP/2.0/UDP 127.0.0.1\(isOld ? "" : ":5070");"))
        again.shard.state.persistence.finish(again.shard.state.location)
    }

    @Test("a table without a column for Path refuses a REGISTER that has one, and says so")
    func noPath() throws {
        let file = WriteThroughTests.File()
        let store = try file.location.open()
        for step in Schema.old.steps(store.dialect) { try store.perform([step]) }
        let lines = LineBasket()
        var proxy = try H(
            script: Self.modules + "modparam(\"usrloc\", \"db_mode\", 1)\n" + Self.route, database: file.location,
            log: lines)
        let request = H.request(
            "REGISTER", "sip:127.0.0.1", from: "bob", to: "bob", at: H.bob,
            headers: "Supported: path\r\nPath: <sip:127.0.0.1:6003;lr>\r\nContact: <sip:bob@\(H.bob)>\r\n")
        let answer = try #require(proxy.receiveAnswered(request, from: H.bob).first)
        #expect(answer.startLine == "SIP/2.0 400 Bad Request")
        #expect(answer.text.contains("P-Registrar-Error: The table of contacts has no column for Path\r\n"))
        #expect(lines.lines.contains { $0.contains("no column for it") })
        #expect(self.calls(&proxy).isEmpty)
        proxy.shard.state.persistence.finish(proxy.shard.state.location)
    }

    @Test("SER's flag of contacts behind NAT is 4 where the script names none; later servers have none")
    func standardFlag() throws {
        for (first, wanted) in [("", 4), ("#!KAMAILIO\n", -1), ("#!OPENSER\n", -1)] {
            let program = try #require(
                ScriptProgram.load(
                    SourceText(name: "x", bytes: Array((first + Self.modules + "route { t_relay(); }").utf8))
                )
                .program)
            var settings = ProxySettings()
            settings.apply(program.script.checked)
            #expect(settings.registrar.natFlag == wanted, "\(first)")
        }
        var proxy = try H(
            script: Self.modules + """
                route {
                    if (method == "REGISTER") { setflag(4); save("location"); break; }
                    lookup("location");
                    if (isflagset(4)) { append_hf("P-NAT: yes\\r\\n"); }
                    t_relay();
                }
                """)
        #expect(proxy.shard.state.settings.registrar.natFlag == 4)
        _ = self.register(&proxy, at: 0)
        let call = try #require(
            proxy.receive(H.request("OPTIONS", "sip:bob@127.0.0.1", at: H.alice), from: H.alice).last)
        #expect(call.text.contains("P-NAT: yes\r\n"))
    }

    @Test("`received_avp` names the attribute that goes from fix_nated_register to save", arguments: [true, false])
    func attribute(isAgreed: Bool) throws {
        var proxy = try H(
            script: Self.modules + """
                modparam("nathelper", "received_avp", "$avp(s:rcv)")
                modparam("registrar", "received_avp", "\(isAgreed ? "$avp(s:rcv)" : "i:42")")
                modparam("registrar", "received_param", "seen")
                route {
                    if (method == "REGISTER") { fix_nated_register(); save("location"); break; }
                }
                """)
        let nat = SocketAddress("198.51.100.7:31000")!
        let request = H.request(
            "REGISTER", "sip:127.0.0.1", from: "bob", to: "bob", at: H.bob,
            headers: "Contact: <sip:bob@10.0.0.5>\r\nExpires: 600\r\n")
        let answer = try #require(proxy.receive(request, from: nat).first)
        #expect(
            answer.header(.contact)
                == "<sip:bob@10.0.0.5>;expires=600" + (isAgreed ? #";seen="sip:198.51.100.7:31000""# : ""))
    }
}
