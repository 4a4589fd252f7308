import SIPKit
import SIPNet

/// `--csv`: a header line, then a line for each answer or failure (RFC 4180, lines end with LF).
///
/// Every mode has the same columns, so that files can be put together; what a mode does not know is empty. Summaries have
/// no line: they would be counted as answers.
///
/// `--log-format` prints the same cells in words of its own: `%{code}` is the cell of that column.
final class CSVReporter: Reporter {
    var transport = TransportProtocol.udp
    var opening: Duration?
    var securing: Duration?
    private let format: LogFormat?
    private let console: any Console
    private let date: () -> Int64
    private var hasHeader = false

    static let columns = [
        "time", "type", "number", "target", "peer", "transport", "code", "reason", "server", "rtt_ms",
        "retransmissions",
        "result",
    ]

    /// - Parameter date: nanoseconds since 1970.
    init(console: any Console, format: LogFormat? = nil, date: @escaping () -> Int64) {
        self.console = console
        self.format = format
        self.date = date
    }

    private func row(_ type: String, _ cells: [String: String]) {
        var cells = cells
        cells["type"] = type
        cells["time"] = UTCDate.text(nanoseconds: self.date())
        if let format = self.format {
            self.console.out(format.line(cells) + "\n")
            return self.console.flush()
        }
        if !self.hasHeader { self.console.out(Self.columns.joined(separator: ",") + "\n") }
        self.hasHeader = true
        self.console.out(Self.columns.map { Self.cell(cells[$0] ?? "") }.joined(separator: ",") + "\n")
        self.console.flush()
    }

    /// Quoted where it has to be. What a spreadsheet would take for a formula gets an apostrophe in front.
    static func cell(_ text: String) -> String {
        let bytes = Array(text.utf8)
        let isFormula = bytes.first.map { [0x3D, 0x2B, 0x2D, 0x40].contains($0) } ?? false
        let safe = isFormula ? "'" + text : text
        guard bytes.contains(where: { $0 == ASCII.comma || $0 == ASCII.quote || $0 < 0x20 }) else { return safe }
        return "\"" + safe.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    private func cells(_ message: SIPMessage, from source: SocketAddress, time: Duration, repeats: Int) -> [String:
        String]
    {
        let server = message.first(.server) ?? message.first(.userAgent)
        return [
            "peer": "\(source)", "transport": "\(self.transport.parameterName)",
            "code": "\(message.statusCode)",
            "reason": Printable.text(message[message.reason]),
            "server": server.map { Printable.text(message[$0]) } ?? "",
            "rtt_ms": Milliseconds.text(time), "retransmissions": "\(repeats)",
        ]
    }

    func reply(
        run: Int, uri: String, _ finished: Session.Finished, _ reply: Probe.Reply, provisional: [Probe.Reply],
        strays: Int, lookup: Duration?, status: ExitStatus
    ) {
        var cells = self.cells(
            reply.message, from: reply.source, time: reply.arrived - finished.probe.lastSent,
            repeats: finished.probe.retransmissions)
        cells["number"] = "\(run)"
        cells["target"] = Printable.text(uri.utf8)
        cells["result"] = status == .ok ? "ok" : "rejected"
        self.row("reply", cells)
    }

    func hop(
        _ number: Int, _ reply: Probe.Reply, time: Duration, retransmissions: Int, agent: HopAgent?, notes: [String]
    ) {
        var cells = self.cells(reply.message, from: reply.source, time: time, repeats: retransmissions)
        cells["number"] = "\(number)"
        cells["target"] = agent?.agent ?? ""
        cells["result"] = reply.message.statusCode == 483 ? "hop" : "end"
        self.row("hop", cells)
    }

    func step(_ name: String, user: String, _ finished: Session.Finished, _ reply: Probe.Reply) {
        var cells = self.cells(
            reply.message, from: reply.source, time: reply.arrived - finished.probe.lastSent,
            repeats: finished.probe.retransmissions)
        cells["target"] = Printable.text(user.utf8)
        cells["result"] = 200...299 ~= reply.message.statusCode ? "ok" : "rejected"
        self.row("step", cells)
    }

    func lookup(_ uri: String, _ resolution: Resolution) {
        for (index, target) in resolution.targets.enumerated() {
            self.row(
                "dns",
                [
                    "number": "\(index + 1)", "target": Printable.text(uri.utf8), "peer": "\(target.address)",
                    "transport": "\(target.transport.parameterName)", "result": "ok",
                ])
        }
    }

    func tls(_ facts: TLSFacts, days: Int64?, _ status: ExitStatus) {
        self.row(
            "tls",
            [
                "target": facts.chain.first?.subject ?? "", "number": days.map { "\($0)" } ?? "",
                "reason": facts.problem ?? "", "result": facts.problem == nil ? "ok" : "rejected",
            ])
    }

    func error(class kind: String, _ message: String, _ status: ExitStatus) {
        self.row("error", ["reason": Printable.text(message.utf8), "result": kind])
    }

    func call(
        setup: Duration, ringing: Duration?, talked: Duration, peerHungUp: Bool, sent: Int, _ reception: RTPReception,
        _ reply: Probe.Reply, _ status: ExitStatus
    ) {
        var cells = self.cells(reply.message, from: reply.source, time: setup, repeats: 0)
        cells["result"] = "\(reception.packets) of \(reception.expected) packets"
        self.row("call", cells)
    }

    func fuzz(round: Int, place: Int?, byte: UInt8?, mutation: String, code: Int?) {
        self.row(
            "fuzz",
            [
                "number": "\(round)", "target": mutation, "code": code.map { "\($0)" } ?? "",
                "result": code == nil ? "silence" : "answered",
            ])
    }

    func summary(_ tally: ProbeTally, _ status: ExitStatus, more: [(String, JSONText)]) {}
}
