import SIPKit
import SIPTrace

/// The default report: one page, what an operator asks first.
struct Report {
    let summary: Summary
    var form = PageForm()
    /// How many rows a list has; 0 for all.
    var top = 15
    /// How long the run took, in nanoseconds; `nil` where nobody wants to know.
    var elapsed: Int64? = nil

    private var lines: [String] = []
    private var width: Int { self.form.width }

    init(_ summary: Summary) { self.summary = summary }

    /// The page's text, with a line end behind each line.
    mutating func text() -> String {
        self.lines = []
        self.head()
        self.findings()
        self.calls()
        self.callList()
        self.times()
        self.routes()
        self.registrations()
        self.messages()
        self.agents()
        self.foot()
        return self.form.encoded(self.lines.map { $0 + "\n" }.joined())
    }

    private mutating func add(_ line: String) { self.lines.append(self.form.line(line)) }
    private mutating func title(_ text: String) {
        self.add("")
        self.add(text)
    }

    // MARK: Head and foot

    private mutating func head() {
        let inputs = self.summary.inputs
        let names = inputs.count == 1 ? Printable.text((inputs.first?.name ?? "").utf8) : "\(inputs.count) inputs"
        let formats = Set(inputs.map(\.format)).sorted().joined(separator: ", ")
        let bytes = inputs.reduce(0) { $0 + $1.bytes }
        var first = [
            "harv", NumberText.left(names, min(28 + self.form.extra, names.unicodeScalars.count)), formats,
            NumberText.bytes(bytes),
            "\(NumberText.grouped(self.summary.messages.all.raw)) messages",
        ]
        if let elapsed = self.elapsed { first.append("\(NumberText.fixed(Double(elapsed) / 1e9, 1)) s") }
        self.wrap(first, separator: "   ", indent: "")
        self.add(self.span())
        let servers = self.summary.nodes.servers
        if !servers.isEmpty {
            let shown = servers.prefix(3).map(\.description).joined(separator: ", ")
            let how = self.summary.nodes.declared.isEmpty ? " (learned)" : ""
            self.add("server \(shown)\(servers.count > 3 ? " and \(servers.count - 3) more" : "")\(how)")
        }
        if self.summary.includesNoise {
            self.add("scanners, guessers and floods are counted with the rest (--include-noise)")
        }
        if let words = self.summary.counting.words { self.add(words) }
        if self.summary.isPartial { self.add("stopped early: this is the report of what was read so far") }
        for input in inputs where !input.damage.isEmpty {
            for line in ProblemReport.wrap("\(Printable.text(input.name.utf8)): \(input.damage)", "", "  ", self.width)
            {
                self.add(line)
            }
        }
    }

    private func span() -> String {
        guard let first = self.summary.firstTime, let last = self.summary.lastTime, self.summary.hasTimes else {
            return "the trace has no times: order and counts only"
        }
        let length = TimeText.span(last - first)
        guard self.summary.hasDates else { return "\(length) of traffic, without dates" }
        let end = TimeText.date(first) == TimeText.date(last) ? "" : "\(TimeText.date(last)) "
        return "\(TimeText.date(first)) \(TimeText.clock(first)) to \(end)\(TimeText.clock(last)) (\(length))"
    }

    private mutating func foot() {
        let summary = self.summary
        var notes: [String] = []
        let all = summary.messages.all
        notes.append(
            "\(NumberText.grouped(all.raw)) messages"
                + (summary.backwards == 0 ? " in order" : ", \(summary.backwards) out of order"))
        notes.append("\(summary.messages.malformed + summary.text.oversized) bad blocks")
        if all.raw > 0 { notes.append(summary.hasBothSides ? "both sides captured" : "one side captured") }
        if summary.messages.duplicates > 0 {
            notes.append("\(NumberText.grouped(summary.messages.duplicates)) duplicates of the capture left out")
        }
        if summary.messages.incomplete > 0 {
            notes.append("\(NumberText.grouped(summary.messages.incomplete)) without a mandatory header")
        }
        if summary.text.hidden > 0 {
            notes.append(
                "\(NumberText.grouped(summary.text.marks)) packets met the filter, \(NumberText.grouped(summary.text.hidden)) not shown"
            )
        }
        if summary.text.mangled > 0 {
            notes.append("\(NumberText.grouped(summary.text.mangled)) messages repaired after mail wrapping")
        }
        if summary.text.wrongLength > 0 {
            notes.append("\(NumberText.grouped(summary.text.wrongLength)) bodies of the wrong length")
        }
        if summary.text.otherBlocks > 0 {
            notes.append("\(NumberText.grouped(summary.text.otherBlocks)) blocks of other protocols")
        }
        if summary.closedEarly > 0 {
            notes.append("\(NumberText.grouped(summary.closedEarly)) calls judged early (--memory, --max-calls)")
        }
        if summary.unkept > 0 {
            notes.append("\(NumberText.grouped(summary.unkept)) messages of very long calls only counted")
        }
        if summary.forgottenHops > 0 {
            notes.append("\(NumberText.grouped(summary.forgottenHops)) messages forgotten early: memory limit")
        }
        if summary.noise.scanners.count > 0 {
            let skipped =
                summary.calls.noise + summary.registrations.noise
                - summary.guilty.reduce(0) { $0 + $1.calls + $1.registrations }
            notes.append(
                "\(summary.noise.scanners.count) scanning sources left out (\(NumberText.grouped(skipped)) tries)")
        }
        notes += summary.guilty.prefix(self.top == 0 ? .max : self.top).map(\.note)
        if self.top > 0, summary.guilty.count > self.top {
            notes.append("\(summary.guilty.count - self.top) more sources left out (--top 0)")
        }
        self.add("")
        self.wrap(notes, separator: ", ", indent: " ")
    }

