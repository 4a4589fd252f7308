import SIPKit
import SIPTrace

/// The report as one HTML file: styles, pictures and a small script inside, nothing from the network, so that it works
/// from a mail. Everything is readable without the script; what is empty is left out.
struct HTMLReport {
    let summary: Summary
    /// Lists are cut so that the page of a day stays below 400 KB.
    static let maxRows = 40
    static let maxLadderBytes = 120_000

    func text() -> String {
        let title = "harv: " + (self.summary.inputs.first.map { Printable.text($0.name.utf8) } ?? "SIP")
        return """
            <!DOCTYPE html>
            <html lang=en><head><meta charset=utf-8><meta name=viewport content="width=device-width,initial-scale=1">
            <meta name=color-scheme content="light dark"><title>\(HTMLText.escape(title))</title>
            <style>\(PageStyle.css)</style></head><body><main>
            \(self.head())\(self.strip())\(FindingCards(summary: self.summary).html())\(self.timeline())\(self.outcomes())
            \(self.times())\(self.week())\(self.routes())\(self.codes())\(self.registrations())\(self.phones())\(self.talkers())
            \(self.numberPlan())\(self.messages())\(self.quality())
            </main><script>\(PageStyle.script)</script></body></html>

            """
    }

    private func section(_ title: String, _ note: String = "", _ body: String) -> String {
        guard !body.isEmpty else { return "" }
        let small = note.isEmpty ? "" : "<small>\(HTMLText.escape(note))</small>"
        return "<section><h2>\(HTMLText.escape(title))\(small)</h2>\(body)</section>\n"
    }

    private func card(_ body: String) -> String { body.isEmpty ? "" : "<div class=card>\(body)</div>" }

    // MARK: Head

    private func head() -> String {
        let inputs = self.summary.inputs
        let names = inputs.prefix(4).map { Printable.text($0.name.utf8) }.joined(separator: ", ")
        let more = inputs.count > 4 ? " and \(inputs.count - 4) more" : ""
        var lines = ["\(names)\(more) (\(NumberText.bytes(inputs.reduce(0) { $0 + $1.bytes })))"]
        if let first = self.summary.firstTime, let last = self.summary.lastTime, self.summary.hasTimes {
            lines.append(
                self.summary.hasDates
                    ? "\(TimeText.date(first)) \(TimeText.clock(first)) to \(TimeText.date(last)) \(TimeText.clock(last)), \(TimeText.span(last - first))"
                    : "\(TimeText.span(last - first)) of traffic, without dates")
        }
        let servers = self.summary.nodes.servers.prefix(4).map(\.description).joined(separator: ", ")
        if !servers.isEmpty {
            lines.append("server \(servers)\(self.summary.nodes.declared.isEmpty ? " (learned)" : "")")
        }
        if !self.summary.filter.isEmpty { lines.append("only conversations with \(self.summary.filter)") }
        if let words = self.summary.counting.words { lines.append(words) }
        if self.summary.isPartial { lines.append("stopped early: what was read so far") }
        return "<header><h1>What was in the trace</h1>"
            + lines.map { "<p>\(HTMLText.escape($0))</p>" }.joined() + "</header>\n"
    }

    private func strip() -> String {
        let calls = self.summary.calls
        var cells: [(String, String)] = [("messages", NumberText.grouped(self.summary.messages.all.raw))]
        if calls.tried > 0 {
            cells.append(("calls", NumberText.grouped(calls.tried)))
            cells.append(("answered (SER)", NumberText.percent(calls.establishment)))
            cells.append(("network did its part (NER)", NumberText.percent(calls.networkEffectiveness)))
        }
        if let ring = calls.ringDelay.quantile(0.95) {
            cells.append(("95 % ring within (SRD)", SVGChart.duration(Double(ring))))
        }
        if calls.peak.most > 0 { cells.append(("calls at once, at most", NumberText.grouped(calls.peak.most))) }
        let severe = self.summary.findings.filter { $0.severity >= .error }.reduce(0) { $0 + $1.count }
        cells.append(("findings, error and above", NumberText.grouped(severe)))
        return "<div class=strip>"
            + cells.map { "<div><b>\(HTMLText.escape($0.1))</b><span>\(HTMLText.escape($0.0))</span></div>" }.joined()
            + "</div>\n"
    }

    // MARK: Calls

