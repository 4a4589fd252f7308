import SIPKit

/// Where a URI leads, as RFC 3263 asks: host, port and transport as they stand in it, and what we can use.
public struct ResolverRequest: Hashable, Sendable {
    public var host: [UInt8]
    public var port: UInt16?
    /// The `transport` parameter.
    public var transport: TransportProtocol?
    /// `sips:`
    public var isSecure: Bool
    /// The transports we have, the dearest first.
    public var supported: [TransportProtocol]
    /// The families of addresses we can reach, the dearest first.
    public var families: [IPAddress.Family]

    public init(
        host: [UInt8], port: UInt16? = nil, transport: TransportProtocol? = nil, isSecure: Bool = false,
        supported: [TransportProtocol] = [.udp, .tcp, .tls], families: [IPAddress.Family] = [.v4, .v6]
    ) {
        self.host = host
        self.port = port
        self.transport = transport
        self.isSecure = isSecure
        self.supported = supported
        self.families = families
    }

    /// Of a URI. Its `maddr` is not followed: it would let whoever writes the URI choose whom we send to.
    public init(
        _ uri: SIPURI, supported: [TransportProtocol] = [.udp, .tcp, .tls], families: [IPAddress.Family] = [.v4, .v6]
    ) {
        self.init(
            host: uri.host, port: uri.port, transport: uri.transport, isSecure: uri.isSecure, supported: supported,
            families: families)
    }
}

/// One place to try.
public struct ResolvedTarget: Hashable, Sendable {
    public var address: SocketAddress
    public var transport: TransportProtocol
    /// What the certificate has to name: the host of the URI, whatever DNS made of it (RFC 5922 §4).
    public var serverName: String

    public init(_ address: SocketAddress, _ transport: TransportProtocol, serverName: String) {
        self.address = address
        self.transport = transport
        self.serverName = serverName
    }
}

/// What was found: the places in the order in which they are tried (RFC 3263 §4.3), and how it came to that.
public struct Resolution: Hashable, Sendable {
    /// One question and what it brought, or one rule that was applied.
    public struct Step: Hashable, Sendable, CustomStringConvertible {
        public var question: DNSQuestion?
        /// `2 records: …`, or `no such name`.
        public var text: String

        public init(question: DNSQuestion?, text: String) {
            self.question = question
            self.text = text
        }

        public var description: String { self.question.map { "\($0): \(self.text)" } ?? self.text }
    }

    public var targets: [ResolvedTarget]
    public var steps: [Step]
    /// Why there is no target; `nil` where there is one.
    public var failure: String?

    public init(targets: [ResolvedTarget], steps: [Step], failure: String? = nil) {
        self.targets = targets
        self.steps = steps
        self.failure = failure
    }
}
