import SIPKit
import SIPNet

/// `--json`: one object a line on standard output and nothing else (`docs/schemas/sipsak.json`).
struct JSONReporter: Reporter {
    let console: any Console
    var transport = TransportProtocol.udp
    var opening: Duration?
    var securing: Duration?
    /// The date, for `time`: nanoseconds since 1970.
    let date: () -> Int64

    private func write(_ type: String, _ members: [(String, JSONText)]) {
        self.console.out(
            JSONText.object([("schema", .text("sipsak/1")), ("type", .text(type))] + members).line + "\n")
    }

    private var time: JSONText { .text(UTCDate.text(nanoseconds: self.date())) }

    // MARK: Objects

    func reply(
        run: Int, uri: String, _ finished: Session.Finished, _ reply: Probe.Reply, provisional: [Probe.Reply],
        strays: Int,
        lookup: Duration?, status: ExitStatus
    ) {
        let message = reply.message
        let request = try? SIPMessage(parsing: reply.request)
        self.write(
            "reply",
            [
                ("run", .int(run)), ("time", self.time), ("uri", .text(uri)), ("peer", self.peer(reply.source)),
                ("request", Self.request(request, finished.probe)),
                (
                    "reply",
                    .object([
                        ("code", .int(message.statusCode)), ("reason", .text(message[message.reason])),
                        ("server", Self.server(message)), ("contact", Self.contacts(message)),
                        ("warning", Self.warnings(message)), ("bytes", .int(message.bytes.count)),
                    ])
                ),
                (
                    "provisional",
                    .array(
                        provisional.map {
                            .object([
                                ("code", .int($0.message.statusCode)),
                                ("ms", .milliseconds($0.arrived - finished.probe.firstSent)),
                            ])
                        })
                ),
                (
                    "ms",
                    .object([
                        ("dns", lookup.map { .milliseconds($0) } ?? .null),
                        ("connect", self.opening.map { .milliseconds($0 - (self.securing ?? .zero)) } ?? .null),
                        ("tls", self.securing.map { .milliseconds($0) } ?? .null),
                        ("rtt", .milliseconds(reply.arrived - finished.probe.lastSent)),
                        ("total", .milliseconds(reply.arrived - finished.probe.firstSent)),
                    ])
                ), ("auth", Self.authentication(finished.probe)), ("redirects", .int(finished.probe.redirects)),
                ("strays", .int(strays)), ("result", .text(status == .ok ? "ok" : "rejected")),
                ("exit", .int(Int(status.code))),
            ])
    }

    func hop(
        _ number: Int, _ reply: Probe.Reply, time: Duration, retransmissions: Int, agent: HopAgent?, notes: [String]
    ) {
        let message = reply.message
        self.write(
            "hop",
            [
                ("hop", .int(number)), ("time", self.time), ("peer", self.peer(reply.source)),
                ("agent", agent.map { .text($0.agent) } ?? .null), ("code", .int(message.statusCode)),
                ("reason", .text(message[message.reason])), ("rtt_ms", .milliseconds(time)),
                ("retransmissions", .int(retransmissions)), ("server", Self.server(message)),
                ("pid", .text(agent?.pid)), ("via_cnt", agent?.viaCount.map { .int($0) } ?? .null),
                ("saw_us_as", .text(agent?.seenAs)), ("in_uri", .text(agent?.incomingURI)),
                ("out_uri", .text(agent?.outgoingURI)), ("contact", Self.contacts(message)),
                ("notes", .array(notes.map { .text($0) })),
            ])
    }

    func step(_ name: String, user: String, _ finished: Session.Finished, _ reply: Probe.Reply) {
        self.write(
            "step",
            [
                ("step", .text(name)), ("time", self.time), ("user", .text(user)), ("peer", self.peer(reply.source)),
                ("code", .int(reply.message.statusCode)), ("reason", .text(reply.message[reply.message.reason])),
                ("rtt_ms", .milliseconds(reply.arrived - finished.probe.lastSent)),
                ("retransmissions", .int(finished.probe.retransmissions)),
                ("auth", Self.authentication(finished.probe)), ("contact", Self.contacts(reply.message)),
            ])
    }

    func error(class kind: String, _ message: String, _ status: ExitStatus) {
        self.write(
            "error",
            [
                ("class", .text(kind)), ("time", self.time), ("message", .text(message)),
                ("exit", .int(Int(status.code))),
            ])
    }

    func summary(_ tally: ProbeTally, _ status: ExitStatus, more: [(String, JSONText)]) {
        let codes = tally.codes.sorted { $0.key < $1.key }.map { ("\($0.key)", JSONText.int($0.value)) }
        self.write(
            "summary",
            [
                ("sent", .int(tally.sent)), ("answered", .int(tally.answered)), ("ok", .int(tally.good)),
                ("lost", .int(tally.lost)), ("retransmissions", .int(tally.retransmissions)), ("codes", .object(codes)),
                ("rtt_ms", Self.times(tally.samples)),
            ] + more + [("exit", .int(Int(status.code)))])
    }