    /// Pieces in lines of the page's width.
    private mutating func wrap(_ pieces: [String], separator: String, indent: String) {
        var line = indent
        for (place, piece) in pieces.enumerated() {
            let more = piece + (place + 1 < pieces.count ? separator : "")
            if line.unicodeScalars.count + piece.unicodeScalars.count > self.width, line != indent {
                self.add(line)
                line = indent
            }
            line += more
        }
        if line != indent { self.add(line) }
    }

    // MARK: Findings

    private mutating func findings() {
        let shown = self.summary.findings.filter { $0.severity > .info }
        guard !shown.isEmpty else { return }
        let limit = self.top == 0 ? shown.count : self.top
        let titles = shown.prefix(limit).map(\.diagnosis.title)
        let titleWidth = self.form.column(35, for: titles)
        self.title(NumberText.left("WHAT IS WRONG", 39 + titleWidth) + "count")
        for finding in shown.prefix(limit) {
            let rule = finding.diagnosis
            let line = self.form.line(
                " \(NumberText.left(finding.severity.name, 9))\(NumberText.left(rule.id, 4)) \(NumberText.left(rule.name, 23)) "
                    + "\(NumberText.left(rule.title, titleWidth))\(NumberText.right(NumberText.grouped(finding.count), 6))"
            )
            self.lines.append(self.form.painted(line, finding.severity))
        }
        if shown.count > limit { self.add(" and \(shown.count - limit) more rules (--top 0)") }
        let first = shown.first?.diagnosis.id ?? ""
        self.add("          harv -p tells what to change;  harv --explain \(first)")
    }

    // MARK: Calls

    private mutating func calls() {
        let calls = self.summary.calls
        guard calls.tried > 0 else { return }
        let left = "CALLS  \(NumberText.grouped(calls.tried)) tried, \(NumberText.grouped(calls.answered)) answered"
        let right =
            "SER \(NumberText.percent(calls.establishment))   NER \(NumberText.percent(calls.networkEffectiveness))"
        self.title(left + NumberText.right(right, max(1, self.width - 2 - left.utf8.count)))
        let rows = calls.outcomes.sorted { ($1.value, $0.key.status) < ($0.value, $1.key.status) }
        let most = rows.first?.value ?? 1
        let shown = self.top == 0 ? rows[...] : rows.prefix(self.top)
        for (outcome, count) in shown {
            let share = 100 * Double(count) / Double(calls.tried)
            let code = outcome.status == 0 ? "  -" : "\(outcome.status)"
            let bar = self.form.bar(count * (31 + max(0, self.form.extra)) / max(1, most))
            self.add(
                " \(NumberText.left(OutcomeName.of(outcome), 10)) \(code) \(NumberText.right(NumberText.grouped(count), 6))"
                    + "\(NumberText.right(NumberText.fixed(share, 1), 6)) %  \(bar)")
        }
        var line =
            " SEER \(NumberText.percent(calls.effectiveness))   ISA \(NumberText.percent(calls.ineffective))   SCR \(NumberText.percent(calls.completion))"
        let peak = calls.peak
        if peak.most > 0 {
            line += "   most at once \(NumberText.grouped(peak.most))"
            if self.summary.hasDates { line += " (\(TimeText.clock(peak.at)))" }
        }
        self.add(line)
    }

