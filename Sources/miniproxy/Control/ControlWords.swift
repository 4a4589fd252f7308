import Glibc

/// What serctl's and kamctl's words mean: which method with which parameters, and how its result is printed
/// (CONTROL.md §1, §3).
struct ControlWords {
    /// Asks a method: of a running proxy, or of a database by itself.
    let ask: (String, [String]) throws(ControlError) -> JSONValue
    /// Results as JSON, one line each.
    let isJSON: Bool
    /// `SIP_DOMAIN`.
    let domain: String
    let print: (String) -> Void

    static let manual = """
        ps                                       what runs
        moni [CYCLES]                            figures, again every two seconds
        stats [prometheus]                       all figures
        ul show [USER] | add USER URI | rm USER [URI]
        alias show [ALIAS] | add ALIAS URI | rm ALIAS
        add USER[@DOMAIN] PASSWORD [EMAIL]       a new user
        passwd USER[@DOMAIN] PASSWORD            another password
        rm USER[@DOMAIN]                         the user, its groups, its contacts
        acl show [USER] | grant USER GROUP … | revoke USER [GROUP]
        rpid show USER | add USER NUMBER | rm USER
        domain show | add DOMAIN | rm DOMAIN | reload | dump
        trusted show | add ADDRESS PROTOCOL [PATTERN] | rm ADDRESS | reload | dump
        avp list | add | rm [-u USER] [-a ATTRIBUTE] [-v VALUE] [-t TYPE]
        speeddial show USER [NUMBER] | add USER NUMBER URI [DESCRIPTION] | rm USER NUMBER
        alias_db show ALIAS | list [USER] | add ALIAS USER | rm ALIAS
        cpl load USER FILE | show USER | rm USER  a user's call processing script
        db exec SQL | show TABLE                 showdb [USER]
        dispatcher show | dump | reload          lcr show | reload
        media sessions | end CALL-ID             the calls whose media the relay carries
        trace on [TEXT]                          the way of messages through the script, until it is stopped; only
                                                 those with TEXT in start line, From, To or Call-ID
        fifo COMMAND [ARGUMENT …]                a command of SER's FIFO, its answer as it is
        rpc METHOD [PARAMETER …]                 a method by its name; `rpc system.listMethods`
        uptime, version, stop
        Without a domain in USER, SIP_DOMAIN of the environment counts.
        """

    /// - Throws: ``ControlError``.
    func run(_ words: [String]) throws(ControlError) {
        guard let first = words.first else { throw ControlError(400, "say what: \n\(Self.manual)") }
        let rest = Array(words.dropFirst())
        switch first {
        case "ps": try self.show("core.ps", [], ControlText.threads)
        case "version": try self.show("core.version", [], Self.sentence)
        case "uptime": try self.show("core.uptime", [], ControlText.uptime)
        case "stop", "kill": try self.show("core.kill", [], Self.sentence)
        case "moni", "monitor", "con", "console": try self.monitor(rest.first)
        case "stats":
            if rest.first == "prometheus" {
                try self.show("stats.prometheus", [], { $0.plainText ?? "" })
            } else {
                try self.show("stats.get_statistics", [], Self.members)
            }
        case "add", "passwd", "rm": try self.user(first, rest)
        case "ul", "usrloc": try self.contacts("location", rest, first)
        case "alias": try self.contacts("aliases", rest, first)
        case "acl": try self.groups(rest)
        case "avp": try self.attributes(rest)
        case "cpl": try self.callProcessing(rest)
        case "db": try self.database(rest)
        case "showdb": try self.show("db.showdb", rest, Self.table)
        case "rpid", "trusted", "speeddial", "alias_db", "domain", "dispatcher", "lcr": try self.group(first, rest)
        case "media" where rest.first ?? "sessions" == "sessions":
            try self.show("media.sessions", [], ControlText.mediaSessions)
        case "media" where rest.first == "end":
            try self.show("media.end", Array(rest.dropFirst()), Self.sentence)
        case "fifo":
            // As serctl: a first line that only says that all is well is not shown.
            let answer = try self.ask("fifo", rest).plainText ?? ""
            let lines = answer.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
            self.print(
                lines.first?.lowercased().hasPrefix("200 ok") == true && lines.count > 1 ? String(lines[1]) : answer)
        case "rpc":
            guard let method = rest.first else { throw ControlError(400, "rpc METHOD [PARAMETER …]") }
            self.print(try self.ask(method, Array(rest.dropFirst())).line + "\n")
        case "help": self.print(Self.manual + "\n")
        default: throw ControlError(400, "\(first): is no command; these are:\n\(Self.manual)")
        }
    }

    // MARK: Printing

    func show(_ method: String, _ words: [String], _ text: (JSONValue) -> String) throws(ControlError) {
        let result = try self.ask(method, words)
        self.print(self.isJSON ? result.line + "\n" : text(result))
    }

    static func sentence(_ result: JSONValue) -> String { (result.plainText ?? result.line) + "\n" }

    private static func table(_ result: JSONValue) -> String { ControlText.table(result) ?? Self.sentence(result) }

