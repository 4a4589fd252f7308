/// What carries a message: the `transport` of a URI and of a Via (RFC 3261 §18, RFC 7118, RFC 4168).
public enum TransportProtocol: UInt8, Sendable, CaseIterable, BitwiseCopyable, Codable {
    case udp, tcp, tls, ws, wss, sctp

    /// As the Via writes it (`SIP/2.0/UDP`).
    public var viaName: StaticString {
        switch self {
        case .udp: "UDP"
        case .tcp: "TCP"
        case .tls: "TLS"
        case .ws: "WS"
        case .wss: "WSS"
        case .sctp: "SCTP"
        }
    }

    /// As a URI's `transport` parameter writes it.
    public var parameterName: StaticString {
        switch self {
        case .udp: "udp"
        case .tcp: "tcp"
        case .tls: "tls"
        case .ws: "ws"
        case .wss: "wss"
        case .sctp: "sctp"
        }
    }

    /// Whether the transport repeats what is lost, so that we must not (RFC 3261 §17).
    @inlinable public var isReliable: Bool { self != .udp }
    public var isSecure: Bool { self == .tls || self == .wss }
    public var defaultPort: UInt16 {
        switch self {
        case .udp, .tcp, .sctp: 5060
        case .tls: 5061
        case .ws: 80
        case .wss: 443
        }
    }

    /// Reads the name in any case; `nil` for one that nobody knows.
    public init?(parsing bytes: Span<UInt8>, _ range: ByteRange) {
        if bytes.equalsIgnoringCase(range, "udp") {
            self = .udp
        } else if bytes.equalsIgnoringCase(range, "tcp") {
            self = .tcp
        } else if bytes.equalsIgnoringCase(range, "tls") {
            self = .tls
        } else if bytes.equalsIgnoringCase(range, "ws") {
            self = .ws
        } else if bytes.equalsIgnoringCase(range, "wss") {
            self = .wss
        } else if bytes.equalsIgnoringCase(range, "sctp") {
            self = .sctp
        } else {
            return nil
        }
    }
}
