import SIPKit
import Testing

@testable import miniproxy

@Suite("A function of scripts that asks a database")
struct StoredFunctionTests {
    typealias H = ShardHarness

    /// A proxy over a database in memory with these rows, whose script answers 200 where a condition holds and 403 where
    /// it does not.
    private func proxy(
        _ condition: String, modules: [String], parameters: String = "", rows: [TableChange]
    ) throws -> H {
        let load = (["sl"] + modules).map { "loadmodule \"\($0).so\"\n" }.joined()
        let proxy = try H(
            script: load + parameters
                + "\nroute { if (\(condition)) { sl_send_reply(\"200\", \"Yes\"); } else { sl_send_reply(\"403\", \"No\"); } }",
            database: .memory)
        let database = try #require(proxy.shard.state.persistence.database)
        _ = try database.call { (store) throws(StoreError) in
            try store.perform(try rows.map { (row) throws(StoreError) in try row.step })
        }
        return proxy
    }

    private func row(_ table: String, _ values: KeyValuePairs<String, String>) -> TableChange {
        .insert(
            table: Array(table.utf8),
            values.map { ColumnValue(column: Array($0.key.utf8), value: Array($0.value.utf8)) })
    }

    private func verdict(_ proxy: inout H, from: String = "alice", uri: String = "sip:bob@127.0.0.1") -> String {
        let sent = proxy.receiveAnswered(
            H.request("OPTIONS", uri, from: from, at: H.alice, branch: "z9hG4bK\(UInt32.random(in: 0 ... .max))"),
            from: H.alice)
        return sent.last.map { String($0.startLine.dropFirst(8)) } ?? "nothing"
    }

    @Test("is_user_in finds the member of a group, and nobody else")
    func group() throws {
        var proxy = try self.proxy(
            #"is_user_in("From", "int")"#, modules: ["group"],
            rows: [self.row("grp", ["username": "alice", "domain": "x", "grp": "int"])])
        #expect(self.verdict(&proxy) == "200 Yes")
        #expect(self.verdict(&proxy, from: "bob") == "403 No")
        #expect(self.verdict(&proxy, from: "alice' OR '1'='1") == "403 No")
    }