    /// A member a line.
    private static func members(_ result: JSONValue) -> String {
        guard case .object(let members) = result else { return Self.sentence(result) }
        return members.map { member in
            if let table = ControlText.table(member.value) { return "\(member.name)\n\(table)" }
            return "\(member.name) = \(member.value.plainText ?? member.value.line)\n"
        }.joined()
    }

    private func monitor(_ cycles: String?) throws(ControlError) {
        let last = cycles.flatMap { Int($0) } ?? .max
        var cycle = 1
        while true {
            let version = try self.ask("core.version", [])
            let uptime = try self.ask("core.uptime", [])
            let transactions = try self.ask("tm.stats", [])
            let stateless = try self.ask("sl.stats", [])
            let tables = try self.ask("ul.stats", [])
            if self.isJSON {
                self.print(
                    JSONValue.object([
                        "cycle": .integer(cycle), "uptime": uptime, "transactions": transactions,
                        "stateless": stateless,
                        "usrloc": tables,
                    ]).line + "\n")
            } else {
                // The screen is drawn anew where there is one.
                if last > 1, isatty(STDOUT_FILENO) == 1 { self.print("\u{1B}[H\u{1B}[2J") }
                self.print(
                    "[cycle #: \(cycle); if constant make sure server lives and fifo is on]\n"
                        + "Server: \(version.plainText ?? "")\n" + ControlText.uptime(uptime)
                        + "\nTransaction Statistics\n"
                        + ControlText.transactions(transactions) + "\nStateless Server Statistics\n"
                        + ControlText.stateless(stateless) + "\nUsrLoc Stats\n" + ControlText.tableFigures(tables))
            }
            guard cycle < last else { return }
            cycle += 1
            sleep(2)
        }
    }

    // MARK: Users

    /// Name and domain; `SIP_DOMAIN` where the name has none.
    private func parts(_ user: String) throws(ControlError) -> (user: String, domain: String) {
        let parts = Administration.parts(user)
        let domain = parts.domain.isEmpty ? self.domain : parts.domain
        guard !domain.isEmpty else {
            throw ControlError(
                400, "domain unknown: use usernames with domain or set default domain in SIP_DOMAIN")
        }
        return (parts.user, domain)
    }

    private func user(_ word: String, _ rest: [String]) throws(ControlError) {
        guard let name = rest.first else { throw ControlError(400, "\(word) USER …") }
        let (user, domain) = try self.parts(name)
        switch word {
        case "add":
            guard rest.count > 1 else { throw ControlError(400, "add USER PASSWORD [EMAIL]") }
            try self.show("user.add", [user, domain] + rest.dropFirst().prefix(2), Self.sentence)
        case "passwd":
            guard rest.count > 1 else { throw ControlError(400, "passwd USER PASSWORD") }
            try self.show("user.passwd", [user, domain, rest[1]], Self.sentence)
        default: try self.show("user.rm", [user, domain], Self.sentence)
        }
    }

    private func groups(_ rest: [String]) throws(ControlError) {
        switch rest.first {
        case "show": try self.show("acl.show", Array(rest.dropFirst().prefix(1)), Self.table)
        case "grant" where rest.count > 2:
            let (user, domain) = try self.parts(rest[1])
            var last: JSONValue?
            for group in rest.dropFirst(2) {
                guard Administration.groupNames.contains(group) else {
                    self.print("Invalid privilege: \(group) ignored\n")
                    continue
                }
                last = try self.ask("acl.grant", [user, domain, group])
            }
            if let last { self.print(self.isJSON ? last.line + "\n" : Self.table(last)) }
        case "revoke" where rest.count > 1: try self.show("acl.revoke", Array(rest.dropFirst().prefix(2)), Self.table)
        default: throw ControlError(400, "acl show [USER] | grant USER GROUP … | revoke USER [GROUP]")
        }
    }

    // MARK: Contacts

    /// Permanent contacts are added as SER 0.8 did: for 34 years, so that their age can be seen.
    private static let longest = 1_073_741_823

    private func contacts(_ table: String, _ rest: [String], _ word: String) throws(ControlError) {
        guard let command = rest.first else { throw ControlError(400, "\(word) show [USER] | add USER URI | rm USER") }
        var name = rest.count > 1 ? rest[1] : ""
        if !name.isEmpty, !name.contains("@"), !self.domain.isEmpty,
            case .bool(true) = try self.ask("core.info", [])["use_domain"] ?? .null
        {
            name += "@\(self.domain)"
        }
        switch (command, rest.count) {
        case ("show", 1): try self.show("ul.dump", [table], ControlText.dump)
        case ("show", _): try self.show("ul.lookup", [table, name], { ControlText.contacts($0, digits: 2) })
        case ("add", 3...):
            if table == "aliases" { try self.lookForOverlap(name) }
            let result: JSONValue
            do throws(ControlError) {
                result = try self.ask("ul.add", [table, name, rest[2], "\(Self.longest)", "1.00"])
            } catch {
                guard error.code == 400, error.message.hasSuffix("not found") else { throw error }
                throw ControlError(400, "\(error.message); the script has no lookup(\"\(table)\")")
            }
            self.print(
                self.isJSON
                    ? result.line + "\n" : "\(rest[2])\n200 Added to table\n\(result.plainText ?? "")\n")
        case ("rm", 2): try self.show("ul.rm", [table, name], { "200 \($0.plainText ?? "")\n" })
        case ("rm", 3...): try self.show("ul.rm_contact", [table, name, rest[2]], { "200 \($0.plainText ?? "")\n" })
        default: throw ControlError(400, "\(word) show [USER] | add USER URI | rm USER [URI]")
        }
    }

