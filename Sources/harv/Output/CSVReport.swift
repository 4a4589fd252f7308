import Glibc
import SIPKit

/// The tables of `--csv DIR`, besides `calls.csv` that is written while reading.
struct CSVReport {
    let summary: Summary

    /// Name and content of each file.
    var files: [(name: String, text: String)] {
        [
            ("findings.csv", self.findings()), ("codes.csv", self.codes()), ("peers.csv", self.peers()),
            ("agents.csv", self.agents()), ("series.csv", self.series()), ("registrations.csv", self.registrations()),
            ("users.csv", self.users()),
        ]
    }

    private func findings() -> String {
        var text = CSVWriter.row(["rule", "name", "severity", "confidence", "count", "first", "last", "say", "do"])
        for finding in self.summary.findings {
            let times = [finding.firstTime, finding.lastTime].map {
                self.summary.hasDates && finding.lastTime > 0 ? TimeText.iso($0) : ""
            }
            text += CSVWriter.row(
                [
                    finding.diagnosis.id, finding.diagnosis.name, finding.severity.name, finding.confidence.rawValue,
                    "\(finding.count)",
                ] + times + [finding.cases.first?.say ?? "", finding.diagnosis.remedy])
        }
        return text
    }

    private func tally(_ kind: String, _ name: String, _ tally: Tally) -> String {
        CSVWriter.row([kind, name] + tally.columns(self.summary.counting).map { "\($0.count)" })
    }

    private func codes() -> String {
        let counts = self.summary.messages
        return CSVWriter.row(["kind", "name"] + Tally().columns(self.summary.counting).map(\.name))
            + counts.methods.map { self.tally("request", $0.name, $0.tally) }.joined()
            + counts.codes.map { self.tally("reply", "\($0)", counts.code($0)) }.joined()
    }

    private func peers() -> String {
        let hops = self.summary.hops.values.sorted { ($1.calls, "\($0.address)") < ($0.calls, "\($1.address)") }
        return CSVWriter.row(["address", "calls", "answered", "silent"])
            + hops.map { CSVWriter.row(["\($0.address)", "\($0.calls)", "\($0.answered)", "\($0.silent)"]) }.joined()
    }

    private func agents() -> String {
        var text = CSVWriter.row([
            "text", "family", "model", "version", "devices", "user_agent", "server", "calls", "answered",
        ])
        for (number, agent) in self.summary.agents.agents.enumerated().dropFirst() {
            let name = UserAgentName(agent.text)
            let calls = self.summary.agentCalls[UInt32(number)] ?? .init()
            text += CSVWriter.row([
                Printable.text(agent.text), name.family, name.model, name.version, "\(agent.devices)",
                "\(agent.userAgentCount(self.summary.counting))", "\(agent.serverCount(self.summary.counting))",
                "\(calls.calls)", "\(calls.answered)",
            ])
        }
        return text
    }

    private func series() -> String {
        var text = CSVWriter.row(
            ["time", "seconds", "messages", "registrations", "troubled"] + Happenings.Ending.allCases.map(\.title))
        for (time, slot) in self.summary.series.row {
            text += CSVWriter.row(
                [
                    TimeText.iso(time), "\(self.summary.series.width / 1_000_000_000)", "\(slot.messages)",
                    "\(slot.registrations)", "\(slot.troubled)",
                ] + slot.calls.map { "\($0)" })
        }
        return text
    }

    private func registrations() -> String {
        let registrations = self.summary.registrations
        return CSVWriter.row(["figure", "value"])
            + [
                ("tried", registrations.tried), ("good", registrations.good), ("loops", registrations.loops),
                ("silent", registrations.silent), ("users", registrations.users.count),
            ].map { CSVWriter.row([$0.0, "\($0.1)"]) }.joined()
            + registrations.granted.sorted { $0.key < $1.key }.map {
                CSVWriter.row(["granted \($0.key) s", "\($0.value)"])
            }.joined()
    }
}

extension CSVReport {
    /// A row for each user that registered, what needs a look first.
    private func users() -> String {
        var text = CSVWriter.row([
            "aor", "state", "bindings", "contacts", "phone", "source", "contact", "interval", "granted", "refreshed",
            "accepted", "refused", "code", "unanswered",
        ])
        guard let users = self.summary.users else { return text }
        let agents = self.summary.agents.agents
        for (name, state, row) in users.sorted(now: self.summary.hasTimes ? self.summary.lastTime : nil) {
            text += CSVWriter.row([
                name, state.name, "\(row.bindings)", "\(row.contacts)",
                Int(row.agent) < agents.count ? Printable.text(agents[Int(row.agent)].text) : "", "\(row.source)",
                row.contact.map { "\($0)" } ?? "", row.interval.map { NumberText.fixed($0, 1) } ?? "",
                row.granted == 0 ? "" : "\(row.granted)",
                row.granted == 0 || !self.summary.hasDates ? "" : TimeText.iso(row.refreshed), "\(row.accepted)",
                "\(row.refused)", row.code == 0 ? "" : "\(row.code)", "\(row.unanswered)",
            ])
        }
        return text
    }
}

/// A file that is written as it comes, and says when it cannot be.
final class OutputFile: @unchecked Sendable {
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private(set) var error: Int32 = 0

    /// - Parameter path: `-` is standard output.
    init(_ path: String) {
        self.descriptor = path == "-" ? STDOUT_FILENO : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        if self.descriptor < 0 { self.error = errno }
    }

    deinit { if self.descriptor > 2 { close(self.descriptor) } }

    func write(_ text: String) {
        self.buffer.append(contentsOf: text.utf8)
        if self.buffer.count > 64 << 10 { self.flush() }
    }

    func flush() {
        var sent = 0
        while sent < self.buffer.count, self.error == 0 {
            let wrote = self.buffer.withUnsafeBytes {
                Glibc.write(self.descriptor, $0.baseAddress.map { $0 + sent }, self.buffer.count - sent)
            }
            if wrote < 0, errno == EINTR { continue }
            if wrote <= 0 { self.error = errno } else { sent += wrote }
        }
        self.buffer.removeAll(keepingCapacity: true)
    }
}
