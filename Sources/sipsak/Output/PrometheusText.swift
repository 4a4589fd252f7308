import SIPKit

/// What was measured as Prometheus text (exposition format 0.0.4): for the textfile collector and the exporter.
enum PrometheusText {
    private static let limits: [(Duration, String)] = [
        (.microseconds(500), "0.0005"), (.milliseconds(1), "0.001"), (.microseconds(2500), "0.0025"),
        (.milliseconds(5), "0.005"),
        (.milliseconds(10), "0.01"), (.milliseconds(25), "0.025"), (.milliseconds(50), "0.05"),
        (.milliseconds(100), "0.1"),
        (.milliseconds(250), "0.25"), (.milliseconds(500), "0.5"), (.seconds(1), "1"), (.milliseconds(2500), "2.5"),
        (.seconds(5), "5"),
    ]

    /// - Parameters:
    ///   - target: the value of the label `target`; left out where it is `nil`.
    ///   - opening: how long the connection took to open.
    ///   - certificateEnd: when the server's certificate ends, seconds since 1970.
    static func text(
        _ tally: ProbeTally, isSuccess: Bool, target: String?, lookup: Duration?, opening: Duration? = nil,
        certificateEnd: Int64? = nil
    ) -> String {
        let label = target.map { "target=\"\(Self.escaped($0))\"" } ?? ""
        let alone = label.isEmpty ? "" : "{\(label)}"
        func with(_ more: String) -> String { "{" + (label.isEmpty ? more : "\(label),\(more)") + "}" }
        var text = ""
        func metric(_ name: String, _ kind: String, _ help: String, _ lines: [String]) {
            text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
            for line in lines { text += "\(name)\(line)\n" }
        }
        metric(
            "sip_probe_success", "gauge", "Whether the probe got the answer it wants.",
            ["\(alone) \(isSuccess ? 1 : 0)"])
        metric(
            "sip_probe_status_code", "gauge", "Code of the last final answer; 0 without one.",
            ["\(alone) \(tally.lastAnswer?.code ?? 0)"])
        metric("sip_probe_requests_total", "counter", "Requests sent, without repeats.", ["\(alone) \(tally.sent)"])
        metric("sip_probe_lost_total", "counter", "Requests without a final answer.", ["\(alone) \(tally.lost)"])
        metric(
            "sip_probe_retransmissions_total", "counter", "Repeats of requests.", ["\(alone) \(tally.retransmissions)"])
        var lines = Self.limits.map { "_bucket\(with("le=\"\($0.1)\"")) \(tally.samples.count(upTo: $0.0))" }
        lines.append("_bucket\(with("le=\"+Inf\"")) \(tally.samples.count)")
        let total = Double(tally.samples.mean.wholeNanoseconds) * Double(tally.samples.count) / 1e9
        lines.append("_sum\(alone) \(JSONText.decimal(total, 9))")
        lines.append("_count\(alone) \(tally.samples.count)")
        metric("sip_probe_rtt_seconds", "histogram", "From the last send of a request to its final answer.", lines)
        var phases = ["\(with("phase=\"rtt\"")) \(Self.seconds(tally.samples.mean))"]
        if let lookup { phases.insert("\(with("phase=\"dns\"")) \(Self.seconds(lookup))", at: 0) }
        if let opening { phases.insert("\(with("phase=\"connect\"")) \(Self.seconds(opening))", at: 0) }
        if let certificateEnd {
            metric(
                "sip_probe_tls_not_after_seconds", "gauge", "When the server's certificate ends.",
                ["\(alone) \(certificateEnd)"])
        }
        metric("sip_probe_phase_seconds", "gauge", "Mean time of each phase.", phases)
        return text
    }

    private static func seconds(_ duration: Duration) -> String {
        JSONText.decimal(Double(duration.wholeNanoseconds) / 1e9, 9)
    }

    private static func escaped(_ text: String) -> String {
        var output = ""
        for scalar in Printable.text(text.utf8).unicodeScalars {
            if scalar == "\\" || scalar == "\"" { output.unicodeScalars.append("\\") }
            output.unicodeScalars.append(scalar)
        }
        return output
    }
}