    func call(
        setup: Duration, ringing: Duration?, talked: Duration, peerHungUp: Bool, sent: Int, _ reception: RTPReception,
        _ reply: Probe.Reply, _ status: ExitStatus
    ) {
        self.write(
            "call",
            [
                ("time", self.time), ("peer", self.peer(reply.source)), ("server", Self.server(reply.message)),
                (
                    "ms",
                    .object([
                        ("ringing", ringing.map { .milliseconds($0) } ?? .null), ("answer", .milliseconds(setup)),
                        ("talked", .milliseconds(talked)),
                    ])
                ), ("ended_by", .text(peerHungUp ? "peer" : "us")),
                (
                    "audio",
                    .object([
                        ("sent", .int(sent)), ("received", .int(reception.packets)),
                        ("expected", .int(reception.expected)),
                        ("lost", .int(reception.lost)), ("repeats", .int(reception.repeats)),
                        ("jitter_ms", .milliseconds(reception.jitter())),
                        ("longest_gap_ms", .milliseconds(reception.maximumGap)),
                    ])
                ), ("exit", .int(Int(status.code))),
            ])
    }

    func fuzz(round: Int, place: Int?, byte: UInt8?, mutation: String, code: Int?) {
        self.write(
            "fuzz",
            [
                ("round", .int(round)), ("time", self.time), ("place", place.map { .int($0) } ?? .null),
                ("byte", byte.map { .int(Int($0)) } ?? .null), ("mutation", .text(mutation)),
                ("code", code.map { .int($0) } ?? .null),
            ])
    }

    func lookup(_ uri: String, _ resolution: Resolution) {
        self.write(
            "dns",
            [
                ("time", self.time), ("uri", .text(uri)),
                ("steps", .array(resolution.steps.map { .text(Printable.text($0.description.utf8)) })),
                (
                    "targets",
                    .array(
                        resolution.targets.map { target in
                            .object([
                                ("host", .text("\(target.address.ip)")), ("port", .int(Int(target.address.port))),
                                ("transport", .text("\(target.transport.parameterName)")),
                                ("family", .int(target.address.ip.family == .v4 ? 4 : 6)),
                            ])
                        })
                ), ("failure", .text(resolution.failure)),
            ])
    }

    func tls(_ facts: TLSFacts, days: Int64?, _ status: ExitStatus) {
        let chain = facts.chain.map { certificate in
            JSONText.object([
                ("subject", .text(certificate.subject)), ("issuer", .text(certificate.issuer)),
                ("names", .array(certificate.names.map { .text($0) })),
                ("not_before", certificate.notBefore.map { .text(UTCDate.text(seconds: $0)) } ?? .null),
                ("not_after", certificate.notAfter.map { .text(UTCDate.text(seconds: $0)) } ?? .null),
                ("serial", .text(certificate.serial)),
            ])
        }
        self.write(
            "tls",
            [
                ("time", self.time), ("version", .text(facts.version?.rawValue)), ("cipher", .text(facts.cipher)),
                ("verified", .bool(facts.problem == nil)), ("problem", .text(facts.problem)),
                ("days_left", days.map { .int(Int($0)) } ?? .null), ("certificates", .array(chain)),
                ("exit", .int(Int(status.code))),
            ])
    }

    // MARK: Parts

    static func times(_ samples: LatencySamples) -> JSONText {
        guard !samples.isEmpty else { return .null }
        return .object([
            ("min", .milliseconds(samples.min)), ("mean", .milliseconds(samples.mean)),
            ("p50", .milliseconds(samples.percentile(50))), ("p90", .milliseconds(samples.percentile(90))),
            ("p99", .milliseconds(samples.percentile(99))), ("p999", .milliseconds(samples.percentile(99.9))),
            ("max", .milliseconds(samples.max)), ("stddev", .milliseconds(samples.deviation)),
        ])
    }

    private func peer(_ address: SocketAddress) -> JSONText {
        .object([
            ("host", .text("\(address.ip)")), ("port", .int(Int(address.port))),
            ("transport", .text("\(self.transport.parameterName)")),
            ("family", .int(address.ip.family == .v4 ? 4 : 6)),
        ])
    }

    private static func request(_ message: SIPMessage?, _ probe: Probe) -> JSONText {
        guard let message else { return .object([("sent", .int(probe.sends))]) }
        let branch = (try? message.topVia()).map { message[$0.branch] }
        return .object([
            ("method", .text(message.methodText)), ("call_id", .text(message.callID)),
            ("cseq", (try? message.cSeq()).map { .int(Int($0.number)) } ?? .null),
            ("branch", branch.map { .text($0) } ?? .null), ("bytes", .int(message.bytes.count)),
            ("sent", .int(probe.sends)),
        ])
    }

    static func server(_ message: SIPMessage) -> JSONText {
        (message.first(.server) ?? message.first(.userAgent)).map { .text(message[$0]) } ?? .null
    }

    private static func contacts(_ message: SIPMessage) -> JSONText {
        .array(((try? message.addresses(.contact)) ?? []).map { .text(message[$0.uri]) })
    }

    private static func warnings(_ message: SIPMessage) -> JSONText {
        .array(
            ((try? message.warnings()) ?? []).map {
                .object([("code", .int($0.code)), ("agent", .text($0.agent)), ("text", .text($0.text))])
            })
    }

    private static func authentication(_ probe: Probe) -> JSONText {
        guard probe.challenges > 0, let (algorithm, quality) = probe.digest?.algorithmsInUse.last else { return .null }
        return .object([
            ("rounds", .int(probe.challenges)), ("algorithm", .text("\(algorithm.token)")),
            ("qop", quality.map { .text("\($0.token)") } ?? .null),
        ])
    }
}
