import SIPKit
import SIPNet
import Testing

@testable import miniproxy

@Suite("Gateways by prefix and price")
struct LCRTests {
    typealias H = ShardHarness

    private static let route = """
        loadmodule "sl.so"
        loadmodule "tm.so"
        loadmodule "lcr.so"
        route {
            if (from_gw()) { sl_send_reply("299", "From Gateway"); break; }
            if (to_gw()) { sl_send_reply("298", "To Gateway"); break; }
            if (!load_gws() || !next_gw()) { sl_send_reply("404", "No Gateway"); break; }
            t_on_failure("1");
            t_relay();
        }
        failure_route[1] { if (next_gw()) { t_on_failure("1"); t_relay(); } }
        """

    private func proxy(_ rows: [String]) throws -> H {
        let proxy = try H(script: Self.route, database: .memory)
        let database = try #require(proxy.shard.state.persistence.database)
        _ = try database.call { (store) throws(StoreError) in try store.perform(rows.map { SQLStep(sql: $0) }) }
        _ = try proxy.shard.state.persistence.reloadGateways()
        return proxy
    }

    /// Somebody who is no gateway.
    private static let caller = SocketAddress(IPAddress(v4: 0xC000_0207), 5060)

    private func call(_ proxy: inout H, _ uri: String, from: SocketAddress = Self.caller) -> H.Sent? {
        proxy.receive(
            H.request("INVITE", uri, at: from, branch: "z9hG4bK\(UInt32.random(in: 0 ... .max))", callID: uri),
            from: from
        ).last
    }

    private static let gateways = [
        "INSERT INTO lcr_gw (id, lcr_id, ip_addr, port, strip, prefix, transport) VALUES (1, 0, '127.0.0.1', 6002, 2, '9', 0)",
        "INSERT INTO lcr_gw (id, lcr_id, ip_addr, port, transport) VALUES (2, 0, '127.0.0.1', 6003, 0)",
        "INSERT INTO lcr_gw (id, lcr_id, ip_addr, port, defunct) VALUES (3, 0, '192.0.2.1', 6003, 2000000000)",
        "INSERT INTO lcr_gw (id, lcr_id, ip_addr) VALUES (4, 0, '192.0.2.4')",
        "INSERT INTO lcr_rule (id, lcr_id, prefix) VALUES (1, 0, '00')",
        "INSERT INTO lcr_rule (id, lcr_id, prefix) VALUES (2, 0, '0049')",
        "INSERT INTO lcr_rule (id, lcr_id, prefix, from_uri) VALUES (3, 0, '1', '^sip:carol@')",
        "INSERT INTO lcr_rule (id, lcr_id, prefix, enabled) VALUES (4, 0, '2', 0)",
        "INSERT INTO lcr_rule_target (lcr_id, rule_id, gw_id, priority) VALUES (0, 1, 2, 1)",
        "INSERT INTO lcr_rule_target (lcr_id, rule_id, gw_id, priority) VALUES (0, 1, 3, 0)",
        "INSERT INTO lcr_rule_target (lcr_id, rule_id, gw_id, priority) VALUES (0, 2, 1, 1)",
        "INSERT INTO lcr_rule_target (lcr_id, rule_id, gw_id, priority) VALUES (0, 3, 2, 1)",
        "INSERT INTO lcr_rule_target (lcr_id, rule_id, gw_id, priority) VALUES (0, 4, 2, 1)",
    ]

    @Test("the longest prefix is tried first, and the next after a failure")
    func prefixes() throws {
        var proxy = try self.proxy(Self.gateways)
        let first = try #require(self.call(&proxy, "sip:004989123@127.0.0.2"))
        #expect(first.startLine == "INVITE sip:94989123@127.0.0.1:6002 SIP/2.0")
        let second = proxy.receive(H.response(500, "Broken", to: first), from: H.bob).last
        #expect(second?.startLine == "INVITE sip:004989123@127.0.0.1:6003 SIP/2.0")
        #expect(self.call(&proxy, "sip:0033123@127.0.0.2")?.startLine == "INVITE sip:0033123@127.0.0.1:6003 SIP/2.0")
        #expect(self.call(&proxy, "sip:123@127.0.0.2")?.startLine == "SIP/2.0 404 No Gateway")
        #expect(self.call(&proxy, "sip:223@127.0.0.2")?.startLine == "SIP/2.0 404 No Gateway")
        #expect(self.call(&proxy, "sip:bob@127.0.0.2")?.startLine == "SIP/2.0 404 No Gateway")
    }

