import ArgumentParser
import Glibc

/// `miniproxy ctl …`: serctl's and kamctl's words, to a running proxy or to a database.
struct ControlCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ctl", _superCommandName: "miniproxy",
        abstract: "Ask a running proxy, or change users and tables.",
        discussion: ControlWords.manual)

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The proxy's control socket; else MINIPROXY_SOCKET, else the one that is there.", valueName: "path"))
    var socket: String?

    @Flag(help: "Print results as JSON.")
    var json = false

    @OptionGroup var store: StoreOptions

    @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("What to do.", valueName: "command"))
    var words: [String] = []

    func run() throws {
        let isAlone = self.store.isGiven
        let path = isAlone ? "" : try self.path()
        do {
            if self.words.starts(with: ["trace", "on"]), !isAlone {
                return try ControlClient(path: path).follow(
                    self.words.count > 2 ? self.words[2] : "", isJSON: self.json || self.words.contains("--json")
                ) { StandardOutput.write($0) }
            }
            let open = try self.store.location()?.open()
            let words = ControlWords(
                ask: { (method, words) throws(ControlError) in
                    guard let open else { return try ControlClient(path: path).ask(method, words) }
                    guard let found = Administration.methods[method] else {
                        throw ControlError(400, "\(method): needs a running proxy; leave --db and --db-url out")
                    }
                    try ControlMethods.count(words, found.words, method)
                    return try found.run(Administration(store: open), words)
                },
                isJSON: self.json || self.words.contains("--json"),
                domain: getenv("SIP_DOMAIN").map { String(cString: $0) } ?? "",
                print: { text in Swift.print(text, terminator: "") })
            try words.run(self.words.filter { $0 != "--" && $0 != "--json" })
        } catch let error as ControlError {
            // Answers of SER's FIFO have their code in front, those of its SQL have not: as serctl shows them.
            let hasCode = ["ul", "usrloc", "alias", "fifo"].contains(self.words.first ?? "") && error.code >= 100
            let code = hasCode ? "\(error.code) " : ""
            if self.json { Swift.print(JSONValue.object(["error": error.json]).line) }
            print(self.json ? "" : "\(code)\(error.message)\n", terminator: "", to: &StandardError.stream)
            throw ExitCode(1)
        } catch let error as StoreError {
            print("miniproxy: \(error)", to: &StandardError.stream)
            throw ExitCode(1)
        }
    }

    /// The socket that was named, or the only one there is.
    private func path() throws -> String {
        if let socket = self.socket { return socket }
        if let path = getenv("MINIPROXY_SOCKET") { return String(cString: path) }
        var live: [String] = []
        for path in ControlSocketPath.existing() {
            do throws(ControlError) {
                _ = try ControlClient(path: path).ask("core.version")
                live.append(path)
            } catch { continue }
        }
        guard live.count <= 1 else {
            throw ValidationError("several proxies run: say which with --socket: \(live.joined(separator: ", "))")
        }
        return live.first ?? ControlSocketPath.standard(port: 5060)
    }
}
