import SIPKit
import SIPTrace

/// The summary as one JSON object with stable keys (`schema` 1). What is not known is absent, never null; a ratio that
/// is not defined is absent, never 0. Times are seconds, dates ISO 8601 in UTC.
struct JSONReport {
    let summary: Summary

    func text() -> String {
        var json = JSONWriter()
        json.object { json in
            json.value("schema", 1)
            self.inputs(&json)
            self.messages(&json)
            self.calls(&json)
            self.times(&json)
            self.others(&json)
            self.series(&json)
            self.findings(&json)
            self.capture(&json)
        }
        return json.text + "\n"
    }

    private func inputs(_ json: inout JSONWriter) {
        let summary = self.summary
        json.list("input") { json in
            for input in summary.inputs {
                json.object { json in
                    json.value("path", Printable.text(input.name.utf8))
                    json.value("format", input.format)
                    json.value("bytes", input.bytes)
                    if !input.damage.isEmpty { json.value("damage", input.damage) }
                }
            }
        }
        if summary.hasTimes, let first = summary.firstTime, let last = summary.lastTime {
            if summary.hasDates {
                json.value("first", TimeText.iso(first))
                json.value("last", TimeText.iso(last))
            }
            json.value("seconds", Double(last - first) / 1e9, decimals: 6)
        }
        json.list("server") { json in for server in summary.nodes.servers { json.value(nil, server.description) } }
    }

    private func tally(_ json: inout JSONWriter, _ name: String, _ tally: Tally) {
        json.object(name) { json in
            for (name, count) in tally.columns(self.summary.counting) { json.value(name, count) }
        }
    }

    private func messages(_ json: inout JSONWriter) {
        let counts = self.summary.messages
        json.value("count", self.summary.counting.rawValue)
        self.tally(&json, "totals", counts.all)
        json.object("methods") { json in for (name, tally) in counts.methods { self.tally(&json, name, tally) } }
        json.object("codes") { json in for code in counts.codes { self.tally(&json, "\(code)", counts.code(code)) } }
    }

    private func calls(_ json: inout JSONWriter) {
        let calls = self.summary.calls
        json.object("calls") { json in
            json.value("tried", calls.tried)
            json.value("answered", calls.answered)
            json.value("completed", calls.completed)
            json.value("unended", calls.unended)
            json.object("by_code") { json in
                var codes: [Int: Int] = [:]
                for (outcome, count) in calls.outcomes { codes[outcome.status, default: 0] += count }
                for (code, count) in codes.sorted(by: { $0.key < $1.key }) {
                    json.value(code == 0 ? "none" : "\(code)", count)
                }
            }
            json.value("dead", calls.outcomes.reduce(0) { $0 + ($1.key.isDead ? $1.value : 0) })
            json.value("ser", calls.establishment, decimals: 2)
            json.value("seer", calls.effectiveness, decimals: 2)
            json.value("isa", calls.ineffective, decimals: 2)
            json.value("scr", calls.completion, decimals: 2)
            json.value("asr", CallFigures.ratio(calls.answered, calls.tried), decimals: 2)
            json.value("ner", calls.networkEffectiveness, decimals: 2)
            json.value("acd", calls.duration.mean.map { $0 / 1e9 }, decimals: 3)
            if calls.peak.most > 0 { json.value("most_at_once", calls.peak.most) }
        }
        json.list("hints") { json in
            for (number, route) in calls.routes.sorted(by: { ($1.value.calls, $0.key) < ($0.value.calls, $1.key) }) {
                json.object { json in
                    if number != 0 { json.value("label", Printable.text(self.summary.hints.labels[Int(number)])) }
                    json.value("calls", route.calls)
                    json.value("answered", route.answered)
                    json.value("dead", route.dead)
                    json.value("ser", CallFigures.ratio(route.answered, route.calls - route.redirected), decimals: 2)
                }
            }
        }
    }

