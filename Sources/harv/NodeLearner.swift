import SIPKit
import SIPTrace

/// Learns from the messages which address is the server's whose traffic this is.
///
/// One point for each message that an address sends with its own name on top of other Vias, and one for each answer it
/// sends with `Warning: 392 <its address>`. Whoever has five percent of the best score is a server.
struct NodeLearner: Sendable {
    private var scores: [SocketAddress: Int] = [:]
    var declared: [SocketAddress] = []
    static let maxNodes = 10_000

    @inline(__always)
    mutating func see(
        _ identity: MessageIdentity, _ index: borrowing MessageIndex, _ bytes: Span<UInt8>, _ source: SocketAddress
    ) {
        if identity.viaCount > 1, self.names(bytes, identity.topHost, source.ip) { self.addPoint(source) }
        if let warning = index.first(.warning), warning.count > 6,
            bytes.equals(ByteRange(warning.start, warning.start + 4), "392 ")
        {
            self.readWarning(bytes, warning, source)
        }
    }

    private func names(_ bytes: Span<UInt8>, _ host: ByteRange, _ address: IPAddress) -> Bool {
        IPAddress(parsing: bytes, host) == address
    }

    private mutating func readWarning(_ bytes: Span<UInt8>, _ warning: ByteRange, _ source: SocketAddress) {
        var cursor = ByteCursor(bytes, ByteRange(warning.start + 4, warning.end))
        let agent = cursor.take { !ASCII.isLWS($0) }
        var host = agent
        var at = agent.end
        while at > agent.start, bytes[at - 1] != ASCII.colon { at -= 1 }
        if at > agent.start { host = ByteRange(agent.start, at - 1) }
        if self.names(bytes, host, source.ip) { self.addPoint(source) }
    }

    private mutating func addPoint(_ source: SocketAddress) {
        if self.scores[source] != nil || self.scores.count < Self.maxNodes { self.scores[source, default: 0] += 1 }
    }

    /// The servers, the busiest first; what was declared on the command line wins.
    var servers: [SocketAddress] {
        if !self.declared.isEmpty { return self.declared }
        let best = self.scores.values.max() ?? 0
        return self.scores.filter { $0.value * 20 >= best && $0.value > 0 }
            .sorted { ($1.value, $0.key.port) < ($0.value, $1.key.port) }.map(\.key)
    }
}