    private func timeline() -> String {
        guard self.summary.hasTimes, self.summary.calls.tried > 0 else { return "" }
        let row = self.summary.series.row(atMost: 240)
        guard row.count > 1 else { return "" }
        let bucket = row[1].time - row[0].time
        let up = self.summary.calls.up(at: row.map { $0.time + bucket / 2 })
        let marks = self.summary.findings.filter { ["R42", "R26", "O8"].contains($0.diagnosis.id) }.flatMap { finding in
            finding.cases.map { (time: $0.time, text: "\(finding.diagnosis.id) \($0.say)") }
        }
        let legend =
            "<div class=legend>"
            + Happenings.Ending.allCases.map { "<span><i class=s\($0.rawValue)></i>\($0.title)</span>" }.joined()
            + "<span><i class=line></i>calls up</span></div>"
        return self.section(
            "Calls over time", "one bar: \(TimeText.span(bucket))",
            self.card(SVGChart.timeline(row, width: bucket, up: up, marks: marks) + legend))
    }

    private func outcomes() -> String {
        let calls = self.summary.calls
        guard calls.tried > 0 else { return "" }
        let rows = calls.outcomes.sorted { ($1.value, $0.key.status) < ($0.value, $1.key.status) }.prefix(14).map {
            outcome, count in
            let code = outcome.status == 0 ? "" : " \(outcome.status)"
            return (name: OutcomeName.of(outcome) + code, count: count, style: Self.style(outcome))
        }
        let figures = [
            ("SER", calls.establishment), ("SEER", calls.effectiveness), ("ISA", calls.ineffective),
            ("SCR", calls.completion), ("NER", calls.networkEffectiveness),
        ].map { "\($0.0) \(NumberText.percent($0.1))" }.joined(separator: " · ")
        return self.section(
            "How calls ended", figures, self.card(SVGChart.bars(rows, of: calls.tried)))
    }

    private static func style(_ outcome: CallFigures.Outcome) -> String {
        switch outcome.status {
        case 200..<300: "s0"
        case 480, 486, 600, 603: "s1"
        case 487: "s2"
        case 0: "s3"
        case 408: outcome.isDead ? "s5" : "s3"
        case 500..<600: "s5"
        default: "s4"
        }
    }

    private func times() -> String {
        let calls = self.summary.calls
        let charts = [
            ("To the first ring (SRD)", calls.ringDelay), ("Length of calls (SDT)", calls.duration),
        ].compactMap { title, values -> String? in
            let svg = SVGChart.histogram(values, label: title)
            return svg.isEmpty ? nil : "<div class=card><b>\(title)</b>\(svg)</div>"
        }
        let rows: [(String, Distribution)] = [
            ("to first ring (SRD)", calls.ringDelay), ("to answer", calls.setup), ("call length (SDT)", calls.duration),
            ("hang-up (SDD)", calls.disconnect), ("registration (RRD)", self.summary.registrations.delay),
            ("in the server, INVITE", calls.transit), ("OPTIONS", self.summary.pings.delay),
        ]
        let table = HTMLText.table(
            ["", "half", "90 %", "95 %", "99 %", "most", "values"],
            rows.filter { $0.1.count > 0 }.map { name, values in
                [.text(name)]
                    + [0.5, 0.9, 0.95, 0.99].map { .text(SVGChart.duration(Double(values.quantile($0) ?? 0))) }
                    + [.text(SVGChart.duration(Double(values.maximum))), .number(values.count)]
            }, numeric: [1, 2, 3, 4, 5, 6])
        guard self.summary.hasTimes else { return "" }
        let pictures = charts.isEmpty ? "" : "<div class=two>\(charts.joined())</div>"
        return self.section("How long things took", "", pictures + self.card(table))
    }

    private func week() -> String {
        guard self.summary.hasDates, self.summary.hasTimes, let first = self.summary.firstTime,
            let last = self.summary.lastTime
        else { return "" }
        if last - first > 36 * 3_600_000_000_000 {
            return self.section("When people call", "hour and weekday", self.card(SVGChart.week(self.summary.hourly)))
        }
        let row = self.summary.series.row(atMost: 60)
        guard row.count > 2 else { return "" }
        let endings = Happenings.Ending.allCases
        let cells = endings.map { ending in row.map { $0.slot.calls[ending.rawValue] } }
        let shown = endings.indices.filter { cells[$0].contains { $0 > 0 } }
        return self.section(
            "When it happened", "each row by itself: \(TimeText.span(row[1].time - row[0].time)) a cell",
            self.card(
                SVGChart.map(
                    shown.map { endings[$0].title },
                    row.map { String(TimeText.clock($0.time).prefix(5)) }, shown.map { cells[$0] }, "endings over time")
            ))
    }

