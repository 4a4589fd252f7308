import Glibc
import SIPKit
import SIPNet

/// The command: reads its words, opens the wire, runs one mode, and says how it ended.
@main
struct SipsakCommand {
    static func main() {
        signal(SIGPIPE, SIG_IGN)
        let console = StandardConsole()
        let code = Self.run(Array(CommandLine.arguments.dropFirst()), console)
        console.flush()
        exit(code)
    }

    static func run(_ words: [String], _ console: any Console) -> Int32 {
        var options: SipsakOptions
        do throws(UsageError) {
            let read = try OptionReader.read(words)
            options = read.options
            if options.showsVersion {
                console.out(HelpText.version)
                return 0
            }
            if options.showsHelp {
                console.out(
                    options.showsLongHelp
                        ? "long option help\n" + HelpText.help : words.isEmpty ? HelpText.usage : HelpText.help)
                return 0
            }
            for warning in read.warnings { console.warn(warning) }
        } catch {
            console.fail(error.message)
            return ExitStatus.local.code
        }
        if options.asksPassword { options.password = Self.askPassword(console) }
        let status = Self.run(options, console)
        Self.log(status, options)
        guard options.nagios else { return status == .warning ? 0 : status.code }
        console.out(status.nagios.line + "\n")
        return status.nagios.code
    }

    // MARK: From options to a mode

    static func run(_ options: SipsakOptions, _ console: any Console) -> ExitStatus {
        guard let target = options.uri else { return .local }
        let next = options.outboundProxy ?? target
        guard let ip = NameLookup.addresses(of: next.host, family: options.family).first else {
            // The original writes this on standard output, and scripts look for it there.
            console.out("'\(next.host)' is unresolvable\n")
            return .local
        }
        let destination = SocketAddress(ip, options.remotePort ?? next.port ?? 5060)
        do {
            let wire = try Self.open(options, destination)
            let host = options.hostname ?? (options.usesFQDN ? Self.fullName() : nil) ?? Self.text(wire.local.ip)
            let session = Session(
                options: options, target: target, destination: destination, wire: wire, console: console,
                factory: RequestFactory(host: host, port: wire.local.port, ids: Identifiers()),
                lookup: { NameLookup.addresses(of: $0) })
            return try Self.runMode(session)
        } catch let error as SocketError {
            console.fail("\(error)")
            return .local
        } catch {
            console.fail((error as? UsageError)?.message ?? "\(error)")
            return .local
        }
    }

    private static func open(_ options: SipsakOptions, _ destination: SocketAddress) throws(SocketError) -> UDPWire {
        let any: IPAddress = destination.ip.family == .v4 ? .anyV4 : .anyV6
        let local = options.localIP ?? any
        let advertised = options.localIP ?? UDPWire.route(to: destination) ?? local
        return try UDPWire(
            bind: SocketAddress(local, options.localPort), advertised: advertised, watchesInterrupts: true)
    }

    /// - Parameter file: the text of `-f`, where it was read already.
    static func runMode(_ session: Session, file given: [UInt8]? = nil) throws -> ExitStatus {
        let options = session.options
        if options.usrloc || options.invites || options.messages, !options.traces {
            if options.usrloc, options.addsVia, !options.invites, !options.messages, options.verbosity > 1 {
                session.console.err(
                    "warning: Deactivated Via insertion in usrloc mode.\n         Please use option -i to suppress this warning.\n"
                )
            }
            return UsrlocMode(session: session).run()
        }
        let file = try given ?? options.filename.map { try FileText.read($0) }
        let draft = try ShootDraft.make(options, session.target, file: file, &session.factory)
        if options.traces { return TraceMode(session: session, draft: draft).run() }
        var search: ReplySearch?
        if let expression = options.search {
            search = ReplySearch(expression)
            guard search != nil else {
                throw UsageError("the regular expression cannot be compiled: '\(expression)' (-q)")
            }
        }
        return ShootMode(session: session, draft: draft, search: search).run()
    }

    // MARK: Around

    /// An address as a URI writes it.
    static func text(_ ip: IPAddress) -> String { ip.family == .v6 ? "[\(ip)]" : "\(ip)" }

    /// This host's name when it has a domain.
    private static func fullName() -> String? {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return nil }
        let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return text.utf8.contains(ASCII.dot) ? text : nil
    }

    private static func askPassword(_ console: any Console) -> String {
        console.out("Please enter the password (max. length 20): ")
        console.flush()
        var old = termios()
        let isTerminal = tcgetattr(STDIN_FILENO, &old) == 0
        if isTerminal {
            var quiet = old
            quiet.c_lflag &= ~tcflag_t(ECHO)
            tcsetattr(STDIN_FILENO, TCSANOW, &quiet)
        }
        defer { if isTerminal { tcsetattr(STDIN_FILENO, TCSANOW, &old) } }
        return Swift.readLine(strippingNewline: true) ?? ""
    }

    private static func log(_ status: ExitStatus, _ options: SipsakOptions) {
        guard let level = options.syslogLevel else { return }
        let text = "sipsak \(options.uriText ?? ""): exit code \(status.code)"
        withVaList([]) { arguments in
            // The text holds what a user typed: percent signs are no formats.
            vsyslog(Int32(level), text.replacingPercent(), arguments)
        }
    }
}

extension String {
    /// Safe as a C format: every `%` doubled.
    fileprivate func replacingPercent() -> String {
        String(decoding: self.utf8.flatMap { $0 == ASCII.percent ? [$0, $0] : [$0] }, as: UTF8.self)
    }
}
