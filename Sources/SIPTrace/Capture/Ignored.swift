/// Why a packet led to no SIP message. Every packet that was not shown has one of these, and summaries list them.
public enum Ignored: UInt8, CaseIterable, Sendable {
    /// The capture filter (BPF) did not select it.
    case filter
    case arp
    /// An Ethernet type (or its like) that carries no IP that we know.
    case notIP
    case unknownLink
    /// A header that is cut off or contradicts itself.
    case damaged
    /// A fragment whose other parts never came, or came too late.
    case fragment
    case tunnelTooDeep
    case icmp
    case igmp
    case otherProtocol
    /// TCP segments that only acknowledge, open or close; empty datagrams.
    case noPayload
    /// A retransmitted TCP segment that brought nothing new.
    case repeatedSegment
    /// Bytes of a TCP stream that belong to no message: its beginning was not captured or was lost.
    case streamFragment
    case keepAlive
    case rtp
    case stun
    case tls
    /// What TLS says to itself: handshakes, tickets, alerts.
    case tlsHandshake
    /// Bytes that are no SIP: another protocol on UDP, TCP or SCTP.
    case notSIP
    case hepDamaged
    case hepNotSIP

    /// For people: what stands in "not shown: 310 ARP, 14 fragments that never became whole".
    public var sentence: String {
        switch self {
        case .filter: "left out by the filter"
        case .arp: "ARP"
        case .notIP: "not IP"
        case .unknownLink: "of an unknown link type"
        case .damaged: "damaged"
        case .fragment: "IP fragments that never became whole"
        case .tunnelTooDeep: "in too many tunnels"
        case .icmp: "ICMP"
        case .igmp: "IGMP"
        case .otherProtocol: "of other IP protocols"
        case .noPayload: "without payload"
        case .repeatedSegment: "repeated TCP segments"
        case .streamFragment: "parts of TCP messages whose beginning is missing"
        case .keepAlive: "keep-alives"
        case .rtp: "RTP or RTCP"
        case .stun: "STUN"
        case .tls: "encrypted (TLS)"
        case .tlsHandshake: "TLS records without a message"
        case .notSIP: "not SIP"
        case .hepDamaged: "damaged HEP"
        case .hepNotSIP: "HEP without SIP"
        }
    }

    /// The name in JSON.
    public var staticKey: StaticString {
        switch self {
        case .filter: "filter"
        case .arp: "arp"
        case .notIP: "not_ip"
        case .unknownLink: "unknown_link"
        case .damaged: "damaged"
        case .fragment: "fragment"
        case .tunnelTooDeep: "tunnel_too_deep"
        case .icmp: "icmp"
        case .igmp: "igmp"
        case .otherProtocol: "other_protocol"
        case .noPayload: "no_payload"
        case .repeatedSegment: "repeated_segment"
        case .streamFragment: "stream_fragment"
        case .keepAlive: "keep_alive"
        case .rtp: "rtp"
        case .stun: "stun"
        case .tls: "tls"
        case .tlsHandshake: "tls_handshake"
        case .notSIP: "not_sip"
        case .hepDamaged: "hep_damaged"
        case .hepNotSIP: "hep_not_sip"
        }
    }
}

/// How many packets met which end. Their sum is the number of packets read.
public struct TraceCounts: Sendable {
    /// Packets read from the inputs.
    public var packets = 0
    /// Packets that passed the capture filter and are IP.
    public var passed = 0
    /// SIP messages found.
    public var messages = 0
    /// Messages of which the capture holds only a part.
    public var truncated = 0
    private var ignored = [Int](repeating: 0, count: Ignored.allCases.count)

    public init() {}

    @inline(__always)
    public mutating func count(_ reason: Ignored, _ number: Int = 1) { self.ignored[Int(reason.rawValue)] &+= number }

    public subscript(reason: Ignored) -> Int { self.ignored[Int(reason.rawValue)] }

    /// The reasons that occurred, the most frequent first.
    public var reasons: [(reason: Ignored, count: Int)] {
        Ignored.allCases.map { ($0, self[$0]) }.filter { $0.1 > 0 }.sorted { $0.1 > $1.1 }
    }
}
