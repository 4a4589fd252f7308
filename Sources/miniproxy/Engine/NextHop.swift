import SIPKit
import SIPNet

/// Where a URI leads, as far as it says so itself.
enum NextHop {
    /// - Parameter isFlow: it names a connection that a contact was registered over (RFC 5626).
    case address(SocketAddress, TransportProtocol, isFlow: Bool)
    /// A host name: RFC 3263 has to find out.
    case name(ResolverRequest)
    case refused(RouteFailure)

    /// - Parameter supported: the transports that we have sockets for.
    init(_ bytes: Span<UInt8>, _ uri: URIRanges?, supported: [TransportProtocol]) {
        guard let uri, uri.isSIP else {
            self = .refused(.badURI)
            return
        }
        let isSecure = uri.scheme == .sips
        var wanted: TransportProtocol?
        if let text = uri.parameter("transport", in: bytes) {
            guard let known = TransportProtocol(parsing: bytes, text) else {
                self = .refused(.badURI)
                return
            }
            wanted = known
        }
        guard let ip = IPAddress(parsing: bytes, uri.host) else {
            self = .name(
                ResolverRequest(
                    host: bytes.copy(uri.host), port: uri.port, transport: wanted, isSecure: isSecure,
                    supported: supported))
            return
        }
        var transport = wanted ?? (isSecure ? .tls : .udp)
        // `sips:` wants every hop secured (RFC 3261 §26.2.2).
        if isSecure {
            switch transport {
            case .tcp: transport = .tls
            case .ws: transport = .wss
            case .tls, .wss: break
            case .udp, .sctp:
                self = .refused(.badURI)
                return
            }
        }
        let port = uri.port ?? transport.defaultPort
        // Nobody's address, everybody's address: nothing of ours is ever sent there.
        guard port > 0, !ip.isAny, !ip.isMulticast, !ip.isBroadcast else {
            self = .refused(.badURI)
            return
        }
        self = .address(SocketAddress(ip, port), transport, isFlow: uri.parameter("ob", in: bytes) != nil)
    }
}
