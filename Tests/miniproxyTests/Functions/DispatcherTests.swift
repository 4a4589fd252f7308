import SIPKit
import Synchronization
import Testing

@testable import miniproxy

@Suite("Destinations that share requests")
struct DispatcherTests {
    typealias H = ShardHarness

    private static let list = """
        # gateways
        1 sip:127.0.0.1:6002
        1 sip:127.0.0.1:6003   # the other one

        2 sip:127.0.0.1:6001;transport=udp 0 0 weight=1
        """

    /// A proxy whose script names the list in a file.
    private func proxy(_ route: String, settings: String = "") throws -> H {
        let text =
            "loadmodule \"sl.so\"\nloadmodule \"tm.so\"\nloadmodule \"dispatcher.so\"\nmodparam(\"dispatcher\", \"list_file\", \"dispatcher.list\")\n"
            + settings + route
        let loaded = ScriptProgram.load(SourceText(name: "test.cfg", bytes: Array(text.utf8)))
        let script = try #require(loaded.program, "\(loaded.report)").script.checked
        let sets = try DispatcherSets(script) { $0 == "dispatcher.list" ? Array(Self.list.utf8) : nil }
        return try H(script: text, dispatcher: sets)
    }

    private func invite(_ callID: String) -> String {
        H.request("INVITE", "sip:bob@127.0.0.1", at: H.alice, branch: "z9hG4bK\(callID)", callID: callID)
    }

    private func target(_ sent: [H.Sent]) -> H.Sent? { sent.first { $0.startLine.hasPrefix("INVITE") } }

    @Test("in turn get one request after the other")
    func inTurn() throws {
        var proxy = try self.proxy("route { if (ds_select_dst(\"1\", \"4\")) { t_relay(); } }")
        let targets = ["a", "b", "c", "d"].map { self.target(proxy.receive(self.invite($0), from: H.alice))?.to }
        #expect(targets == [H.bob, H.carol, H.bob, H.carol])
    }

    @Test("by a hash get the same calls always, and none gets all")
    func hashed() throws {
        var proxy = try self.proxy("route { if (ds_select_dst(\"1\", \"0\")) { t_relay(); } }")
        var seen: [SocketAddress: Int] = [:]
        for number in 0..<40 {
            let first = self.target(proxy.receive(self.invite("call-\(number)"), from: H.alice))
            let again = self.target(
                proxy.receive(
                    self.invite("call-\(number)").replacing("z9hG4bK", with: "z9hG4bKagain"), from: H.alice))
            #expect(first?.to == again?.to)
            #expect(first?.startLine == "INVITE sip:bob@127.0.0.1 SIP/2.0")
            if let to = first?.to { seen[to, default: 0] += 1 }
        }
        #expect(Set(seen.keys) == [H.bob, H.carol])
        #expect(seen.values.allSatisfy { $0 > 5 })
        // The same in every process: a restart moves nobody.
        #expect(DispatcherSets.hash(Array("a".utf8)) == 0xAF63_DC4C_2962_30C0 as UInt64)
    }