    /// The calls one by one, when they are few.
    private mutating func callList() {
        let lines = self.summary.callLines
        guard !lines.isEmpty, self.summary.calls.tried <= lines.count else { return }
        let names = lines.map { "\($0.caller) -> \($0.callee)" }
        let width = self.form.column(22, for: names)
        self.title(
            NumberText.left("EACH CALL", 12 + width) + "how     ring after      up after     up for  s")
        for (call, who) in zip(lines, names) {
            let time = self.summary.hasDates ? TimeText.clock(call.time) : ""
            let cells = [call.ring, call.setup, call.duration].map {
                NumberText.right($0.map(TimeText.exactSeconds) ?? "-", 13)
            }
            self.add(
                " \(NumberText.left(time, 8)) \(NumberText.left(who, width)) "
                    + "\(NumberText.right(call.status == 0 ? "-" : String(call.status), 5))\(cells[0]) \(cells[1])\(cells[2])"
            )
        }
    }

    // MARK: Times

    private mutating func times() {
        let calls = self.summary.calls
        let registrations = self.summary.registrations
        let rows: [(String, String, Distribution, Bool)] = [
            ("to first ring", "SRD", calls.ringDelay, true), ("to answer", "", calls.setup, true),
            ("call length", "SDT", calls.duration, true), ("hang-up", "SDD", calls.disconnect, false),
            ("registration", "RRD", registrations.delay, false), ("in the server, INVITE", "", calls.transit, false),
        ]
        let shown = rows.filter { $0.2.count > 0 }
        guard self.summary.hasTimes, !shown.isEmpty else { return }
        self.title("HOW LONG                       half    90 %    95 %    99 %     most")
        for (name, short, values, inSeconds) in shown {
            let cells =
                [0.5, 0.9, 0.95, 0.99].map { self.duration(values.quantile($0) ?? 0, inSeconds, values.maximum) }
                + [self.duration(values.maximum, inSeconds, values.maximum)]
            let columns = cells.enumerated().map { NumberText.right($0.element, $0.offset == 4 ? 9 : 8) }.joined()
            self.add(" \(NumberText.left(name, 21))\(NumberText.left(short, 5))\(columns)  \(inSeconds ? "s" : "ms")")
        }
    }

    private func duration(_ nanoseconds: Int64, _ inSeconds: Bool, _ most: Int64) -> String {
        guard inSeconds else {
            let value = Double(nanoseconds) / 1e6
            return NumberText.fixed(value, value < 10 ? 1 : 0)
        }
        let value = Double(nanoseconds) / 1e9
        return NumberText.fixed(value, value >= 1000 ? 0 : (most >= 1_000_000_000_000 ? 1 : 2))
    }

    // MARK: Routes and registrations

    private mutating func routes() {
        let calls = self.summary.calls
        guard calls.routes.keys.contains(where: { $0 != 0 }) else { return }
        let sorted = calls.routes.sorted { ($1.value.calls, $0.key) < ($0.value.calls, $1.key) }
        let rows = (self.top == 0 ? sorted[...] : sorted.prefix(self.top)).map { number, route in
            (number == 0 ? "(no label)" : Printable.text(self.summary.hints.labels[Int(number)]), route)
        }
        let width = self.form.column(26, for: rows.map(\.0))
        self.title(NumberText.left("WHERE CALLS WENT (P-hint)", width + 3) + "calls  answered   dead    SER")
        func row(_ name: String, _ route: CallFigures.Route, _ dead: String) {
            let ratio = CallFigures.ratio(route.answered, route.calls - route.redirected)
            self.add(
                " \(NumberText.left(name, width))\(NumberText.right(NumberText.grouped(route.calls), 7))"
                    + "\(NumberText.right(NumberText.grouped(route.answered), 10))\(NumberText.right(dead, 7))"
                    + "\(NumberText.right(ratio.map { "\(NumberText.fixed($0, 1)) %" } ?? "-", 8))")
        }
        for (label, route) in rows { row(label, route, NumberText.grouped(route.dead)) }
        if calls.local.calls > 0 { row("(answered by the server)", calls.local, "-") }
    }

