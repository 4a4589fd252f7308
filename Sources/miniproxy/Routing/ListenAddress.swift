import SIPKit

/// Where to listen, and for what: `udp:192.0.2.1:5060`, `tls:[2001:db8::1]`, `127.0.0.1` (UDP and TCP).
struct ListenAddress: Equatable {
    var transport: TransportProtocol
    var address: SocketAddress

    init(_ transport: TransportProtocol, _ address: SocketAddress) {
        self.transport = transport
        self.address = address
    }

    /// Without a transport both UDP and TCP, which RFC 3261 §18 has every element speak.
    static func both(_ address: SocketAddress) -> [ListenAddress] {
        [ListenAddress(.udp, address), ListenAddress(.tcp, address)]
    }

    /// Reads `[transport:]address[:port]`; a port of `*` is the transport's own.
    ///
    /// - Parameter defaultPort: for UDP and TCP without a port.
    /// - Returns: `nil` for what is no address.
    static func parse(_ text: String, defaultPort: UInt16 = 5060) -> [ListenAddress]? {
        var rest = Substring(text)
        var transport: TransportProtocol?
        for known in [TransportProtocol.udp, .tcp, .tls, .ws, .wss]
        where text.lowercased().hasPrefix("\(known.parameterName):") {
            transport = known
            rest = rest.dropFirst(known.parameterName.utf8CodeUnitCount + 1)
        }
        if rest.hasSuffix(":*") { rest = rest.dropLast(2) }
        let port: UInt16
        switch transport {
        case .tls?, .ws?, .wss?: port = transport?.defaultPort ?? defaultPort
        default: port = defaultPort
        }
        guard let address = rest == "*" ? SocketAddress(.anyV4, port) : SocketAddress(rest, defaultPort: port) else {
            return nil
        }
        return transport.map { [ListenAddress($0, address)] } ?? Self.both(address)
    }

    /// 0.0.0.0 and [::] stand for all addresses that the machine has: a Via names one.
    var concrete: [ListenAddress] {
        guard self.address.ip.isAny else { return [self] }
        let all = InterfaceAddresses.all(self.address.ip.family)
        return all.isEmpty
            ? [self] : all.map { ListenAddress(self.transport, SocketAddress($0, self.address.port)) }
    }
}