    private func times(_ json: inout JSONWriter) {
        let calls = self.summary.calls
        let rows: [(String, Distribution)] = [
            ("srd", calls.ringDelay), ("setup", calls.setup), ("sdt", calls.duration), ("sdd", calls.disconnect),
            ("rrd", self.summary.registrations.delay), ("transit", calls.transit),
            ("options", self.summary.pings.delay),
        ]
        json.object("times") { json in
            for (name, values) in rows where values.count > 0 {
                json.object(name) { json in
                    for (key, share) in [("p50", 0.5), ("p90", 0.9), ("p95", 0.95), ("p99", 0.99)] {
                        json.value(key, values.quantile(share).map { Double($0) / 1e9 }, decimals: 6)
                    }
                    json.value("max", Double(values.maximum) / 1e9, decimals: 6)
                    json.value("n", values.count)
                }
            }
        }
    }

    private func others(_ json: inout JSONWriter) {
        let registrations = self.summary.registrations
        let pings = self.summary.pings
        json.object("registrations") { json in
            json.value("tried", registrations.tried)
            json.value("good", registrations.good)
            json.value("loops", registrations.loops)
            json.value("silent", registrations.silent)
            json.value("users", registrations.users.count)
        }
        self.users(&json)
        json.object("options") { json in
            json.value("sent", pings.sent)
            json.value("answered", pings.answered)
            json.value("keep_alives", pings.keepAlives)
        }
        self.leftOut(&json)
        json.list("peers") { json in
            for hop in self.summary.hops.values.sorted(by: {
                ($1.calls, $0.address.description) < ($0.calls, $1.address.description)
            }).prefix(100) {
                json.object { json in
                    json.value("address", hop.address.description)
                    json.value("calls", hop.calls)
                    json.value("answered", hop.answered)
                    json.value("silent", hop.silent)
                }
            }
        }
        let counting = self.summary.counting
        json.list("agents") { json in
            let agents = self.summary.agents.agents.enumerated().dropFirst().sorted {
                ($1.element.devices, $1.element.userAgentCount(counting))
                    < ($0.element.devices, $0.element.userAgentCount(counting))
            }
            for (number, agent) in agents.prefix(500) {
                let name = UserAgentName(agent.text)
                json.object { json in
                    json.value("text", Printable.text(agent.text))
                    json.value("family", name.family)
                    if !name.model.isEmpty { json.value("model", name.model) }
                    if !name.version.isEmpty { json.value("version", name.version) }
                    json.value("devices", agent.devices)
                    json.value("user_agent", agent.userAgentCount(counting))
                    json.value("server", agent.serverCount(counting))
                    if let calls = self.summary.agentCalls[UInt32(number)] {
                        json.value("calls", calls.calls)
                        json.value("ser", CallFigures.ratio(calls.answered, calls.calls), decimals: 2)
                    }
                }
            }
        }
    }

    /// A row for each user, where they were asked for.
    private func users(_ json: inout JSONWriter) {
        guard let users = self.summary.users else { return }
        let agents = self.summary.agents.agents
        json.list("aors") { json in
            for (name, state, row) in users.sorted(now: self.summary.hasTimes ? self.summary.lastTime : nil) {
                json.object { json in
                    json.value("aor", name)
                    json.value("state", state.name)
                    json.value("bindings", Int(row.bindings))
                    json.value("contacts", Int(row.contacts))
                    if row.agent != 0, Int(row.agent) < agents.count {
                        json.value("phone", Printable.text(agents[Int(row.agent)].text))
                    }
                    json.value("source", "\(row.source)")
                    json.value("contact", row.contact.map { "\($0)" })
                    json.value("interval", row.interval, decimals: 1)
                    if row.granted > 0 {
                        json.value("granted", Int(row.granted))
                        if self.summary.hasDates { json.value("refreshed", TimeText.iso(row.refreshed)) }
                    }
                    json.value("accepted", Int(row.accepted))
                    json.value("refused", Int(row.refused))
                    if row.code != 0 { json.value("code", Int(row.code)) }
                    json.value("unanswered", Int(row.unanswered))
                }
            }
        }
        if users.isFull { json.value("aors_cut", true) }
    }

