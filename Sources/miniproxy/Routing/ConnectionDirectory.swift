import SIPKit
import SIPNet

/// Which connections there are: asked for contacts that were registered over one.
protocol ConnectionDirectory: Sendable {
    func hasConnection(to address: SocketAddress, _ transport: TransportProtocol) -> Bool
}

extension StreamTransport: ConnectionDirectory {
    func hasConnection(to address: SocketAddress, _ transport: TransportProtocol) -> Bool {
        self.existing(to: address, transport) != nil
    }
}
