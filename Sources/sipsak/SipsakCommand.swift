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
            if let document = options.document {
                switch document {
                case .manual: console.out(Manual.page)
                case .completions(let shell): console.out(try Manual.completions(shell))
                }
                return 0
            }
            for warning in read.warnings { console.warn(warning) }
        } catch {
            console.fail(error.message)
            // The options could not be read, so the words themselves tell whether a program listens.
            if words.contains("--json") {
                let json = JSONReporter(console: console, date: { SystemClock().unixNanoseconds() })
                json.error(class: "usage", error.message, .local)
                json.summary(ProbeTally(), .local)
            }
            return ExitStatus.local.code
        }
        do throws(UsageError) {
            options.password = try Self.password(options, console)
            if let body = options.body, body.hasPrefix("@") {
                options.body = String(decoding: try FileText.read(String(body.dropFirst())), as: UTF8.self)
            }
        } catch {
            console.fail(error.message)
            return ExitStatus.local.code
        }
        let (status, tally) = Self.run(options, console)
        Self.log(status, options)
        return Self.conclude(status, tally, options, console)
    }

    /// Thresholds, the line of `-N`, and the number for `exit`.
    static func conclude(
        _ status: ExitStatus, _ tally: ProbeTally, _ options: SipsakOptions, _ console: any Console
    ) -> Int32 {
        var status = status
        let verdict = options.thresholds.judge(tally)
        if verdict == .critical, status == .ok || status == .warning {
            if !options.nagios { console.fail("a threshold was missed: \(options.thresholds.performanceData(tally))") }
            status = .missed
        } else if verdict == .warning, status == .ok {
            status = .warning
        }
        guard options.nagios else {
            if options.strictExit { return status.strictCode }
            return status == .warning ? 0 : status.code
        }
        // Standard output belongs to a program: the code tells it all.
        let (verdictLine, code) = status.nagios(isUnknownKnown: options.unknownCode)
        guard options.printsText else { return code }
        var line = verdictLine
        if options.perfdata {
            let answer = tally.lastAnswer.map { "\($0.code) \($0.reason)" } ?? "no answer"
            let time = tally.samples.isEmpty ? "" : " in \(Milliseconds.text(tally.samples.mean)) ms"
            line += " - \(answer.filterBar)\(time) | \(options.thresholds.performanceData(tally))"
        }
        console.out(line + "\n")
        return code
    }

    private static func password(_ options: SipsakOptions, _ console: any Console) throws(UsageError) -> String? {
        if options.asksPassword { return Self.askPassword(console) }
        if let path = options.passwordFile {
            let text = try FileText.read(path)
            return String(decoding: text.prefix { $0 != ASCII.lf && $0 != ASCII.cr }, as: UTF8.self)
        }
        if let name = options.passwordVariable {
            guard let value = getenv(name) else {
                throw UsageError("there is no environment variable '\(name)' (--password-env)")
            }
            return String(cString: value)
        }
        return options.password
    }

    // MARK: From options to a mode

    static func run(_ options: SipsakOptions, _ console: any Console) -> (ExitStatus, ProbeTally) {
        guard let target = options.uri else { return (.local, ProbeTally()) }
        let reporter = Self.reporter(options, console)
        func failed(_ kind: String, _ message: String, _ status: ExitStatus = .local) -> (ExitStatus, ProbeTally) {
            reporter?.error(class: kind, message, status)
            reporter?.summary(ProbeTally(), status, more: [])
            return (status, ProbeTally())
        }
        if let address = options.exporter { return (Self.serve(address, options, console), ProbeTally()) }
        if options.lookup.isShown {
            let printer = LookupPrinter(options: options, console: console, reporter: reporter)
            return (printer.run(target), ProbeTally())
        }
        do {
            if options.lookup.everyTarget || options.lookup.targetsFile != nil {
                return try EveryTargetMode(options: options, console: console, reporter: reporter).run(target)
            }
            let session = try SessionOpener(options: Self.forOpening(options), console: console, reporter: reporter)
                .open(target)
            if let status = Self.checkTLS(session, options) { return (status, session.tally) }
            defer { session.wire.close() }
            let status = try Self.runMode(session)
            try Self.writePrometheus(session, status)
            if session.wire.copies.contains(where: \.hasFailed) {
                console.warn("not all packets could be copied (--pcap, --hep)")
            }
            return (status, session.tally)
        } catch let error as SessionOpener.Failure {
            if !error.isTold {
                if error.kind == "connect" { console.err("\(error.message)\n") } else { console.fail(error.message) }
            }
            return failed(error.kind, error.message, error.status)
        } catch {
            let message = (error as? UsageError)?.message ?? "\(error)"
            console.fail(message)
            return failed(error is UsageError ? "usage" : "local", message)
        }
    }

    /// A certificate that is refused could not be shown.
    private static func forOpening(_ options: SipsakOptions) -> SipsakOptions {
        guard options.tls.showsFacts else { return options }
        var options = options
        options.tls.ignoresFailure = true
        return options
    }

    /// `--tls-info` and `--cert-days`: the status where the run ends with it.
    private static func checkTLS(_ session: Session, _ options: SipsakOptions) -> ExitStatus? {
        guard options.tls.showsFacts || options.tls.days != nil else { return nil }
        guard let facts = (session.wire as? StreamWire)?.connection.tls else {
            session.console.fail("there is no TLS on this connection (--tls-info, --cert-days); -E tls uses it")
            return .local
        }
        let now = SystemClock().unixSeconds()
        let printer = TLSPrinter(options: options, console: session.console)
        let status = printer.judge(facts, now: now)
        session.reporter?.tls(facts, days: TLSPrinter.days(facts, now: now), status)
        if options.tls.showsFacts {
            printer.tell(facts, now: now)
            session.reporter?.summary(session.tally, status)
            return status
        }
        if status == .missed || status == .warning {
            session.console.err("certificate: \(TLSPrinter.days(facts, now: now) ?? 0) days left (--cert-days)\n")
        }
        return status == .missed || status == .warning ? status : nil
    }

    private static func reporter(_ options: SipsakOptions, _ console: any Console) -> (any Reporter)? {
        let clock = SystemClock()
        if options.json { return JSONReporter(console: console, date: { clock.unixNanoseconds() }) }
        return options.csv
            ? CSVReporter(console: console, format: options.logFormat, date: { clock.unixNanoseconds() }) : nil
    }

    private static func serve(_ address: SocketAddress, _ options: SipsakOptions, _ console: any Console) -> ExitStatus
    {
        do throws(UsageError) {
            let exporter = try Exporter(at: address, options)
            console.out("serving probes at http://\(address)/probe?target=sip:host\n")
            console.flush()
            exporter.run()
            return .ok
        } catch {
            console.fail(error.message)
            return .local
        }
    }

    private static func writePrometheus(_ session: Session, _ status: ExitStatus) throws(UsageError) {
        guard let place = session.options.prometheus else { return }
        let stream = session.wire as? StreamWire
        let text = PrometheusText.text(
            session.tally, isSuccess: status == .ok, target: session.target.text, lookup: session.lookupTime,
            opening: stream?.opening, certificateEnd: stream?.connection.tls?.chain.first?.notAfter)
        switch place {
        case .standardOutput: session.console.out(text)
        case .file(let path): try FileText.replace(path, with: Array(text.utf8))
        }
    }

    /// - Parameter file: the text of `-f`, where it was read already.
    static func runMode(_ session: Session, file given: [UInt8]? = nil) throws -> ExitStatus {
        let options = session.options
        let isSpecial = options.traces || options.answers || options.registerHold != nil
        if let file = options.scenarioFile {
            let scenario = try ScenarioFile(try FileText.read(file), name: file)
            return ScenarioMode(session: session, scenario: scenario).run()
        }
        if options.subscribes { return SubscribeMode(session: session).run() }
        if options.publishes { return PublishMode(session: session).run() }
        if let users = try Self.users(options, session.target) {
            return PooledLoadMode(session: session, .register(users)).run()
        }
        if options.usrloc || options.invites || options.messages, !isSpecial {
            if options.usrloc, options.addsVia, !options.invites, !options.messages, options.verbosity > 1 {
                session.console.err(
                    "warning: Deactivated Via insertion in usrloc mode.\n         Please use option -i to suppress this warning.\n"
                )
            }
            return UsrlocMode(session: session).run()
        }
        if let duration = options.registerHold { return HoldMode(session: session, duration: duration).run() }
        if options.answers { return try AnswerMode(session: session).run() }
        if options.calls { return try CallMode(session: session).run() }
        if options.floods { return try FloodMode(session: session).run() }
        if options.isRandom { return RandomMode(session: session).run() }
        let file = try given ?? options.filename.map { try FileText.read($0) }
        var draft = try ShootDraft.make(options, session.target, file: file, &session.factory)
        if file == nil { try session.sign(&draft) }
        if options.dryRun {
            session.console.out(message: draft.bytes())
            return .ok
        }
        if options.mtr { return MtrMode(session: session, draft: draft).run() }
        if options.traces { return TraceMode(session: session, draft: draft).run() }
        var search: ReplySearch?
        if let expression = options.search {
            search = ReplySearch(expression)
            guard search != nil else {
                throw UsageError("the regular expression cannot be compiled: '\(expression)' (-q)")
            }
        }
        if options.rate != nil || options.concurrency != nil {
            if session.wire.transport.isReliable { return PooledLoadMode(session: session, .request(draft)).run() }
            return try LoadMode(session: session, draft: draft).run()
        }
        if options.pings || options.json || options.csv || options.prometheus != nil {
            let count = options.pings ? options.count : Swift.max(1, options.runs)
            return PingMode(session: session, draft: draft, search: search, count: count).run()
        }
        return ShootMode(session: session, draft: draft, search: search).run()
    }

    /// The users that register side by side; `nil` where they come one after another, as in the original.
    private static func users(_ options: SipsakOptions, _ target: TargetURI) throws(UsageError) -> UserList? {
        if let file = options.usersFile {
            return try UserList(try FileText.read(file, limit: 256 << 20), name: file)
        }
        let isPlain =
            options.usrloc && !options.invites && !options.messages && options.contact == .own
            && options.removalPercent == 0
        guard isPlain, options.processes > 1 || options.concurrency != nil || options.rate != nil else { return nil }
        let first = options.begin ?? 0
        guard let last = options.end else { return nil }
        return UserList(prefix: target.user ?? "", numbers: first...last)
    }

    // MARK: Around

    /// An address as a URI writes it.
    static func text(_ ip: IPAddress) -> String { ip.family == .v6 ? "[\(ip)]" : "\(ip)" }

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

extension String {
    /// Nagios ends its text at a bar.
    fileprivate var filterBar: String { String(self.map { $0 == "|" ? "/" : $0 }) }
}
