internal import SIPKit

/// Learns the address of the program whose log it is, which such logs do not write: what it sends has its own name on
/// top of the Vias.
struct OwnAddress: Sendable, Codable {
    private(set) var address: SocketAddress?

    mutating func learn(_ message: [UInt8], isReceived: Bool) {
        var index = MessageIndex()
        guard self.address == nil, (try? index.parse(message.span)) != nil else { return }
        // A request of ours, or an answer to one: the top Via is our own.
        guard index.isRequest != isReceived, let via = index.first(.via) else { return }
        var cursor = ByteCursor(message.span, via)
        guard let top = try? ViaRanges(parsing: &cursor), let ip = IPAddress(parsing: message.span, top.host) else {
            return
        }
        self.address = SocketAddress(ip, top.port ?? 5060)
    }

    mutating func origin(
        _ peer: SocketAddress, isReceived: Bool, _ transport: TransportProtocol, _ message: [UInt8], time: Int64
    ) -> MessageOrigin {
        self.learn(message, isReceived: isReceived)
        let own = self.address ?? SocketAddress(.anyV4, 5060)
        return MessageOrigin(
            time: time, source: isReceived ? peer : own, destination: isReceived ? own : peer, transport: transport,
            frame: 0)
    }
}