    /// Who is not among the figures, and why.
    private func leftOut(_ json: inout JSONWriter) {
        let summary = self.summary
        guard !summary.includesNoise else { return }
        json.list("left_out") { json in
            for source in summary.guilty.prefix(100) {
                json.object { json in
                    json.value("address", "\(source.address)")
                    json.list("rules") { json in for rule in source.rules { json.value(nil, rule) } }
                    if summary.hasDates { json.value("since", TimeText.iso(source.since)) }
                    json.value("calls", source.calls)
                    json.value("registrations", source.registrations)
                    json.value("options", source.pings)
                }
            }
            let guilty = Set(summary.guilty.map(\.address))
            for (address, source) in summary.noise.scanners.prefix(100) where !guilty.contains(address) {
                json.object { json in
                    json.value("address", "\(address)")
                    json.list("rules") { json in json.value(nil, "S1") }
                    if summary.hasDates { json.value("since", TimeText.iso(source.firstTime)) }
                    json.value("requests", source.requests)
                }
            }
        }
    }

    private func series(_ json: inout JSONWriter) {
        guard self.summary.hasTimes, self.summary.hasDates else { return }
        let row = self.summary.series.row
        guard !row.isEmpty, row.count < 2_000 else { return }
        json.value("series_seconds", Int(self.summary.series.width / 1_000_000_000))
        json.list("series") { json in
            for (time, slot) in row {
                json.object { json in
                    json.value("t", TimeText.iso(time))
                    json.value("messages", slot.messages)
                    json.value("calls", slot.calls.reduce(0, +))
                    json.value("answered", slot.calls[Happenings.Ending.answered.rawValue])
                    json.value("registrations", slot.registrations)
                    json.value("errors", slot.troubled)
                }
            }
        }
    }

    private func findings(_ json: inout JSONWriter) {
        json.list("findings") { json in
            for finding in self.summary.findings {
                json.object { json in
                    json.value("rule", finding.diagnosis.id)
                    json.value("name", finding.diagnosis.name)
                    json.value("severity", finding.severity.name)
                    json.value("confidence", finding.confidence.rawValue)
                    json.value("count", finding.count)
                    if self.summary.hasDates, finding.lastTime > 0 {
                        json.value("first", TimeText.iso(finding.firstTime))
                        json.value("last", TimeText.iso(finding.lastTime))
                    }
                    json.value("say", finding.cases.first?.say)
                    json.value("why", finding.diagnosis.why)
                    json.value("do", finding.diagnosis.remedy)
                    if !finding.explained.isEmpty {
                        json.object("explains") { json in
                            for (rule, count) in finding.explained.sorted(by: { $0.key < $1.key }) {
                                json.value(rule, count)
                            }
                        }
                    }
                    if !finding.remarks.isEmpty {
                        json.list("remarks") { json in for remark in finding.remarks { json.value(nil, remark) } }
                    }
                    json.list("examples") { json in
                        for example in finding.cases {
                            json.object { json in
                                if !example.callID.isEmpty { json.value("call_id", example.callID) }
                                json.list("messages") { json in
                                    for number in example.messages { json.value(nil, Int(number)) }
                                }
                                json.value("say", example.say)
                            }
                        }
                    }
                }
            }
        }
    }

    private func capture(_ json: inout JSONWriter) {
        let summary = self.summary
        json.object("capture") { json in
            json.value("both_sides", summary.hasBothSides)
            json.value("duplicates", summary.messages.duplicates)
            json.value("malformed", summary.messages.malformed)
            json.value("incomplete", summary.messages.incomplete)
            json.value("marks", summary.text.marks)
            json.value("hidden", summary.text.hidden)
            json.value("mangled", summary.text.mangled)
            json.value("wrong_length", summary.text.wrongLength)
            json.value("backwards", summary.backwards)
            json.value("judged_early", summary.closedEarly)
            json.value("partial", summary.isPartial)
        }
    }
}
