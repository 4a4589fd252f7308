import ArgumentParser
import Glibc
import SIPKit
import SIPTrace

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

    @Flag(name: .long, help: "The summary as one JSON object; --json=FILE writes it there.")
    var json = false

    @Option(name: .customLong("json-file"), help: .hidden)
    var jsonFile: String?

    @Option(name: .long, help: "One line of JSON for each: calls, messages or findings.")
    var ndjson: String?

    @Option(
        name: .long,
        help: "Tables into this folder: calls, findings, codes, peers, agents, series, registrations, users.")
    var csv: String?

    @Option(name: .long, help: "The page with its charts, one file that works without network.")
    var html: String?

    @Flag(name: .long, help: "The page and the findings in Markdown, for a ticket or a wiki.")
    var markdown = false

    @Flag(name: .long, help: "The sections of SER's old script, counting messages; --classic=raw counts packets.")
    var classic = false

    @Flag(name: .long, help: .hidden)
    var raw = false

    @OptionGroup(title: "How it looks")
    var look: FormOptions

    @Flag(
        name: .long,
        help: "Replace users, numbers, names and addresses, the same by the same; with --call also the messages.")
    var anonymize = false

    @Option(
        name: .long,
        help: "Leave out what was before: 14:00, '2026-03-02 14:00', -2h (before the end), or seconds since 1970.")
    var since: String?

    @Option(name: .long, help: "Leave out what was after; as --since.")
    var until: String?

    @Option(
        name: .long,
        help: "Only conversations that fit, such as 'method == INVITE and code >= 400 and not ua =~ scanner'.")
    var filter: String?

    @Option(name: .long, help: "A table of calls by ua, peer, hint, code, prefix, hour, server or domain.")
    var by: String?

    @Flag(name: .long, help: "A line for each user: bindings, phone, address, intervals, refusals, and how it ended.")
    var registrations = false

    @Flag(
        name: [.customShort("f"), .customLong("follow")],
        help: "Follow a growing file or a pipe and report on the last minutes.")
    var follow = false

    @Option(name: .long, help: "With -f: how far to look back (5m).")
    var last = "5m"

    @Option(name: .long, help: "With -f: time between two reports (2s).")
    var interval = "2s"

    @Option(name: .long, help: "Compare with an older trace, or a report saved with --json.")
    var compare: String?

    @Option(
        name: .long,
        help:
            "What delta.ser<-5 in limits is counted from: a trace, a report saved with --json, or auto (with --state: the same hours of last week)."
    )
    var baseline: String?

    @Option(
        name: .long,
        help: "Keep the tables in this file, and read only what is new: for a log that grows, from cron.")
    var state: String?

    @Option(name: .long, help: "Logs of servers, read beside the trace.")
    var log: [String] = []

    @Option(name: .long, help: "Threads to use; 1 to do everything on one core.")
    var jobs: Int?

    @Flag(
        name: .customLong("include-noise"),
        help: "Count scanners, guessers and floods with the rest; S1, S9 and S10 name them.")
    var includeNoise = false

    @Flag(name: .customLong("no-progress"), help: "No progress bar on the terminal.")
    var noProgress = false

    @Option(
        name: .customLong("call"),
        help: ArgumentHelp(
            "A ladder of one call, by its Call-ID or by a number or user name; a list where that has several.",
            valueName: "call-id|number"))
    var call: String?

    @Option(name: [.customShort("c"), .customLong("calls")], help: "List this many calls one by one.")
    var calls = 10

    @Option(
        name: .long,
        help: "What a rule looks for, why, and what to do (N1), or how a figure is counted (ser, ner, srd).")
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

    @Option(name: .long, help: "A domain of the server, besides those that phones register in; repeat it for several.")
    var domain: [String] = []

    @Option(name: .long, help: "A gateway to the telephone network: its address; for S3, S6, S8.")
    var gateway: [String] = []

    @Option(name: .long, help: "A peer or network that needs no login, ADDRESS[/BITS]; for S2, S3, S4.")
    var trust: [String] = []

    @Option(name: .long, help: "A peer that sends sound to where it comes from: its address; for N1, N2.")
    var latching: [String] = []

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

    @Option(
        name: .customLong("max-calls"),
        help: "Calls, registrations and the like under way at a time; beyond, the oldest are judged early.")
    var maxCalls = Analyser.Limits().conversations

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
        if let ndjson, !["calls", "messages", "findings"].contains(ndjson) {
            throw ValidationError("--ndjson \(ndjson): calls, messages or findings")
        }
        if self.follow, let ndjson = self.ndjson {
            throw ValidationError("-f and --ndjson \(ndjson): -f shows a window; pipe \"tail -f\" into harv --ndjson")
        }
        if self.ndjson == "messages", self.filter != nil {
            throw ValidationError("--ndjson messages and --filter: it chooses calls; sipgrep --filter chooses messages")
        }
        if let by, CallGroups.Key(rawValue: by) == nil {
            throw ValidationError(
                "--by \(by): one of \(CallGroups.Key.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        if self.state != nil, let misfit = self.misfits.first {
            throw ValidationError("--state and \(misfit.option): \(misfit.reason)")
        }
        if self.baseline == "auto", self.state == nil {
            throw ValidationError("--baseline auto: needs --state FILE, which keeps the hours of last week")
        }
        if let jobs, !(1...64).contains(jobs) { throw ValidationError("--jobs \(jobs): 1 to 64") }
        if self.csv != nil, let ndjson = self.ndjson, ndjson != "findings" {
            throw ValidationError("--csv and --ndjson \(ndjson): one of them at a time")
        }
        if self.raw, self.look.counting == .edge {
            throw ValidationError("--classic=raw and --count edge: one of them at a time")
        }
        if self.memory < 1 || self.memory > 1 << 20 {
            throw ValidationError("--memory \(self.memory): 1 to 1048576 megabytes")
        }
        if !(1...100_000_000).contains(self.maxCalls) {
            throw ValidationError("--max-calls \(self.maxCalls): 1 to 100000000")
        }
        if self.top < 0 || self.calls < 0 || abs(self.tz) > 14 {
            throw ValidationError("--top, --calls and --tz: a number that is too small or too large")
        }
    }

    /// `--classic=raw` and `--json=FILE`: flags that may have a value.
    static func main() {
        let arguments = CommandLine.arguments.dropFirst().flatMap { argument -> [String] in
            if argument == "--classic=raw" { return ["--classic", "--raw"] }
            if argument.hasPrefix("--json=") { return ["--json", "--json-file", String(argument.dropFirst(7))] }
            return [argument]
        }
        do {
            var command = try self.parseAsRoot(Array(arguments))
            try command.run()
        } catch {
            // Wrong usage is what could not be done: 2, and not the parser's 64.
            guard self.exitCode(for: error) == .validationFailure else { self.exit(withError: error) }
            StandardError.write(self.fullMessage(for: error) + "\n")
            Glibc.exit(2)
        }
    }

    func run() throws {
        if self.rulesMarkdown { return print(DiagnosisManual.page(), terminator: "") }
        if self.rules { return print(DiagnosisManual.list(), terminator: "") }
        if let explain {
            if let text = FigureManual.explain(explain) { return print(text, terminator: "") }
            guard let rule = DiagnosisTable.rule(explain) else {
                throw self.fail(
                    "\(explain): no such rule (harv --rules), and no figure (\(FigureManual.entries.map(\.name).joined(separator: ", ")))"
                )
            }
            return print(DiagnosisManual.explain(rule), terminator: "")
        }
        if self.follow { return try self.followInput() }
        let begin = Stopwatch.now()
        let old = try (self.compare ?? (self.baseline == "auto" ? nil : self.baseline)).map { try self.figures(of: $0) }
        let lines = try self.lineFile()
        let (summary, week) = try self.read(lines)
        lines?.flush()
        if let lines, lines.error != 0 {
            throw self.fail("\(self.ndjson ?? "calls.csv"): \(String(cString: strerror(lines.error)))")
        }
        try self.save(summary)
        try self.show(summary, old, week, elapsed: Stopwatch.now() - begin)
    }

    var form: PageForm { self.look.form(.current()) }

    func fail(_ text: String) -> ExitCode {
        StandardError.write("harv: \(text)\n")
        return ExitCode(2)
    }

    // MARK: Writing

    /// Where calls or messages go one by one while the trace is read.
    private func lineFile() throws -> OutputFile? {
        if let csv {
            guard mkdir(csv, 0o755) == 0 || errno == EEXIST else {
                throw self.fail("\(csv): \(String(cString: strerror(errno)))")
            }
            let file = OutputFile("\(csv)/calls.csv")
            guard file.error == 0 else { throw self.fail("\(csv)/calls.csv: \(String(cString: strerror(file.error)))") }
            file.write(CSVWriter.row(CallRecordWriter.columns))
            return file
        }
        return self.ndjson == "calls" || self.ndjson == "messages" ? OutputFile("-") : nil
    }

    private func write(_ text: String, to path: String) throws {
        let file = OutputFile(path)
        file.write(text)
        file.flush()
        guard file.error == 0 else { throw self.fail("\(path): \(String(cString: strerror(file.error)))") }
    }

    /// The files that were asked for.
    private func save(_ summary: Summary) throws {
        if let html { try self.write(HTMLReport(summary: summary).text(), to: html) }
        if let jsonFile { try self.write(JSONReport(summary: summary).text(), to: jsonFile) }
        if let csv {
            for file in CSVReport(summary: summary).files { try self.write(file.text, to: "\(csv)/\(file.name)") }
        }
        if self.ndjson == "findings" {
            for finding in summary.findings {
                print(FindingLine.json(finding, hasDates: summary.hasDates), terminator: "")
            }
        }
    }

    private func page(_ summary: Summary, _ old: Figures?, elapsed: Int64) throws -> String {
        if let call {
            if let ladder = summary.ladder { return ladder }
            guard let search = summary.search, search.count > 0 else {
                throw self.fail("no call with the Call-ID, number or user name \(Printable.text(call.utf8))")
            }
            return CallListReport(summary: summary, search: search, wanted: call, top: self.top, form: self.form).text()
        }
        if self.ndjson != nil || self.html == "-" { return "" }
        if self.json, self.jsonFile == nil { return JSONReport(summary: summary).text() }
        if self.compare != nil, let old { return Comparison(old: old, new: Figures(summary)).text() }
        if self.classic {
            return ClassicReport(summary: summary, counting: self.raw ? .raw : self.look.counting).text()
        }
        if self.markdown { return MarkdownReport(summary: summary, top: self.top).text() }
        let form = self.form
        if self.problems { return ProblemReport(summary: summary, form: form).text() }
        if self.registrations, let users = summary.users {
            return RegistrationReport(summary: summary, users: users, top: self.top, form: form).text()
        }
        if let groups = summary.groups { return GroupReport(groups: groups, top: self.top, form: form).text() }
        var report = Report(summary)
        report.top = self.top
        report.elapsed = elapsed
        report.form = form
        return report.text()
    }

    private func show(_ summary: Summary, _ old: Figures?, _ week: WeekComparison?, elapsed: Int64) throws {
        let baseline = old.map { Baseline($0) } ?? week?.baseline
        let (warned, critical) = (self.warn.compactMap(Threshold.init), self.crit.compactMap(Threshold.init))
        if self.check {
            let line = CheckLine(summary, warn: warned, crit: critical, baseline: baseline)
            print(line.text)
            throw ExitCode(line.status)
        }
        print(try self.page(summary, old, elapsed: elapsed), terminator: "")
        let isText = self.ndjson == nil && self.html != "-" && !(self.json && self.jsonFile == nil)
        if let week, isText { print(week.text(), terminator: "") }
        let hit = (warned + critical).filter { $0.isViolated(by: summary, baseline: baseline) }
        for limit in hit {
            let value = NumberText.fixed(limit.value(summary, baseline: baseline) ?? 0, 2)
            StandardError.write("harv: \(limit.text) is violated: \(value)\n")
        }
        if self.strict, summary.inputs.contains(where: { !$0.damage.isEmpty }) || summary.messages.malformed > 0 {
            throw ExitCode(3)
        }
        let isSevere =
            self.failOn.flatMap(Self.severity).map { limit in summary.findings.contains { $0.severity >= limit } }
            ?? false
        if !hit.isEmpty || isSevere || summary.messages.all.raw == 0 { throw ExitCode(1) }
    }

    private static func severity(_ name: String) -> Diagnosis.Severity? {
        Diagnosis.Severity.allCases.first { $0.name == name && $0 != .info }
    }
}
