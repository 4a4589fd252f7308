import SIPKit

/// What the decoder found in one packet: the innermost IP addresses and ports, and where the payload lies.
struct DecodedPacket {
    enum Content: Equatable {
        case udp, tcp, sctp
        /// A SIP message that some program exported without its packet (Wireshark's exported PDUs).
        case message(TransportProtocol)
        case nothing(Ignored)
        /// A fragment that was put aside until the others come.
        case waiting
    }

    var content: Content = .nothing(.damaged)
    var source = SocketAddress(.anyV4, 0)
    var destination = SocketAddress(.anyV4, 0)
    /// The transport's payload: in the packet, or in ``joined`` when fragments were joined.
    var payloadStart = 0
    var payloadEnd = 0
    /// How long the payload was on the wire; longer than the range when the packet was cut.
    var wirePayload = 0
    var sequence: UInt32 = 0
    var acknowledged: UInt32 = 0
    var flags: UInt8 = 0
    var wrapping: Wrapping = []
    /// Where the innermost IP header begins in the packet; -1 when there is none.
    var innerIP = -1
    /// Whether any fragment of a joined datagram passed the capture filter.
    var fragmentsPassed = false
    var joined: [UInt8]?
    var isIP = false

    static let fin: UInt8 = 1
    static let syn: UInt8 = 2
    static let rst: UInt8 = 4
    static let ack: UInt8 = 16
}
