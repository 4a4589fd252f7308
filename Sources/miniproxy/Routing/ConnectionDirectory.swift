import SIPKit
import SIPNet

/// Which connections there are: asked for contacts that were registered over one.
protocol ConnectionDirectory: Sendable {
    func hasConnection(to address: SocketAddress, _ transport: TransportProtocol) -> Bool

    /// Requests for this port of the connection's peer go over it from now on.
    ///
    /// - Returns: `false` where another connection leads there, or this one is over.
    func addAlias(_ connection: UInt32, port: UInt16) -> Bool
}

extension StreamTransport: ConnectionDirectory {
    func hasConnection(to address: SocketAddress, _ transport: TransportProtocol) -> Bool {
        self.existing(to: address, transport) != nil
    }
}