    private func routes() -> String {
        let calls = self.summary.calls
        var html = ""
        if calls.routes.keys.contains(where: { $0 != 0 }) {
            let rows = calls.routes.sorted { ($1.value.calls, $0.key) < ($0.value.calls, $1.key) }.prefix(Self.maxRows)
            html += self.card(
                HTMLText.table(
                    ["route (P-hint)", "calls", "answered", "dead", "SER", "SRD 95 %"],
                    rows.map { number, route in
                        [
                            .text(number == 0 ? "(no label)" : Printable.text(self.summary.hints.labels[Int(number)])),
                            .number(route.calls), .number(route.answered), .number(route.dead),
                            .share(CallFigures.ratio(route.answered, route.calls - route.redirected)),
                            .text(route.ring.quantile(0.95).map { SVGChart.duration(Double($0)) } ?? "–"),
                        ]
                    }, numeric: [1, 2, 3, 4, 5]))
        }
        let hops = self.summary.hops.values.sorted { ($1.calls, "\($0.address)") < ($0.calls, "\($1.address)") }
        if !hops.isEmpty {
            html += self.card(
                HTMLText.table(
                    ["next hop", "calls", "answered", "silent", "SER"],
                    hops.prefix(10).map { hop in
                        [
                            .text("\(hop.address)"), .number(hop.calls), .number(hop.answered), .number(hop.silent),
                            .share(CallFigures.ratio(hop.answered, hop.calls)),
                        ]
                    }, numeric: [1, 2, 3, 4]))
        }
        return self.section(
            "Where calls went", hops.count > 10 ? "the busiest 10 of \(hops.count) next hops" : "", html)
    }

    // MARK: Messages

    private func codes() -> String {
        let counts = self.summary.messages
        let counting = self.summary.counting
        let methods = SIPMethod.allCases.filter { method in
            method != .other && counts.codes.contains { counts.reply($0, to: method).count(counting) > 0 }
        }
        let rows: [[HTMLText.Cell]] = counts.codes.prefix(Self.maxRows).map { code in
            [.text("\(code)")] + methods.map { .number(counts.reply(code, to: $0).count(counting)) }
                + [.number(counts.code(code).count(counting)), .number(counts.code(code).raw)]
        }
        return self.section(
            "Replies by method", "\(counting.rawValue); the last column counts packets",
            self.card(
                HTMLText.table(
                    ["code"] + methods.map { "\($0.name)" } + ["all", "raw"], rows,
                    numeric: Set(1..<methods.count + 3))))
    }

    private func messages() -> String {
        let counts = self.summary.messages
        let rows = counts.methods.map { ($0.name, $0.tally) } + (1...6).map { ("\($0)xx", counts.codeClass($0)) }
        let columns = Tally().columns(self.summary.counting)
        return self.section(
            "Messages", "",
            self.card(
                HTMLText.table(
                    [""] + columns.map(\.name),
                    (rows + [("all", counts.all)]).filter { $0.1.raw > 0 }.map { name, tally in
                        [.text(name)] + tally.columns(self.summary.counting).map { .number($0.count) }
                    }, numeric: Set(1...columns.count))))
    }

    private func registrations() -> String {
        let registrations = self.summary.registrations
        guard registrations.tried > 0 else { return "" }
        var note =
            "\(NumberText.grouped(registrations.tried)) tried, \(NumberText.percent(CallFigures.ratio(registrations.good, registrations.tried))) good, \(NumberText.grouped(registrations.users.count)) users"
        if registrations.loops > 0 { note += ", \(registrations.loops) refused in a loop" }
        let granted = registrations.granted.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(12).map {
            (name: $0.key == 0 ? "removed" : "\(NumberText.grouped($0.key)) s", count: $0.value, style: "s1")
        }
        let body =
            granted.isEmpty
            ? "" : "<b>Granted for</b>" + SVGChart.bars(Array(granted), of: registrations.granted.values.reduce(0, +))
        return self.section("Registrations", note, self.card(body.isEmpty ? "<p>\(HTMLText.escape(note))</p>" : body))
    }

    // MARK: Who

