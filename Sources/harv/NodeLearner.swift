import SIPKit
import SIPTrace

/// Learns from the messages which address is the server's whose traffic this is.
///
/// One point for each message that an address sends with its own name on top of other Vias, and one for each answer it
/// sends with `Warning: 392 <its address>`. Whoever has five percent of the best score is a server.
struct NodeLearner: Sendable, Codable {
    private var scores: [SocketAddress: Int] = [:]
    var declared: [SocketAddress] = []
    static let maxNodes = 10_000

    /// Whether the Warning of an answer names the address that it came from.
    static func names(_ bytes: Span<UInt8>, _ warning: ByteRange, _ source: IPAddress) -> Bool {
        guard warning.count > 6, bytes.equals(ByteRange(warning.start, warning.start + 4), "392 ") else { return false }
        var cursor = ByteCursor(bytes, ByteRange(warning.start + 4, warning.end))
        let agent = cursor.take { !ASCII.isLWS($0) }
        var host = agent
        var at = agent.end
        while at > agent.start, bytes[at - 1] != ASCII.colon { at -= 1 }
        if at > agent.start { host = ByteRange(agent.start, at - 1) }
        return IPAddress(parsing: bytes, host) == source
    }

    /// Notes what a message's ``MessageFacts/nodePoints`` says of its sender.
    @inline(__always)
    mutating func see(_ points: Int, _ source: SocketAddress) {
        if points > 0 { self.add(points, source) }
    }

    private mutating func add(_ points: Int, _ source: SocketAddress) {
        if self.scores[source] != nil || self.scores.count < Self.maxNodes { self.scores[source, default: 0] += points }
    }

    /// The servers, the busiest first; what was declared on the command line wins.
    var servers: [SocketAddress] {
        if !self.declared.isEmpty { return self.declared }
        let best = self.scores.values.max() ?? 0
        return self.scores.filter { $0.value * 20 >= best && $0.value > 0 }
            .sorted { ($1.value, $0.key.port) < ($0.value, $1.key.port) }.map(\.key)
    }
}
