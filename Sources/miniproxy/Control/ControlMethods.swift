import Glibc
import SIPKit

/// What can be asked of a running proxy: the names are Kamailio's where it has the command (CONTROL.md §3).
///
/// Used from the control thread alone; what is asked may wait for the database and for the loops.
final class ControlMethods: @unchecked Sendable {
    let state: ProxyState
    let statistics: StatisticsDesk
    let sockets: [ListenSocket]
    /// Seconds since 1970.
    let started: Int64
    /// Ends the proxy.
    let end: @Sendable () -> Void

    init(
        state: ProxyState, statistics: StatisticsDesk, sockets: [ListenSocket], started: Int64,
        end: @escaping @Sendable () -> Void
    ) {
        self.state = state
        self.statistics = statistics
        self.sockets = sockets
        self.started = started
        self.end = end
    }

    typealias Method = (words: String, run: @Sendable (ControlMethods, [String]) throws(ControlError) -> JSONValue)

    /// Those that need no table of people's.
    static let live: [String: Method] = [
        "core.version": ("", { (me, _) in .text(ControlMethods.version) }),
        "core.uptime": ("", { (me, _) in me.uptime() }),
        "core.info": ("", { (me, _) in me.info() }),
        "core.ps": ("", { (me, _) in me.threads() }),
        "core.pwd": ("", { (_, _) in .text(ControlMethods.folder()) }),
        "core.echo": ("[WORD …]", { (_, words) in .array(words.map { .text($0) }) }),
        "core.kill": ("", { (me, _) in me.kill() }),
        "system.listMethods": ("", { (_, _) in .array(ControlMethods.names.map { .text($0) }) }),
        "stats.get_statistics": ("[all]", { (me, _) in ProxyFigures(me).json }),
        "stats.prometheus": ("", { (me, _) in .text(ProxyFigures(me).prometheus) }),
        "tm.stats": ("", { (me, _) in ProxyFigures(me).transactions }),
        "sl.stats": ("", { (me, _) in ProxyFigures(me).stateless }),
        "ul.stats": ("", { (me, _) in me.tableFigures() }),
        "ul.dump": ("[TABLE]", { (me, words) throws(ControlError) in try me.dump(words.first) }),
        "ul.lookup": ("TABLE USER", { (me, words) throws(ControlError) in try me.contacts(words[0], words[1]) }),
        "ul.add": (
            "TABLE USER URI [EXPIRES [Q]]", { (me, words) throws(ControlError) in try me.addContact(words) }
        ),
        "ul.rm": ("TABLE USER", { (me, words) throws(ControlError) in try me.removeContacts(words[0], words[1], nil) }),
        "ul.rm_contact": (
            "TABLE USER URI",
            { (me, words) throws(ControlError) in try me.removeContacts(words[0], words[1], words[2]) }
        ),
        "ul.flush": ("", { (me, _) throws(ControlError) in try me.flush() }),
        "media.sessions": ("", { (me, _) in me.mediaSessions() }),
        "media.end": ("CALL-ID", { (me, words) throws(ControlError) in try me.endMediaSession(words[0]) }),
        "domain.reload": ("", { (me, _) throws(ControlError) in try me.reload(trusted: false) }),
        "domain.dump": ("", { (me, _) throws(ControlError) in try me.keptDomains() }),
        "dispatcher.list": ("", { (me, _) in me.destinations() }),
        "dispatcher.reload": ("", { (me, _) throws(ControlError) in try me.reloadDestinations() }),
        "lcr.reload": ("", { (me, _) throws(ControlError) in try me.reloadGateways() }),
        "permissions.trustedReload": ("", { (me, _) throws(ControlError) in try me.reload(trusted: true) }),
        "permissions.trustedDump": ("", { (me, _) throws(ControlError) in try me.keptTrusted() }),
    ]

    static var names: [String] { (Array(Self.live.keys) + Administration.methods.keys + ["fifo"]).sorted() }

    static let version = "miniproxy (SER and Kamailio scripts)"

    /// Carries a command out.
    ///
    /// - Throws: ``ControlError``: no such command, parameters that are missing, or why it did not work.
    func run(_ name: String, _ words: [String]) throws(ControlError) -> JSONValue {
        if name == "fifo" {
            guard let command = words.first else {
                throw ControlError(ControlError.badParameters, "fifo COMMAND [ARGUMENT …]")
            }
            return .text(FIFOCommands(methods: self).run(command, Array(words.dropFirst())))
        }
        if let method = Self.live[name] {
            try Self.count(words, method.words, name)
            return try method.run(self, words)
        }
        guard let method = Administration.methods[name] else {
            throw ControlError(ControlError.unknownMethod, "there is no method \(name); system.listMethods lists them")
        }
        try Self.count(words, method.words, name)
        guard let database = self.state.persistence.database else {
            throw ControlError(500, "the proxy has no database; start it with --db FILE or --db-url URL")
        }
        let run = method.run
        let cpl = self.state.persistence.settings.cpl
        let result: Result<JSONValue, ControlError>
        do throws(StoreError) {
            result = try database.call { (store) throws(StoreError) -> Result<JSONValue, ControlError> in
                do throws(ControlError) {
                    return .success(try run(Administration(store: store, cpl: cpl), words))
                } catch {
                    return .failure(error)
                }
            }
        } catch {
            throw ControlError(error)
        }
        return try self.after(name, words, try result.get())
    }

