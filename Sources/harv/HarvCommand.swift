import ArgumentParser
import Glibc
import SIPKit

@main
struct HarvCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "harv",
        abstract: "Report on SIP traces: what was there, how calls went, what is wrong.",
        discussion: """
            Reads ngrep text of every layout (also as mail programs leave it) and captures (pcap, pcapng), plain or packed \
            (gz, xz, zst, bz2), from files or from standard input (-). Several files are read in the order of their times.

            Exit status: 0 done; 1 a limit was hit (--warn, --crit, --fail-on) or there was no SIP; 2 could not be done; \
            3 with --strict, the input was damaged. With --check 0, 1, 2, 3 are OK, WARNING, CRITICAL, UNKNOWN.
            """)

    @Argument(help: "Traces to read; - is standard input. Without, the newest sip.* in /var/log/sip.")
    var files: [String] = []

    @Flag(
        name: [.customShort("p"), .customLong("problems")],
        help: "Each finding in full: what, why, what to do, which calls.")
    var problems = false

    @Flag(name: .long, help: "The summary as one JSON object.")
    var json = false

    @Flag(name: .long, help: "The sections of SER's old script; with --raw counting packets.")
    var classic = false

    @Flag(name: .long, help: "With --classic: count packets and not messages.")
    var raw = false

    @Option(name: .customLong("call"), help: "A ladder of one call: its Call-ID.")
    var call: String?

    @Option(name: [.customShort("c"), .customLong("calls")], help: "List this many calls one by one.")
    var calls = 10

    @Option(name: .long, help: "What a rule looks for, why, and what to do; by identifier or name.")
    var explain: String?

    @Flag(name: .long, help: "List the rules.")
    var rules = false

    @Flag(name: .customLong("rules-markdown"), help: "Print the manual of the rules (docs/diagnoses.md).")
    var rulesMarkdown = false

    @Option(name: .long, help: "Only these rules, separated by commas.")
    var only: String?

    @Option(name: .long, help: "Not these rules, separated by commas.")
    var ignore: String?

    @Option(name: .long, help: "The server whose trace this is, ADDRESS[:PORT]; learned from the messages without.")
    var server: [String] = []

    @Option(name: .long, help: "Hours east of UTC of the times that ngrep printed.")
    var tz = 0

    @Option(name: .long, help: "Rows in each list; 0 for all.")
    var top = 15

    @Option(
        name: .long,
        help:
            "A limit whose violation is a warning: ser<60, times.srd.p95>4, findings.error>0, rules.N1>0, codes.503>10."
    )
    var warn: [String] = []

    @Option(name: .long, help: "A limit whose violation is critical.")
    var crit: [String] = []

    @Option(
        name: .customLong("fail-on"), help: "Exit 1 when a finding is this severe: notice, warning, error, critical.")
    var failOn: String?

    @Flag(name: .long, help: "One line for a monitoring system, and its exit status.")
    var check = false

    @Flag(name: .long, help: "Exit 3 when the input was damaged.")
    var strict = false

    @Option(name: .long, help: "Memory for calls under way, in megabytes.")
    var memory = 192

    func validate() throws {
        for server in self.server where SocketAddress(server, defaultPort: 5060) == nil {
            throw ValidationError("--server \(server): not an IP address with an optional port")
        }
        for text in self.warn + self.crit where Threshold(text) == nil {
            throw ValidationError(
                "\(text): no limit; figures are \(Threshold.names.joined(separator: ", ")), times.X.pNN, codes.NNN, rules.ID"
            )
        }
        for name in [self.only, self.ignore].compactMap({ $0 }).flatMap({ $0.split(separator: ",").map(String.init) })
        where DiagnosisTable.rule(name) == nil {
            throw ValidationError("\(name): no such rule (harv --rules)")
        }
        if let failOn, Self.severity(failOn) == nil {
            throw ValidationError("--fail-on \(failOn): notice, warning, error or critical")
        }
        if self.memory < 1 || self.memory > 1 << 20 {
            throw ValidationError("--memory \(self.memory): 1 to 1048576 megabytes")
        }
        if self.top < 0 || self.calls < 0 || abs(self.tz) > 14 {
            throw ValidationError("--top, --calls and --tz: a number that is too small or too large")
        }
    }

    func run() throws {
        if self.rulesMarkdown { return print(DiagnosisManual.page(), terminator: "") }
        if self.rules { return print(DiagnosisManual.list(), terminator: "") }
        if let explain {
            guard let rule = DiagnosisTable.rule(explain) else {
                throw self.fail("\(explain): no such rule (harv --rules)")
            }
            return print(DiagnosisManual.explain(rule), terminator: "")
        }
        let begin = Stopwatch.now()
        let summary = try self.read()
        try self.show(summary, elapsed: Stopwatch.now() - begin)
    }

    private func fail(_ text: String) -> ExitCode {
        StandardError.write("harv: \(text)\n")
        return ExitCode(2)
    }

    private func read() throws -> Summary {
        var paths = self.files
        if paths.isEmpty, let newest = DefaultLog.newest() { paths = [newest] }
        guard !paths.isEmpty else { throw self.fail("name a trace to read, or - for standard input") }
        var trace = TraceRun(paths: paths)
        trace.servers = self.server.compactMap { SocketAddress($0, defaultPort: 5060) }
        trace.zoneOffset = self.tz * 3600
        trace.limits.bytes = self.memory << 20
        trace.options.maxCallLines = self.calls
        trace.options.wantedCall = self.call.map { Array($0.utf8) }
        let list = { (text: String?) in
            Set((text ?? "").split(separator: ",").compactMap { DiagnosisTable.rule(String($0))?.id })
        }
        trace.engine = DiagnosisEngine(only: list(self.only), ignored: list(self.ignore))
        Interruption.install()
        trace.isStopped = { Interruption.isAsked }
        do {
            return try trace.run()
        } catch {
            throw self.fail("\(error)")
        }
    }

    private func show(_ summary: Summary, elapsed: Int64) throws {
        let (warned, critical) = (self.warn.compactMap(Threshold.init), self.crit.compactMap(Threshold.init))
        if self.check {
            let line = CheckLine(summary, warn: warned, crit: critical)
            print(line.text)
            throw ExitCode(line.status)
        }
        if let call {
            guard let ladder = summary.ladder else { throw self.fail("no call with the Call-ID \(call)") }
            print(ladder, terminator: "")
        } else if self.json {
            print(JSONReport(summary: summary).text(), terminator: "")
        } else if self.classic {
            print(ClassicReport(summary: summary, isRaw: self.raw).text(), terminator: "")
        } else if self.problems {
            print(ProblemReport(summary: summary).text(), terminator: "")
        } else {
            var report = Report(summary)
            report.top = self.top
            report.elapsed = elapsed
            report.drawsBlocks = isatty(STDOUT_FILENO) != 0
            print(report.text(), terminator: "")
        }
        for limit in warned + critical where limit.isViolated(by: summary) {
            StandardError.write("harv: \(limit.text) is violated: \(NumberText.fixed(limit.value(summary) ?? 0, 2))\n")
        }
        if self.strict, summary.inputs.contains(where: { !$0.damage.isEmpty }) || summary.messages.malformed > 0 {
            throw ExitCode(3)
        }
        let isHit = (warned + critical).contains { $0.isViolated(by: summary) }
        let isSevere =
            self.failOn.flatMap(Self.severity).map { limit in summary.findings.contains { $0.severity >= limit } }
            ?? false
        if isHit || isSevere || summary.messages.all.raw == 0 { throw ExitCode(1) }
    }

    private static func severity(_ name: String) -> Diagnosis.Severity? {
        Diagnosis.Severity.allCases.first { $0.name == name && $0 != .info }
    }
}

/// What goes to people and not to the next program.
enum StandardError {
    static func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }
}

/// How long something takes.
enum Stopwatch {
    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