    @Test("what comes from one, or goes to one, is known by its address")
    func known() throws {
        var proxy = try self.proxy(Self.gateways)
        #expect(self.call(&proxy, "sip:1@192.0.2.4")?.startLine == "SIP/2.0 298 To Gateway")
        #expect(
            self.call(&proxy, "sip:1@127.0.0.2", from: SocketAddress(IPAddress(v4: 0xC000_0204), 5060))?.startLine
                == "SIP/2.0 299 From Gateway")
    }

    @Test("SER's tables are read as well")
    func old() throws {
        let location = DatabaseLocation.memory
        let store = try location.open()
        for step in Schema.old.steps(store.dialect) { try store.perform([step]) }
        // 127.0.0.1 as a little-endian machine reads the network's order.
        let rows = [
            "INSERT INTO gw (gw_name, ip_addr, port, grp_id) VALUES ('a', 16777343, 6002, 1)",
            "INSERT INTO gw (gw_name, ip_addr, port, grp_id) VALUES ('b', '127.0.0.2', 6003, 2)",
            "INSERT INTO lcr (prefix, from_uri, grp_id, priority) VALUES ('1', '%', 1, 2)",
            "INSERT INTO lcr (prefix, from_uri, grp_id, priority) VALUES ('1', 'sip:%@example.org', 2, 1)",
        ]
        try store.perform(rows.map { SQLStep(sql: $0) })
        let tables = try LCRTables(LCRSettings(), in: store)
        func found(_ from: String) -> [String] {
            let number = Array("1234".utf8)
            return tables.gateways(
                for: number, from: Array(from.utf8), uri: [], list: 0, chance: KeyedHash(key: (1, 2))
            ).map { String(decoding: $0.uri(for: number), as: UTF8.self) }
        }
        #expect(found("sip:a@example.com") == ["sip:1234@127.0.0.1:6002"])
        #expect(found("sip:a@EXAMPLE.org") == ["sip:1234@127.0.0.2:6003", "sip:1234@127.0.0.1:6002"])
    }

    @Test("equals are chosen by chance and weight, the same for the same call")
    func weights() throws {
        let location = DatabaseLocation.memory
        let store = try location.open()
        for step in Schema.new.steps(store.dialect) { try store.perform([step]) }
        let rows = [
            "INSERT INTO lcr_gw (id, lcr_id, ip_addr) VALUES (1, 0, '192.0.2.1')",
            "INSERT INTO lcr_gw (id, lcr_id, ip_addr) VALUES (2, 0, '192.0.2.2')",
            "INSERT INTO lcr_rule (id, lcr_id, prefix) VALUES (1, 0, '')",
            "INSERT INTO lcr_rule_target (lcr_id, rule_id, gw_id, priority, weight) VALUES (0, 1, 1, 1, 3)",
            "INSERT INTO lcr_rule_target (lcr_id, rule_id, gw_id, priority, weight) VALUES (0, 1, 2, 1, 1)",
        ]
        try store.perform(rows.map { SQLStep(sql: $0) })
        let tables = try LCRTables(LCRSettings(), in: store)
        var heavy = 0
        for call in 0..<400 {
            func first() -> [UInt8]? {
                tables.gateways(
                    for: [0x31], from: [], uri: [], list: 0, chance: KeyedHash(key: (UInt64(call), 7))
                ).first?.host
            }
            #expect(first() == first())
            if first() == Array("192.0.2.1".utf8) { heavy += 1 }
        }
        #expect((260...340).contains(heavy))
    }

    @Test(
        "LIKE of SQL: any text, any character, either case",
        arguments: [
            ("abc", "a%", true), ("abc", "%c", true), ("abc", "a_c", true), ("abc", "A%C", true), ("abc", "", false),
            ("", "%", true), ("abc", "a%b", false), ("aXbXc", "%x%c", true), ("abc", "abc_", false),
        ])
    func like(_ text: String, _ pattern: String, _ fits: Bool) {
        #expect(LCRTables.isLike(Array(text.utf8), Array(pattern.utf8)) == fits)
    }
}