    /// Words that a method needs stand before the first bracket of its description.
    static func count(_ words: [String], _ description: String, _ name: String) throws(ControlError) {
        let all = description.split(separator: " ")
        let needed = all.prefix { !$0.hasPrefix("[") }.count
        let most = description.contains("…") ? Int.max : all.count
        guard words.count >= needed, words.count <= most else {
            throw ControlError(ControlError.badParameters, "expected: \(name) \(description)")
        }
    }

    /// What a change of tables means for what is in memory.
    private func after(_ name: String, _ words: [String], _ result: JSONValue) throws(ControlError) -> JSONValue {
        switch name {
        case "domain.add", "domain.rm": _ = try? self.reload(trusted: false)
        case "trusted.add", "trusted.rm": _ = try? self.reload(trusted: true)
        case "user.rm":
            // Nobody is called any more at an account that is gone.
            for table in self.state.location.all {
                _ = try? self.removeContacts(table, self.key(words[0], domain: words[1]))
            }
            self.state.persistence.lastCredentials.forget()
        case "user.passwd": self.state.persistence.lastCredentials.forget()
        default: break
        }
        return result
    }

    // MARK: The process

    private func info() -> JSONValue {
        .object([
            "version": .text(Self.version), "pid": .integer(Int(getpid())),
            "use_domain": .bool(self.state.settings.registrar.useDomain),
            "database": self.state.persistence.database.map { .text("\($0.location)") } ?? .null,
            "sockets": .array(self.sockets.map { .text("udp:\($0.address)") }),
        ])
    }

    private func uptime() -> JSONValue {
        let now = Int64(time(nil))
        return .object([
            "now": .text(Self.date(now)), "up_since": .text(Self.date(self.started)),
            "uptime": .integer(Int(now - self.started)),
        ])
    }

    /// `Sat Nov 21 04:02:10 2026`, as `ctime` writes it.
    private static func date(_ second: Int64) -> String {
        var moment = time_t(second)
        var parts = tm()
        localtime_r(&moment, &parts)
        var text = [CChar](repeating: 0, count: 64)
        guard asctime_r(&parts, &text) != nil else { return "" }
        return String(decoding: text.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func folder() -> String {
        var path = [CChar](repeating: 0, count: 4096)
        guard getcwd(&path, path.count) != nil else { return "" }
        return String(decoding: path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func kill() -> JSONValue {
        self.end()
        return .text("ending")
    }

    /// One process with threads: what each does, and its number for `top -H` and `strace -p`.
    private func threads() -> JSONValue {
        var rows: [JSONValue] = []
        func add(_ thread: Int32, _ role: String) {
            rows.append(
                .object([
                    "index": .integer(rows.count), "pid": .integer(Int(thread)), "role": .text(role),
                ]))
        }
        let loops = self.statistics.collect().map(\.thread)
        for (child, loop) in loops.enumerated() {
            for (place, socket) in self.sockets.enumerated() {
                add(loop, "receiver child=\(child) sock=\(place) @ \(socket.address.ip)::\(socket.address.port)")
            }
        }
        for (thread, name) in Self.systemThreads() where !loops.contains(thread) && thread != getpid() {
            add(thread, name)
        }
        return .array(rows)
    }

    private static func systemThreads() -> [(Int32, String)] {
        guard let folder = opendir("/proc/self/task") else { return [] }
        defer { closedir(folder) }
        var threads: [(Int32, String)] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let number = Int32(name) else { continue }
            let role = (try? ScriptFile.read("/proc/self/task/\(name)/comm").bytes) ?? []
            threads.append((number, Printable.text(role.filter { $0 != ASCII.lf })))
        }
        return threads.sorted { $0.0 < $1.0 }
    }

    // MARK: Kept tables

    private func reload(trusted: Bool) throws(ControlError) -> JSONValue {
        let persistence = self.state.persistence
        do throws(StoreError) {
            guard try trusted ? persistence.reloadTrusted() : persistence.reloadDomains() else {
                throw StoreError(.misconfigured, "the table is asked each time (db_mode 0): there is nothing to reload")
            }
        } catch {
            throw ControlError(400, error.text)
        }
        return .text("OK")
    }

    private func destinations() -> JSONValue {
        .array(
            self.state.persistence.dispatcher.all.map {
                .text("\($0.set) \(Printable.text($0.destination.uri)) \($0.destination.state)")
            })
    }

    private func reloadDestinations() throws(ControlError) -> JSONValue {
        do throws(StoreError) {
            guard let count = try self.state.persistence.reloadDestinations() else {
                throw StoreError(
                    .misconfigured,
                    "the script names no list_file and no db_url of dispatcher: there is nothing to reload")
            }
            return .text("\(count) destinations")
        } catch {
            throw ControlError(400, error.text)
        }
    }

    private func reloadGateways() throws(ControlError) -> JSONValue {
        do throws(StoreError) {
            guard let count = try self.state.persistence.reloadGateways() else {
                throw StoreError(.misconfigured, "the script does not load lcr: there is nothing to reload")
            }
            return .text("\(count) gateways")
        } catch {
            throw ControlError(400, error.text)
        }
    }

    private func keptDomains() throws(ControlError) -> JSONValue {
        .array(self.state.persistence.domains.rows.map { .text(Printable.text($0[0])) })
    }

    private func keptTrusted() throws(ControlError) -> JSONValue {
        .array(
            self.state.persistence.trusted.rows.map { row in
                .object([
                    "src_ip": .text(Printable.text(row[0])), "proto": .text(Printable.text(row[1])),
                    "from_pattern": .text(Printable.text(row[2])),
                ])
            })
    }
}