    @Test("that fails is followed by the next, until there is none")
    func failover() throws {
        var proxy = try self.proxy(
            """
            route { ds_select_dst("1", "4"); t_on_failure("1"); t_relay(); }
            failure_route[1] { if (ds_next_dst()) { t_on_failure("1"); t_relay(); } else { t_reply("503", "All Failed"); } }
            """)
        let first = try #require(self.target(proxy.receive(self.invite("a"), from: H.alice)))
        #expect(first.to == H.bob)
        let second = try #require(
            self.target(proxy.receive(H.response(500, "Broken", to: first), from: H.bob)))
        #expect(second.to == H.carol)
        #expect(second.startLine == first.startLine)
        let sent = proxy.receive(H.response(500, "Broken", to: second), from: H.carol)
        #expect(sent.contains { $0.startLine == "SIP/2.0 503 All Failed" })
    }

    @Test("become the host of the Request-URI, and a spare one is for failures alone")
    func domain() throws {
        var proxy = try self.proxy(
            "route { if (ds_select_domain(\"1\", \"4\")) { t_relay(); } else { sl_send_reply(\"404\", \"No\"); } }",
            settings: "modparam(\"dispatcher\", \"use_default\", 1)\n")
        for call in ["a", "b", "c"] {
            #expect(
                self.target(proxy.receive(self.invite(call), from: H.alice))?.startLine
                    == "INVITE sip:bob@127.0.0.1:6002 SIP/2.0")
        }
        var nobody = try self.proxy("route { if (!ds_select_dst(\"9\", \"0\")) { sl_send_reply(\"404\", \"No\"); } }")
        #expect(nobody.receive(self.invite("a"), from: H.alice).last?.startLine == "SIP/2.0 404 No")
    }

    // MARK: How they are

    private static let probing = """
        modparam("dispatcher", "ds_ping_interval", 10)
        modparam("dispatcher", "ds_probing_mode", 1)
        modparam("dispatcher", "ds_probing_threshold", 2)
        modparam("dispatcher", "ds_inactive_threshold", 1)
        modparam("dispatcher", "ds_ping_reply_codes", "class=4; code=501")

        """
    private static let oneByOne = """
        route { if (ds_select_dst("1", "4")) { t_relay(); } else { sl_send_reply("503", "Nobody"); } }
        """

    /// What is pinged now.
    private func pings(_ proxy: inout H) -> [H.Sent] {
        proxy.shard.probeDestinations(proxy.now)
        return proxy.wait(milliseconds: 0).filter { $0.startLine.hasPrefix("OPTIONS") }
    }

    /// Where the next calls go.
    private func targets(_ proxy: inout H, _ name: String) -> [SocketAddress?] {
        var targets: [SocketAddress?] = []
        for call in ["a", "b", "c"] {
            targets.append(self.target(proxy.receive(self.invite(name + call), from: H.alice))?.to)
        }
        return targets
    }

    @Test("that do not answer pings get no requests until they do")
    func probes() throws {
        var proxy = try self.proxy(Self.oneByOne, settings: Self.probing)
        var pings = self.pings(&proxy)
        #expect(Set(pings.map(\.to)) == [H.alice, H.bob, H.carol])
        let ping = try #require(pings.first { $0.to == H.bob })
        #expect(ping.startLine == "OPTIONS sip:127.0.0.1:6002 SIP/2.0")
        #expect(ping.header(.from).hasPrefix("<sip:dispatcher@localhost>;tag=ds"))
        for one in pings where one.to != H.bob { _ = proxy.receive(H.response(404, "No", to: one), from: one.to) }
        #expect(self.pings(&proxy).isEmpty, "the interval is not over")
        // Nobody is asked again who has not answered yet.
        proxy.now = proxy.now.adding(milliseconds: 10_000)
        // What goes to him is the same ping once more.
        pings = self.pings(&proxy).filter { $0.header(.via) != ping.header(.via) }
        #expect(Set(pings.map(\.to)) == [H.alice, H.carol])
        for one in pings { _ = proxy.receive(H.response(200, "OK", to: one), from: one.to) }
        // The ping is over, once: two are needed.
        _ = proxy.wait(milliseconds: 33_000)
        #expect(self.targets(&proxy, "x").contains(H.bob))
        pings = self.pings(&proxy)
        for one in pings where one.to != H.bob { _ = proxy.receive(H.response(200, "OK", to: one), from: one.to) }
        let again = try #require(pings.first { $0.to == H.bob })
        _ = proxy.receive(H.response(500, "Broken", to: again), from: H.bob)
        #expect(self.targets(&proxy, "y") == [H.carol, H.carol, H.carol])
        let states = proxy.shard.state.persistence.dispatcher.all.map { "\($0.set) \($0.destination.state)" }
        #expect(states == ["1 IP", "1 AP", "2 AP"])
        // It is there again.
        proxy.now = proxy.now.adding(milliseconds: 10_000)
        pings = self.pings(&proxy)
        let last = try #require(pings.first { $0.to == H.bob })
        _ = proxy.receive(H.response(501, "What", to: last), from: H.bob)
        #expect(self.targets(&proxy, "z").contains(H.bob))
        for one in pings where one.to != H.bob { _ = proxy.receive(H.response(200, "OK", to: one), from: one.to) }
        _ = proxy.wait(milliseconds: 200_000)
        #expect(proxy.shard.probes.isEmpty)
    }

    @Test("that a script has marked are passed over, and pinged where only those are; nobody is left where all are")
    func marked() throws {
        var proxy = try self.proxy(
            """
            route {
                if (!ds_select_dst("1", "4")) { sl_send_reply("503", "Nobody"); break; }
                t_on_failure("1");
                t_relay();
            }
            failure_route[1] {
                ds_mark_dst("p");
                if (ds_next_dst()) { t_on_failure("1"); t_relay(); }
            }
            """, settings: "modparam(\"dispatcher\", \"ds_ping_interval\", 10)\n")
        #expect(self.pings(&proxy).isEmpty)
        let first = try #require(self.target(proxy.receive(self.invite("a"), from: H.alice)))
        let second = try #require(self.target(proxy.receive(H.response(500, "Broken", to: first), from: first.to)))
        #expect(first.to == H.bob && second.to == H.carol)
        #expect(self.target(proxy.receive(self.invite("b"), from: H.alice))?.to == H.carol)
        let sent = proxy.receive(H.response(500, "Broken", to: second), from: H.carol)
        #expect(sent.contains { $0.startLine == "SIP/2.0 500 Broken" })
        #expect(proxy.receive(self.invite("c"), from: H.alice).last?.startLine == "SIP/2.0 503 Nobody")
        proxy.now = proxy.now.adding(milliseconds: 10_000)
        let pings = self.pings(&proxy)
        #expect(Set(pings.map(\.to)) == [H.bob, H.carol])
        let ping = try #require(pings.first { $0.to == H.bob })
        _ = proxy.receive(H.response(200, "OK", to: ping), from: H.bob)
        #expect(self.target(proxy.receive(self.invite("d"), from: H.alice))?.to == H.bob)
    }

    @Test("come from Kamailio's table by their priorities, without those that are disabled, and are read again")
    func table() throws {
        let text =
            ["sl", "tm", "dispatcher"].map { "loadmodule \"\($0).so\"\n" }.joined()
            + "modparam(\"dispatcher\", \"db_url\", \"mysql://a:b@c/d\")\n" + Self.oneByOne
        let loaded = ScriptProgram.load(SourceText(name: "test.cfg", bytes: Array(text.utf8)))
        let script = try #require(loaded.program, "\(loaded.report)").script.checked
        let file = WriteThroughTests.File()
        let store = try file.location.open()
        for step in Schema.new.steps(store.dialect) { try store.perform([step]) }
        func add(_ uri: String, _ flags: Int, _ priority: Int) -> SQLStep {
            let columns = "setid, destination, flags, priority"
            return SQLStep(sql: "INSERT INTO dispatcher (\(columns)) VALUES (1, '\(uri)', \(flags), \(priority))")
        }
        try store.perform([
            add("sip:127.0.0.1:6002", 0, 1), add("sip:127.0.0.1:6003", 0, 5), add("sip:127.0.0.1:6001", 4, 9),
            add("gateway", 0, 0),
        ])
        var proxy = try H(script: text, database: file.location, dispatcher: try DispatcherSets(script) { _ in nil })
        #expect(self.targets(&proxy, "t") == [H.carol, H.bob, H.carol])
        try store.perform([SQLStep(sql: "DELETE FROM dispatcher WHERE destination LIKE '%6003'")])
        let count = try proxy.shard.state.persistence.reloadDestinations()
        #expect(count == 2)
        #expect(self.targets(&proxy, "u") == [H.bob, H.bob, H.bob])
        proxy.shard.state.persistence.finish(proxy.shard.state.location)
    }

    private final class File: Sendable { let text = Mutex("2 sip:b\n1 sip:a") }

    @Test("are read again, and a file with a fault changes nothing")
    func reload() throws {
        let text =
            "loadmodule \"dispatcher.so\"\nmodparam(\"dispatcher\", \"list_file\", \"d\")\nroute { ds_select_dst(\"1\", \"4\"); }"
        let loaded = ScriptProgram.load(SourceText(name: "test.cfg", bytes: Array(text.utf8)))
        let script = try #require(loaded.program, "\(loaded.report)").script.checked
        let file = File()
        let sets = try DispatcherSets(script) { _ in file.text.withLock { Array($0.utf8) } }
        #expect(sets.all.map(\.set) == [1, 2])
        file.text.withLock { $0 = "1 sip:c\n1 sip:d" }
        #expect(try sets.reload() == 2)
        #expect(sets.choose(1, hash: nil) == [Array("sip:c".utf8), Array("sip:d".utf8)])
        file.text.withLock { $0 = "1 c" }
        #expect(throws: StoreError.self) { try sets.reload() }
        #expect(sets.choose(1, hash: nil) == [Array("sip:d".utf8), Array("sip:c".utf8)])
        #expect(try DispatcherSets.none.reload() == nil)
    }

    @Test("that are none are told with file and line")
    func wrong() {
        for line in ["1", "x sip:a@b", "1 http://a", "1 sip:"] {
            #expect(throws: StoreError.self) { try DispatcherSets.parse(Array("# a\n\(line)\n".utf8), "list") }
        }
        do throws(StoreError) {
            _ = try DispatcherSets.parse(Array("# a\n1 gateway\n".utf8), "list")
            Issue.record("it was taken")
        } catch {
            #expect(error.text == "list:2: expected a set and a URI, as \"1 sip:192.0.2.9:5060\", found \"1 gateway\"")
        }
    }
}
