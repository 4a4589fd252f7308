/// SER's FIFO commands, on the methods of the control socket (CONTROL.md §2).
struct FIFOCommands {
    let methods: ControlMethods

    static let names = [
        "DB", "GET_CPL", "LOAD_CPL", "REMOVE_CPL", "arg", "domain_dump", "domain_reload", "kill", "print", "ps", "pwd",
        "sl_stats", "t_stats",
        "trusted_dump", "trusted_reload", "ul_add", "ul_dump", "ul_flush", "ul_rm", "ul_rm_contact", "ul_show_contact",
        "ul_stats", "uptime", "version", "which",
    ]

    /// Carries a command out.
    ///
    /// - Returns: the answer: a line `CODE REASON`, and what there is to say.
    func run(_ command: String, _ words: [String]) -> String {
        do throws(ControlError) {
            return try self.answer(command, words)
        } catch {
            let code = error.code < 0 ? 400 : error.code
            return "\(code) \(error.message)\n"
        }
    }

    private func answer(_ command: String, _ words: [String]) throws(ControlError) -> String {
        func result(_ name: String, _ words: [String] = []) throws(ControlError) -> JSONValue {
            try self.methods.run(name, words)
        }
        switch command {
        case "which": return Self.ok(Self.names.map { $0 + "\n" }.joined())
        case "version": return Self.ok("Server: \(ControlMethods.version)\n")
        case "uptime": return Self.ok(ControlText.uptime(try result("core.uptime")))
        case "pwd": return Self.ok("\(try result("core.pwd").plainText ?? "")\n")
        case "arg", "print": return Self.ok(words.map { $0 + "\n" }.joined())
        case "ps": return Self.ok(ControlText.threads(try result("core.ps")))
        case "kill":
            _ = try result("core.kill")
            return Self.ok("")
        case "t_stats": return Self.ok(ControlText.transactions(try result("tm.stats")))
        case "sl_stats": return Self.ok(ControlText.stateless(try result("sl.stats")))
        case "ul_stats": return Self.ok(ControlText.tableFigures(try result("ul.stats")))
        case "ul_dump": return Self.ok(ControlText.dump(try result("ul.dump")))
        case "ul_flush": return "200 \(try result("ul.flush").plainText ?? "")\n"
        case "ul_show_contact":
            return Self.ok(ControlText.contacts(try result("ul.lookup", words), digits: nil))
        case "ul_add":
            // TABLE, AOR, CONTACT, EXPIRES, Q, REPLICATE, FLAGS
            let body = try result("ul.add", Array(words.prefix(5)))
            return "200 Added to table\n\(body.plainText ?? "")\n"
        case "ul_rm": return "200 \(try result("ul.rm", words).plainText ?? "")\n"
        case "ul_rm_contact": return "200 \(try result("ul.rm_contact", words).plainText ?? "")\n"
        case "domain_reload":
            _ = try result("domain.reload")
            return "200 OK\n"
        case "domain_dump":
            return Self.ok((try result("domain.dump").elements ?? []).map { "\($0.plainText ?? "")\n" }.joined())
        case "trusted_reload":
            _ = try result("permissions.trustedReload")
            return "200 OK\n"
        case "trusted_dump": return Self.ok(self.trusted(try result("permissions.trustedDump")))
        case "LOAD_CPL" where words.count == 2:
            guard let file = try? ScriptFile.read(words[1]) else {
                throw ControlError(400, "\(words[1]): cannot be read")
            }
            return try self.script(["cpl.load", words[0], String(decoding: file.bytes, as: UTF8.self)])
        case "REMOVE_CPL" where words.count == 1: return try self.script(["cpl.remove", words[0]])
        case "GET_CPL" where words.count == 1: return Self.ok(try result("cpl.get", words).plainText ?? "")
        case "DB":
            let set = try result("db.exec", [words.joined(separator: " ")])
            let rows = (set["rows"]?.elements ?? []).map { row in
                (row.elements ?? []).map { $0.plainText ?? "NULL" }.joined(separator: "\t") + "\n"
            }
            return Self.ok(rows.joined())
        default: throw ControlError(500, "command '\(command)' not available")
        }
    }

    /// `   BUCKET <ip, protonum, pattern>`: 0 any, 1 udp, 2 tcp, 3 tls, 4 sctp. There are no buckets here: the place.
    private func trusted(_ rows: JSONValue) -> String {
        (rows.elements ?? []).enumerated().map { place, row in
            let transport = ["any", "udp", "tcp", "tls", "sctp"].firstIndex(
                of: (row["proto"]?.plainText ?? "").lowercased())
            return
                "   \(place) <\(row["src_ip"]?.plainText ?? ""), \(transport ?? 0), \(row["from_pattern"]?.plainText ?? "")>\n"
        }.joined()
    }

    /// As cpl-c answers: a line `OK`, or `ERROR` and what is wrong.
    private func script(_ words: [String]) throws(ControlError) -> String {
        do throws(ControlError) {
            _ = try self.methods.run(words[0], Array(words.dropFirst()))
            return Self.ok("OK\n")
        } catch {
            return "\(error.code < 0 ? 400 : error.code) ERROR\n\(error.message)\n"
        }
    }

    private static func ok(_ text: String) -> String { "200 ok\n\(text)" }
}