    private func phones() -> String {
        struct Family {
            var devices = 0
            var tally = CallTally()
            var versions: [(name: String, devices: Int, tally: CallTally)] = []
        }
        var families: [String: Family] = [:]
        for (number, agent) in self.summary.agents.agents.enumerated().dropFirst() where agent.devices > 0 {
            let name = UserAgentName(agent.text)
            let tally = self.summary.agentCalls[UInt32(number)] ?? CallTally()
            families[name.family, default: Family()].devices += agent.devices
            families[name.family]?.tally.calls += tally.calls
            families[name.family]?.tally.answered += tally.answered
            families[name.family]?.versions.append(
                ("\(name.model) \(name.version)", agent.devices, tally))
        }
        let sorted = families.sorted { ($1.value.devices, $0.key) < ($0.value.devices, $1.key) }
        guard !sorted.isEmpty else { return "" }
        func share(_ tally: CallTally) -> String {
            tally.calls == 0 ? "" : HTMLText.Cell.share(CallFigures.ratio(tally.answered, tally.calls)).html
        }
        var html = "<div class=tree>"
        for (name, family) in sorted.prefix(Self.maxRows) {
            html +=
                "<details><summary><span>\(HTMLText.escape(name))</span><span class=n>\(NumberText.grouped(family.devices))</span><span class=n>\(share(family.tally))</span></summary><ul>"
            for version in family.versions.sorted(by: { ($1.devices, $0.name) < ($0.devices, $1.name) }).prefix(12) {
                html +=
                    "<li>\(HTMLText.escape(version.name)): \(NumberText.grouped(version.devices)) devices\(version.tally.calls > 0 ? ", \(version.tally.calls) calls, \(NumberText.percent(CallFigures.ratio(version.tally.answered, version.tally.calls))) answered" : "")</li>"
            }
            html += "</ul></details>"
        }
        return self.section(
            "Phones and servers", "devices, and how many of their calls were answered", self.card(html + "</div>"))
    }

    private func talkers() -> String {
        let sorted = self.summary.talkers.sorted
        func table(_ talkers: [(address: IPAddress, talker: TalkerTable.Talker)]) -> String {
            HTMLText.table(
                ["address", "messages", "calls", "registrations", "refused"],
                talkers.map { address, talker in
                    [
                        .text("\(address)"), .number(talker.messages), .number(talker.calls),
                        .number(talker.registrations), .number(talker.refused),
                    ]
                }, numeric: [1, 2, 3, 4])
        }
        let noise = sorted.filter(\.talker.isNoise)
        var html = self.card(table(Array(sorted.filter { !$0.talker.isNoise }.prefix(12))))
        if !noise.isEmpty {
            html += self.card(
                "<b>Scanners, guessers and floods, left out of all figures above</b>" + table(Array(noise.prefix(12))))
        }
        return self.section("Who talked most", "", html)
    }

    private func numberPlan() -> String {
        let rows = self.summary.numberPlan.sorted { ($1.value, $0.key.inURI) < ($0.value, $1.key.inURI) }.prefix(20)
        return self.section(
            "Number plan", "as servers' Warning headers tell",
            self.card(
                HTMLText.table(
                    ["Request-URI in", "out", "replies"],
                    rows.map { [.text($0.key.inURI), .text($0.key.outURI), .number($0.value)] }, numeric: [2])))
    }

    private func quality() -> String {
        let summary = self.summary
        var notes = [
            "\(NumberText.grouped(summary.messages.all.raw)) messages, \(summary.backwards == 0 ? "in order" : "\(summary.backwards) out of order")",
            "\(summary.messages.malformed + summary.text.oversized) bad blocks",
            summary.hasBothSides ? "both sides captured" : "one side captured",
        ]
        if summary.messages.duplicates > 0 {
            notes.append("\(summary.messages.duplicates) duplicates of the capture left out")
        }
        if summary.text.mangled > 0 { notes.append("\(summary.text.mangled) messages repaired after mail wrapping") }
        if summary.closedEarly > 0 { notes.append("\(summary.closedEarly) calls judged early (--memory, --max-calls)") }
        notes += summary.guilty.prefix(12).map(\.note)
        for input in summary.inputs where !input.damage.isEmpty {
            notes.append("\(Printable.text(input.name.utf8)): \(input.damage)")
        }
        let how =
            "An attempt is all INVITEs of a Call-ID without To tag, challenges folded in. A message counts once however often it passes the capture. Times are UTC unless --tz says otherwise."
        return self.section(
            "The capture, and how it was counted", "",
            "<p class=foot>\(HTMLText.escape(notes.joined(separator: " · ")))<br>\(how)</p>")
    }
}