    @Test("allow_trusted looks at address, transport and From", arguments: [0, 1])
    func trusted(mode: Int) throws {
        let parameters =
            "modparam(\"permissions\", \"db_url\", \"mysql://a:b@c/ser\")\nmodparam(\"permissions\", \"db_mode\", \(mode))"
        func proxy(_ address: String, _ transport: String, _ pattern: String) throws -> String {
            var proxy = try self.proxy(
                "allow_trusted()", modules: ["permissions"], parameters: parameters,
                rows: [self.row("trusted", ["src_ip": address, "proto": transport, "from_pattern": pattern])])
            if mode == 1 { #expect(try proxy.shard.state.persistence.reloadTrusted()) }
            return self.verdict(&proxy)
        }
        #expect(try proxy("127.0.0.1", "any", "^sip:.*$") == "200 Yes")
        #expect(try proxy("127.0.0.1", "UDP", "") == "200 Yes")
        #expect(try proxy("127.0.0.1", "tcp", "") == "403 No")
        #expect(try proxy("127.0.0.2", "any", "") == "403 No")
        #expect(try proxy("127.0.0.1", "any", "^sip:carol@") == "403 No")
    }

    @Test("is_uri_host_local asks the table of domains, in either case of letters", arguments: [0, 1])
    func domain(mode: Int) throws {
        var proxy = try self.proxy(
            "is_uri_host_local()", modules: ["domain"], parameters: "modparam(\"domain\", \"db_mode\", \(mode))",
            rows: [self.row("domain", ["domain": "Example.ORG"])])
        if mode == 1 { #expect(try proxy.shard.state.persistence.reloadDomains()) }
        #expect(self.verdict(&proxy, uri: "sip:bob@example.org") == "200 Yes")
        #expect(self.verdict(&proxy, uri: "sip:bob@example.com") == "403 No")
    }

    @Test("avp_db_load brings what avp_db_store has written; avp_db_delete takes it away")
    func attributes() throws {
        var proxy = try self.proxy(
            #"avp_db_load("$ruri/username", "s:callfwd") && avp_check("s:callfwd", "eq/sip:carol@example.org")"#,
            modules: ["avpops"],
            rows: [
                self.row(
                    "usr_preferences",
                    ["username": "bob", "attribute": "callfwd", "type": "0", "value": "sip:carol@example.org"])
            ])
        #expect(self.verdict(&proxy) == "200 Yes")
        #expect(self.verdict(&proxy, uri: "sip:dave@127.0.0.1") == "403 No")

        var writer = try self.proxy(
            #"avp_write("i:45", "i:7") && avp_db_store("$from/username", "i:7") && avp_delete("i:7") && avp_db_load("$from/username", "i:7") && avp_check("i:7", "eq/i:45") && avp_db_delete("$from/username", "i:7") && !avp_db_load("$from/username", "i:7")"#,
            modules: ["avpops"], rows: [])
        #expect(self.verdict(&writer) == "200 Yes")
    }

    @Test("avp_db_query binds what is filled in, whoever sent it")
    func statement() throws {
        var proxy = try self.proxy(
            #"avp_db_query("SELECT value, type FROM usr_preferences WHERE username = '$rU' AND attribute = 'callfwd'", "$avp(s:uri);$avp(s:type)") && avp_check("s:uri", "eq/s:sip:carol@example.org") && avp_check("s:type", "eq/s:0")"#,
            modules: ["avpops"],
            rows: [
                self.row(
                    "usr_preferences",
                    ["username": "bob", "attribute": "callfwd", "type": "0", "value": "sip:carol@example.org"])
            ])
        #expect(self.verdict(&proxy) == "200 Yes")
        #expect(self.verdict(&proxy, uri: "sip:dave@127.0.0.1") == "403 No")
        #expect(self.verdict(&proxy, uri: "sip:x'%20OR%20'1'='1@127.0.0.1") == "403 No")
        let query = try QueryText(Array("SELECT 'it''s', a FROM t WHERE b = $rU AND c LIKE 'x$fU%'".utf8))
        #expect(query.sql == "SELECT 'it''s', a FROM t WHERE b = ? AND c LIKE ?")
        #expect(query.values.map { String(decoding: $0.source, as: UTF8.self) } == ["$rU", "x$fU%"])
        #expect(throws: ParseError.self) { try QueryText(Array("SELECT 'x".utf8)) }
        #expect(throws: ParseError.self) { try QueryText(Array("SELECT ?".utf8)) }
    }

    @Test("sd_lookup and alias_db_lookup replace the Request-URI")
    func numbers() throws {
        var short = try self.proxy(
            #"sd_lookup("speed_dial") && uri == "sip:carol@example.org""#, modules: ["speeddial"],
            rows: [
                self.row("speed_dial", ["username": "alice", "sd_username": "12", "new_uri": "sip:carol@example.org"])
            ])
        #expect(self.verdict(&short, uri: "sip:12@127.0.0.1") == "200 Yes")
        #expect(self.verdict(&short, from: "bob", uri: "sip:12@127.0.0.1") == "403 No")
        var alias = try self.proxy(
            #"alias_db_lookup("dbaliases") && uri == "sip:carol@example.org""#, modules: ["alias_db"],
            rows: [
                self.row("dbaliases", ["alias_username": "2000", "username": "carol", "domain": "example.org"])
            ])
        #expect(self.verdict(&alias, uri: "sip:2000@127.0.0.1") == "200 Yes")
        #expect(self.verdict(&alias, uri: "sip:2001@127.0.0.1") == "403 No")
    }

    @Test("does_uri_exist asks the table of users")
    func exists() throws {
        var proxy = try self.proxy(
            "does_uri_exist()", modules: ["uri_db"],
            rows: [self.row("subscriber", ["username": "bob", "domain": "x"])])
        #expect(self.verdict(&proxy) == "200 Yes")
        #expect(self.verdict(&proxy, uri: "sip:dave@127.0.0.1") == "403 No")
    }
}