    /// An alias that is there, or that is a user's name, is refused, as serctl does.
    private func lookForOverlap(_ alias: String) throws(ControlError) {
        if (try? self.ask("ul.lookup", ["aliases", alias])) != nil {
            throw ControlError(0, "error: Overlap with an existing alias")
        }
        let parts = Administration.parts(alias)
        if case .bool(true) = (try? self.ask("user.exists", [parts.user, parts.domain])) ?? .null {
            throw ControlError(0, "error: overlap of alias with an existing subscriber name")
        }
    }

    // MARK: Tables

    /// kamctl's `avp list -u USER -a ATTRIBUTE`, in any order.
    private func attributes(_ rest: [String]) throws(ControlError) {
        var options: [String: String] = [:]
        var at = 1
        while at < rest.count {
            guard ["-u", "-a", "-v", "-t", "-T"].contains(rest[at]), at + 1 < rest.count else {
                throw ControlError(400, "avp list | add | rm [-u USER] [-a ATTRIBUTE] [-v VALUE] [-t TYPE]")
            }
            options[rest[at]] = rest[at + 1]
            at += 2
        }
        if let table = options["-T"], table != "usr_preferences" {
            throw ControlError(400, "avp -T \(table): only usr_preferences; db exec reaches every table")
        }
        let (user, attribute, value) = (options["-u"], options["-a"], options["-v"])
        let owner = [user, attribute].compactMap { $0 }
        switch rest.first {
        case "list" where user != nil || attribute == nil: try self.show("avp.list", owner, Self.table)
        case "add":
            guard let user, let attribute, let value else {
                throw ControlError(400, "avp add -u USER -a ATTRIBUTE -v VALUE [-t TYPE]")
            }
            try self.show("avp.add", [user, attribute, options["-t"] ?? "0", value], Self.sentence)
        case "rm" where user != nil:
            try self.show("avp.rm", attribute == nil ? owner : owner + [value].compactMap { $0 }, Self.sentence)
        default: throw ControlError(400, "avp list | add | rm [-u USER] [-a ATTRIBUTE] [-v VALUE] [-t TYPE]")
        }
    }

    private func database(_ rest: [String]) throws(ControlError) {
        switch (rest.first, rest.count) {
        case ("exec", 2...), ("run", 2...):
            try self.show("db.exec", [rest.dropFirst().joined(separator: " ")], Self.table)
        case ("roexec", 2...), ("rorun", 2...):
            let sql = rest.dropFirst().joined(separator: " ")
            guard ["select", "show", "describe", "explain"].contains(sql.prefix { $0 != " " }.lowercased()) else {
                throw ControlError(400, "db roexec: only statements that read")
            }
            try self.show("db.exec", [sql], Self.table)
        case ("show", 2): try self.show("db.show", [rest[1]], Self.table)
        default: throw ControlError(400, "db exec SQL | roexec SQL | show TABLE")
        }
    }

    private func group(_ word: String, _ rest: [String]) throws(ControlError) {
        guard let command = rest.first else {
            throw ControlError(400, "\(word): say what to do; see: miniproxy ctl help")
        }
        let words = Array(rest.dropFirst())
        switch (word, command) {
        case ("domain", "reload"): try self.show("domain.reload", words, Self.sentence)
        case ("domain", "dump"): try self.show("domain.dump", words, Self.lines)
        case ("domain", "showdb"): try self.show("domain.show", words, Self.table)
        case ("trusted", "reload"): try self.show("permissions.trustedReload", words, Self.sentence)
        case ("trusted", "dump"):
            try self.show("permissions.trustedDump", words) { result in
                (result.elements ?? []).map { row in
                    "\(row["src_ip"]?.plainText ?? "") \(row["proto"]?.plainText ?? "") \(row["from_pattern"]?.plainText ?? "")\n"
                }.joined()
            }
        case ("speeddial", "list"): try self.show("speeddial.show", words, Self.table)
        case ("dispatcher", "reload"): try self.show("dispatcher.reload", words, Self.sentence)
        case ("dispatcher", "dump"): try self.show("dispatcher.list", words, Self.lines)
        case ("lcr", "reload"): try self.show("lcr.reload", words, Self.sentence)
        case ("lcr", "show"): try self.show("lcr.show", words, Self.members)
        default: try self.show("\(word).\(command)", words, Self.table)
        }
    }

    private static func lines(_ result: JSONValue) -> String {
        (result.elements ?? []).map { "\($0.plainText ?? "")\n" }.joined()
    }
}
