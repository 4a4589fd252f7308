import SIPKit
import Testing

@testable import miniproxy

@Suite("A user name that means something to a database")
struct HostileNameTests {
    typealias H = ShardHarness

    /// A line of the file each; lines that begin with `# ` are comments.
    static let names: [String] = {
        let path = CompatibilityPageTests.root + "/Tests/miniproxyTests/Scripts/hostile/names.txt"
        guard let file = try? ScriptFile.read(path) else { return [] }
        return String(decoding: file.bytes, as: UTF8.self).split(separator: "\n").map(String.init)
            .filter { !$0.hasPrefix("# ") }
    }()

    private static let script = """
        loadmodule "sl.so"
        loadmodule "usrloc.so"
        loadmodule "registrar.so"
        loadmodule "auth.so"
        loadmodule "auth_db.so"
        loadmodule "uri_db.so"
        loadmodule "domain.so"
        loadmodule "group.so"
        loadmodule "permissions.so"
        loadmodule "avpops.so"
        loadmodule "speeddial.so"
        loadmodule "alias_db.so"
        modparam("usrloc", "db_mode", 1)
        modparam("permissions", "db_url", "mysql://a:b@c/ser")
        modparam("uri_db", "use_uri_table", 1)
        route {
            if (method == "REGISTER") { save("location"); break; }
            www_authorize("test.local", "subscriber");
            does_uri_exist();
            check_from();
            is_user_in("From", "int");
            is_user_in("Request-URI", "int");
            allow_trusted();
            is_uri_host_local();
            is_from_local();
            avp_db_load("$from/username", "s:x");
            avp_db_load("$ruri", "");
            avp_write("$from/username", "s:h");
            avp_db_store("$from/username", "s:h");
            avp_db_delete("$from/username", "s:h");
            registered("location");
            sd_lookup("speed_dial");
            alias_db_lookup("dbaliases");
            lookup("aliases");
            unregister("aliases", "sip:nobody@127.0.0.1");
            sl_send_reply("200", "Still Here");
        }
        """

    /// Every octet but letters and digits as `%27`: whatever the name is, the URI is one.
    private static func escaped(_ name: String) -> String {
        name.utf8.map { byte in
            ASCII.isAlphanumeric(byte)
                ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    private static func everything(_ proxy: borrowing H) throws -> [[[UInt8]?]] {
        guard let database = proxy.shard.state.persistence.database else { return [] }
        return try database.call { (store) throws(StoreError) in
            var rows = try store.query("SELECT name, sql FROM sqlite_master ORDER BY name", []).rows
            for row in rows {
                guard let name = row.first ?? nil, name != Array("location".utf8), !name.starts(with: "sqlite".utf8),
                    let columns = try store.columns(of: name), !columns.isEmpty
                else { continue }
                let table = String(decoding: name, as: UTF8.self)
                rows += try store.query("SELECT * FROM \"\(table)\" ORDER BY 1, 2", []).rows
            }
            return rows
        }
    }

    @Test("changes nothing but its own contacts, finds nobody else's rows, and the next caller is served")
    func hostile() throws {
        #expect(Self.names.count > 80)
        var proxy = try H(script: Self.script, database: .memory)
        let database = try #require(proxy.shard.state.persistence.database)
        _ = try database.call { (store) throws(StoreError) in
            try store.perform([
                SQLStep(sql: "INSERT INTO subscriber (username, domain, password) VALUES ('bob', 'x', 'secret')"),
                SQLStep(sql: "INSERT INTO grp (username, domain, grp) VALUES ('bob', 'x', 'int')"),
                SQLStep(sql: "INSERT INTO uri (username, domain, uri_user) VALUES ('bob', 'x', 'bob')"),
                SQLStep(
                    sql: "INSERT INTO dbaliases (alias_username, alias_domain, username, domain) "
                        + "VALUES ('bob', 'x', 'carol', 'x')"),
            ])
        }
        let before = try Self.everything(proxy)
        var taken: Set<[UInt8]> = []
        for (number, name) in Self.names.enumerated() {
            for user in [Self.escaped(name), name] {
                let branch = "z9hG4bK\(number)\(user.count)\(user == name)"
                let quoted = name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
                let sent = proxy.receiveAnswered(
                    H.request(
                        "OPTIONS", "sip:\(user)@127.0.0.1", from: user, at: H.alice, branch: branch, callID: branch,
                        headers:
                            "Authorization: Digest username=\"\(quoted)\", realm=\"test.local\", nonce=\"1\", uri=\"sip:\(user)@127.0.0.1\", response=\"00000000000000000000000000000000\"\r\n"
                    ), from: H.alice)
                // What is no URI is refused; what is one goes through the whole script.
                let line = sent.last?.startLine ?? "nothing"
                #expect(
                    line == "SIP/2.0 200 Still Here" || (user == name && !line.hasPrefix("SIP/2.0 5")),
                    "\(name): \(line)")
                let registered = proxy.receiveAnswered(
                    H.request(
                        "REGISTER", "sip:127.0.0.1", from: user, to: user, at: H.alice, branch: branch + "r",
                        callID: branch, headers: "Contact: <sip:x@127.0.0.1:9>\r\n"), from: H.alice)
                if registered.last?.startLine == "SIP/2.0 200 OK" {
                    let uri = Array("sip:\(user)@127.0.0.1".utf8)
                    let parts = try URIRanges(parsing: uri.span, ByteRange(0, uri.count))
                    taken.insert(SIPURI.unescape(uri.span.copy(parts.user)).map(ASCII.lowercased))
                }
            }
        }
        #expect(try Self.everything(proxy) == before)
        #expect(taken.count > 60)
        let found = try database.call { (store) throws(StoreError) in
            try store.query("SELECT DISTINCT username FROM location", []).texts
        }
        #expect(Set(found.map { $0[0] }) == taken)
    }
}
