import SIPKit
import SIPTrace

/// When each address was last heard of, for as long as two hours.
struct PeerTable: Sendable, Codable {
    private struct Peer: Sendable, Codable {
        var last: Int64
        var isBehindNAT: Bool
    }
    struct Quiet: Sendable {
        var nanoseconds: Int64
        var isBehindNAT: Bool
    }

    private var peers = GenerationTable<Peer>(lifetime: 7_200_000_000_000, limit: 100_000)

    /// Notes a message for both its ends.
    ///
    /// - Returns: how long the receiver had been quiet before it; `nil` when it was never heard of.
    mutating func note(_ record: ExchangeRecord, isBehindNAT: Bool, seed: UInt64) -> Quiet? {
        self.peers.advance(to: record.time)
        let (from, to) = (Self.key(record.source, seed), Self.key(record.destination, seed))
        let sender = self.peers[from]
        self.peers[from] = Peer(last: record.time, isBehindNAT: isBehindNAT || sender?.isBehindNAT ?? false)
        let receiver = self.peers[to]
        self.peers[to] = Peer(last: record.time, isBehindNAT: receiver?.isBehindNAT ?? false)
        return receiver.map { Quiet(nanoseconds: record.time - $0.last, isBehindNAT: $0.isBehindNAT) }
    }

    private static func key(_ address: SocketAddress, _ seed: UInt64) -> UInt64 {
        var hash = IdentityHash(seed: seed)
        hash.mix(address)
        return hash.value
    }
}
