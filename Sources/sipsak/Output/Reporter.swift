import SIPKit
import SIPNet

/// Tells programs what happens: `--json`, `--csv`.
protocol Reporter {
    /// Over what the run goes, and how long its connection took to open.
    var transport: TransportProtocol { get set }
    var opening: Duration? { get set }
    /// The part of it that TLS took.
    var securing: Duration? { get set }

    func reply(
        run: Int, uri: String, _ finished: Session.Finished, _ reply: Probe.Reply, provisional: [Probe.Reply],
        strays: Int, lookup: Duration?, status: ExitStatus)
    func hop(
        _ number: Int, _ reply: Probe.Reply, time: Duration, retransmissions: Int, agent: HopAgent?, notes: [String])
    /// One request of a longer exchange.
    func step(_ name: String, user: String, _ finished: Session.Finished, _ reply: Probe.Reply)
    /// What `--lookup` found.
    func lookup(_ uri: String, _ resolution: Resolution)
    /// - Parameter days: until the server's certificate ends.
    func tls(_ facts: TLSFacts, days: Int64?, _ status: ExitStatus)
    func error(class kind: String, _ message: String, _ status: ExitStatus)
    func call(
        setup: Duration, ringing: Duration?, talked: Duration, peerHungUp: Bool, sent: Int, _ reception: RTPReception,
        _ reply: Probe.Reply, _ status: ExitStatus)
    /// - Parameters:
    ///   - place: the byte that was damaged; `nil` where the whole message was made anew.
    ///   - mutation: what was done to the request.
    func fuzz(round: Int, place: Int?, byte: UInt8?, mutation: String, code: Int?)
    func summary(_ tally: ProbeTally, _ status: ExitStatus, more: [(String, JSONText)])
}

extension Reporter {
    func summary(_ tally: ProbeTally, _ status: ExitStatus) { self.summary(tally, status, more: []) }
}
