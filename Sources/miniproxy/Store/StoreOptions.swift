import ArgumentParser
import Glibc

/// Which database: what the command line says stands before what the script says.
struct StoreOptions: ParsableArguments {
    @Option(
        name: .customLong("db"),
        help: ArgumentHelp(
            "Keep users, contacts and tables in this SQLite file, whatever URLs the script has; it is made when there is none.",
            valueName: "file"))
    var file: String?

    @Option(
        name: .customLong("db-url"),
        help: ArgumentHelp(
            "Use this database, whatever URLs the script has: mysql://user:password@host/name, sqlite:///path or memory:.",
            valueName: "url"))
    var url: String?

    var isGiven: Bool { self.file != nil || self.url != nil }

    func validate() throws {
        guard self.file == nil || self.url == nil else { throw ValidationError("--db and --db-url: say one of them") }
    }

    /// What the command line names.
    func location() throws(StoreError) -> DatabaseLocation? {
        if let file = self.file { return file == ":memory:" ? .memory : .file(file) }
        guard let url = self.url else { return nil }
        return try DatabaseLocation(url: url)
    }

    /// Opens the database that the command line or the script names. A script that needs one and names none gets one in
    /// memory; a script that needs none gets none.
    func open(
        _ settings: ProxySettings, _ script: CheckedScript, script path: String?, log: ProxyLog
    ) throws(StoreError) -> Persistence {
        let read = path.map { ScriptFile.reader(besides: $0) } ?? { _ in nil }
        let files = try PermissionFiles(script, settings.store.trusted, read: read)
        for sentence in files.missing { log(1, sentence) }
        let dispatcher = try DispatcherSets(script) { name in path.flatMap { ScriptFile.reader(besides: $0)(name) } }
        var location = try self.location()
        if location == nil { location = try settings.store.location() }
        if location == nil, path != nil, !settings.store.modules.isEmpty {
            log(2, "the script needs a database and names none: it is kept in memory until the end; --db FILE keeps it")
            location = .memory
        }
        guard let location else {
            return Persistence(settings.store, permissionFiles: files, dispatcher: dispatcher)
        }
        let now = time(nil)
        let persistence = try Persistence(
            settings.store, at: location, natFlag: settings.registrar.natFlag, permissionFiles: files,
            dispatcher: dispatcher, start: Int64(now) << 22 | Int64(getpid()), log: log)
        log(2, "database: \(location)")
        return persistence
    }
}
