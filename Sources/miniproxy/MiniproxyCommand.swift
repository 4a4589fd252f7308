import ArgumentParser
import Glibc
import SIPKit
import SIPNet

@main
struct MiniproxyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "miniproxy",
        abstract: "A SIP registrar and proxy for the lab.",
        discussion: """
            Without arguments it listens on 127.0.0.1:5060, registers whoever asks, routes calls to registered users and \
            stays in their path. SIGUSR1 prints what it has counted, SIGINT and SIGTERM stop it.
            """,
        subcommands: [
            CheckCommand.self, SimulateCommand.self, FunctionsCommand.self, DefaultScriptCommand.self, CPLCommand.self,
            DatabaseCommand.self,
            ControlCommand.self,
        ])

    /// `ctl` and `db` have words of their own, `-v` among them, which the proxy's options would take away.
    static func main() {
        let own: [String: any ParsableCommand.Type] = ["ctl": ControlCommand.self, "db": DatabaseCommand.self]
        let arguments = Array(CommandLine.arguments.dropFirst())
        if let first = arguments.first, let command = own[first] {
            command.main(Array(arguments.dropFirst()))
        } else {
            self.main(arguments)
        }
    }

    @Option(
        help: ArgumentHelp(
            "Listen on this address; repeat it for several. Transports are udp, tcp, tls, ws and wss; without one, UDP and TCP.",
            valueName: "[transport:]address[:port]"))
    var listen: [String] = []

    @OptionGroup(title: "Connections and names")
    var connections: ConnectionOptions

    @Option(help: ArgumentHelp("A domain, or host:port, that is ours; repeat it for several.", valueName: "name"))
    var domain: [String] = []

    @Option(
        help: ArgumentHelp(
            "A user with a password; REGISTER and calls of our users are then challenged.", valueName: "name:password"))
    var user: [String] = []

    @Option(
        name: [.customShort("f"), .long], help: "Run this script instead of the built-in one (see default-script).")
    var script: String?

    @Option(name: [.customShort("A"), .long], help: "Define a name for the script, as #!define does.")
    var define: [String] = []

    @Flag(name: .customLong("no-warning"), help: "Leave the Warning 392 header out of our own answers.")
    var noWarning = false

    @Option(
        help: ArgumentHelp(
            "For labs: users' call processing scripts take the start of this process for that moment, in local time.",
            valueName: "YYYY-MM-DDThh:mm:ss"))
    var cplClock: String?

    @Option(
        help: ArgumentHelp(
            "The program that takes the mails of users' call processing scripts from its standard input, as \"/usr/sbin/sendmail -t -i\".",
            valueName: "command"))
    var mailCommand: String?

    @Flag(help: "Print the way of each message through the script to standard output.")
    var trace = false

    @Option(
        help: ArgumentHelp(
            "Trace only messages with this text in their start line, From, To or Call-ID.", valueName: "text"))
    var traceOnly: String?

    @Flag(help: "Traces as JSON, one object a line.")
    var traceJSON = false

    @Flag(name: [.short, .long, .customShort("d")], help: "Log more; twice for every message.")
    var verbose: Int

    @Flag(name: .customShort("D"), help: "Stay in the foreground: what it does anyway, and SER has to be told.")
    var foreground: Int

    @Flag(name: [.customShort("V"), .customLong("version")], help: "Print the version and end.")
    var showsVersion = false

    @OptionGroup var store: StoreOptions
    @OptionGroup var logging: LogOptions
    @OptionGroup var control: ControlOptions
    @OptionGroup(title: "Media") var media: MediaOptions

    func run() throws {
        if self.showsVersion {
            // As SER begins its answer to -V.
            print("version: \(ControlMethods.version)")
            return
        }
        var configuration = ProxyServer.Configuration()
        if !self.listen.isEmpty { configuration.listen = try self.listen.flatMap(Self.listenAddresses) }
        for name in self.domain {
            let parts = name.split(separator: ":", maxSplits: 1)
            let digits = parts.count == 2 ? Array(parts[1].utf8) : []
            let port = digits.isEmpty ? nil : ASCII.number(digits.span, ByteRange(0, digits.count), limit: 65_535)
            guard let host = parts.first, digits.isEmpty || port != nil else {
                throw ValidationError("--domain \(name): expected a name, or a name and a port as in example.org:5070")
            }
            configuration.aliases.append((String(host), port.map { UInt16($0) }))
        }
        for user in self.user {
            do {
                try configuration.users.add(user)
            } catch {
                throw ValidationError("--user: expected name:password")
            }
        }
        let program = try self.program(hasUsers: !configuration.users.isEmpty)
        configuration.settings.apply(program.script.checked)
        self.media.apply(to: &configuration.settings.media)
        configuration.log = self.logging.log(program.script.checked, verbose: self.verbose)
        let sockets = ScriptSockets(program.script.checked)
        if self.listen.isEmpty {
            for sentence in sockets.refused { print("miniproxy: \(sentence)", to: &StandardError.stream) }
            if !sockets.listen.isEmpty {
                configuration.listen = sockets.listen
            } else if !sockets.refused.isEmpty {
                throw ExitCode(1)
            }
        }
        configuration.tls = sockets.tls
        try self.connections.apply(to: &configuration)
        configuration.aliases += sockets.aliases.map { ($0.host, $0.port) }
        if self.noWarning { configuration.settings.sipWarning = false }
        configuration.control = self.control.settings(
            program.script.checked, configuration.listen.map(\.address))
        if let text = self.cplClock {
            guard let moment = CPLClock.seconds(local: text) else {
                throw ValidationError("--cpl-clock \(text): expected a local time, as 2026-11-25T10:00:00")
            }
            configuration.settings.store.cpl.clockOffset = moment - Int64(time(nil))
        }
        configuration.settings.store.cpl.mailCommand = self.mailCommand ?? ""
        let server: ProxyServer
        do {
            configuration.persistence = try self.store.open(
                configuration.settings, program.script.checked, script: self.script, log: configuration.log)
            server = try ProxyServer(configuration, program)
            try server.loadContacts()
        } catch {
            print("miniproxy: \(error)", to: &StandardError.stream)
            throw ExitCode(1)
        }
        if self.trace || self.traceOnly != nil || self.traceJSON {
            let isJSON = self.traceJSON
            _ = server.state.tracing.start(TraceFilter(self.traceOnly ?? "")) { trace in
                StandardOutput.write(isJSON ? RouteTraceJSON.text(trace) + "\n" : RouteTraceText.text(trace))
            }
        }
        _ = server.run()
    }

    func program(hasUsers: Bool) throws -> Program<RouteContext> {
        let names =
            self.define + (hasUsers ? [DefaultScript.authentication] : [])
            + (self.store.isGiven ? [DefaultScript.database] : [])
        var source = SourceText(name: DefaultScript.name, bytes: Array(DefaultScript.text.utf8))
        if let path = self.script {
            do {
                source = try ScriptFile.read(path)
            } catch {
                print("miniproxy: \(error)", to: &StandardError.stream)
                throw ExitCode(2)
            }
        }
        let loaded = ScriptProgram.load(
            source, defining: names, read: self.script.map { ScriptFile.reader(besides: $0) } ?? { _ in nil })
        print(loaded.report, terminator: "", to: &StandardError.stream)
        guard let program = loaded.program else { throw ExitCode(1) }
        return program
    }

    static func listenAddresses(_ text: String) throws -> [ListenAddress] {
        guard let found = ListenAddress.parse(text) else {
            throw ValidationError(
                "--listen \(text): expected an address with maybe a transport and a port, as 192.0.2.1, tcp:192.0.2.1:5070 or tls:[2001:db8::1]"
            )
        }
        return found
    }
}

/// `miniproxy default-script`: the policy that runs when no script is given.
struct DefaultScriptCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "default-script", abstract: "Print the script that runs when none is given.")

    func run() { print(DefaultScript.text, terminator: "") }
}

/// Standard output without a buffer, one write a text, so that traces of several loops do not mix.
enum StandardOutput {
    static func write(_ text: String) {
        _ = Array(text.utf8).withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
    }
}

/// Standard error as something to print to.
struct StandardError: TextOutputStream {
    nonisolated(unsafe) static var stream = StandardError()
    mutating func write(_ text: String) {
        _ = Array(text.utf8).withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
