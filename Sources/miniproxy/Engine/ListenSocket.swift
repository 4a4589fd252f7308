import SIPKit

/// One of our sockets as messages name it.
struct ListenSocket: Sendable {
    /// What others see: the bound address, or the one that was set as advertised.
    let address: SocketAddress
    let transport: TransportProtocol
    /// `Via: SIP/2.0/UDP 192.0.2.1:5060;branch=`, ready to be copied.
    let viaPrefix: [UInt8]

    init(_ address: SocketAddress, _ transport: TransportProtocol = .udp) {
        self.address = address
        self.transport = transport
        var prefix: [UInt8] = []
        prefix.append("Via: SIP/2.0/")
        prefix.append(transport.viaName)
        prefix.append(ASCII.space)
        prefix.append(host: address.ip)
        // The trace of seed 000 and SER leave the default port out.
        if address.port != transport.defaultPort {
            prefix.append(ASCII.colon)
            prefix.append(decimal: UInt64(address.port))
        }
        prefix.append(";branch=")
        self.viaPrefix = prefix
    }
}
