import ArgumentParser

/// `miniproxy db …`: making a database and looking at it, without a proxy.
struct DatabaseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "db", _superCommandName: "miniproxy",
        abstract: "Make the tables of a database, or look whether they are as they must be.",
        subcommands: [Create.self, Check.self])

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the tables that are not there; those that are stay as they are.")

        @OptionGroup var store: StoreOptions

        @Flag(help: "Make them as SER 0.9 has them, not as Kamailio.")
        var old = false

        func run() throws {
            try DatabaseCommand.with(self.store) { (store, location) throws(StoreError) in
                let schema: Schema = self.old ? .old : .new
                var made: [String] = []
                for table in schema.tables where try store.columns(of: Array(table.name.utf8)) == nil {
                    made.append(table.name)
                }
                // One after the other: a server ends its transaction with every table anyway.
                for step in schema.steps(store.dialect) { try store.perform([step]) }
                print(
                    "\(location): " + (made.isEmpty ? "all tables were there" : "made \(made.joined(separator: ", "))"))
            }
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Look whether the tables are there and of a version that miniproxy knows.")

        @OptionGroup var store: StoreOptions

        @Option(name: .shortAndLong, help: "Look for what this script needs.")
        var file: String?

        func run() throws {
            var settings = StoreSettings()
            if let path = self.file {
                let source: SourceText
                do {
                    source = try ScriptFile.read(path)
                } catch {
                    print("miniproxy: \(error)", to: &StandardError.stream)
                    throw ExitCode(2)
                }
                let loaded = ScriptProgram.load(source, read: ScriptFile.reader(besides: path))
                guard let program = loaded.program else {
                    print(loaded.report, terminator: "", to: &StandardError.stream)
                    throw ExitCode(1)
                }
                settings = StoreSettings(program.script.checked)
            } else {
                settings.modules = ["auth_db", "domain", "group", "permissions", "avpops"]
                settings.trusted.hasURL = true
                settings.usrloc.mode = .writeThrough
                settings.contactTables = [Array("location".utf8), Array("aliases".utf8)]
            }
            try DatabaseCommand.with(self.store) { (store, location) throws(StoreError) in
                try SchemaCheck(store: store, location: location).check(settings)
                print("\(location): the tables are as they must be")
            }
        }
    }

    /// Opens the database and does something; what goes wrong is said, with status 1.
    static func with(
        _ options: StoreOptions, _ body: (any Store, DatabaseLocation) throws(StoreError) -> Void
    ) throws {
        do {
            guard let location = try options.location() else {
                throw ValidationError("which database? --db FILE or --db-url URL")
            }
            try body(try location.open(), location)
        } catch let error as StoreError {
            print("miniproxy: \(error)", to: &StandardError.stream)
            throw ExitCode(1)
        }
    }
}