    private mutating func registrations() {
        let registrations = self.summary.registrations
        if registrations.tried > 0 {
            var line = "REGISTRATIONS  \(NumberText.grouped(registrations.tried))"
            line += "   good \(NumberText.percent(CallFigures.ratio(registrations.good, registrations.tried)))"
            line += "   \(NumberText.grouped(registrations.users.count)) users"
            if registrations.loops > 0 { line += "   \(NumberText.grouped(registrations.loops)) refused in a loop" }
            self.title(line)
        }
        let pings = self.summary.pings
        if pings.sent > 0 {
            var line = "KEEP-ALIVES    \(NumberText.grouped(pings.sent)) OPTIONS"
            line +=
                pings.answered == pings.sent
                ? ", all answered" : ", \(NumberText.grouped(pings.sent - pings.answered)) unanswered"
            if let half = pings.delay.quantile(0.5) {
                line += ", half within \(NumberText.fixed(Double(half) / 1e6, half < 10_000_000 ? 1 : 0)) ms"
            }
            if registrations.tried > 0 { self.add(line) } else { self.title(line) }
        }
        if pings.keepAlives > 0 {
            self.add("               \(NumberText.grouped(pings.keepAlives)) packets that only keep a door open")
        }
    }

    // MARK: Messages and agents

    private mutating func messages() {
        let counts = self.summary.messages
        let counting = self.summary.counting
        self.title("MESSAGES          raw   unique  relayed  repeated\(counting == .edge ? "    edge" : "")")
        func row(_ name: String, _ tally: Tally) {
            func cell(_ number: Int, _ width: Int) -> String {
                NumberText.right(number == 0 ? "-" : NumberText.grouped(number), width)
            }
            self.add(
                " \(NumberText.left(name, 12))\(cell(tally.raw, 8))\(cell(tally.unique, 9))\(cell(tally.relayed, 9))\(cell(tally.repeated, 10))"
                    + (counting == .edge ? cell(tally.edge, 8) : ""))
        }
        for (name, tally) in counts.methods { row(name, tally) }
        for hundreds in 1...6 { row("\(hundreds)xx", counts.codeClass(hundreds)) }
        row("all", counts.all)
        let codes = counts.codes.map { ($0, counts.code($0).count(counting)) }.filter { $0.1 > 0 }
            .map { "\($0) \(NumberText.grouped($1))" }
        if !codes.isEmpty { self.wrap(codes, separator: "  ", indent: " \(counting.rawValue) by code:  ") }
    }

    private mutating func agents() {
        var families: [String: Int] = [:]
        for agent in self.summary.agents.agents.dropFirst() where agent.devices > 0 {
            families[UserAgentName(agent.text).family, default: 0] += agent.devices
        }
        let nameless = self.summary.namelessDevices
        if nameless > 0 { families["(no name)"] = nameless }
        guard !families.isEmpty else { return }
        self.title("PHONES AND SERVERS (devices)")
        let sorted = families.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
        let limit = self.top == 0 ? sorted.count : self.top
        var cells = sorted.prefix(sorted.count <= limit + 1 ? sorted.count : limit).map { ($0.key, $0.value) }
        if sorted.count > cells.count {
            let rest = sorted.dropFirst(cells.count)
            cells.append(("\(rest.count) more", rest.reduce(0) { $0 + $1.value }))
        }
        // Longer names first, then more columns.
        let name = self.form.extra > 0 ? min(11 + self.form.extra / 4, self.form.column(11, for: cells.map(\.0))) : 11
        let columns = max(1, self.width / (name + 8))
        let rows = (cells.count + columns - 1) / columns
        for row in 0..<rows {
            var line = ""
            for column in 0..<columns {
                let place = column * rows + row
                guard place < cells.count else { continue }
                line +=
                    " \(NumberText.left(cells[place].0, name))\(NumberText.right(NumberText.grouped(cells[place].1), 6)) "
            }
            self.add(line)
        }
        if self.summary.agents.isFull { self.add(" (at least: too many to tell apart)") }
    }
}

/// What an outcome is called in the report.
enum OutcomeName {
    static func of(_ outcome: CallFigures.Outcome) -> String {
        switch outcome.status {
        case 0: "unfinished"
        case 200..<300: "answered"
        case 300..<400: "redirected"
        case 401, 407: "no login"
        case 403: "forbidden"
        case 404: "not found"
        case 408: outcome.isDead ? "dead hop" : "no answer"
        case 415, 488, 606: "codec"
        case 480: "away"
        case 481: "no call"
        case 482, 483: "loop"
        case 484: "incomplete"
        case 486, 600: "busy"
        case 487: "cancelled"
        case 500: "error"
        case 501, 405, 420: "unsupp."
        case 502, 504: "gateway"
        case 503: "overload"
        case 513: "too large"
        case 603: "declined"
        case 604: "nowhere"
        default: outcome.status < 500 ? "refused" : outcome.status < 600 ? "error" : "refused"
        }
    }
}
