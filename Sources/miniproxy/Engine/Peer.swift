import SIPKit

/// The other end of a message: an address, what carries it, and over which of our sockets or connections.
struct Peer: BitwiseCopyable, Equatable {
    var address: SocketAddress
    var transport: TransportProtocol
    /// Which of our listening sockets: where it came in, or from where it goes out.
    var socket: UInt16
    /// The connection of a stream transport; 0 for datagrams, and for "open one".
    var connection: UInt32
    /// The name that TLS has to find in the certificate: its place in ``ServerNames``; 0 for none.
    var name: UInt32
    /// What the script wants of the connection that an answer goes over.
    var reply = ReplyConnection()

    /// `set_reply_close()`, `set_reply_no_connect()`.
    struct ReplyConnection: OptionSet, BitwiseCopyable {
        let rawValue: UInt8
        /// Closed behind a final answer.
        static let closes = ReplyConnection(rawValue: 1)
        /// No new one is opened where it has gone.
        static let opensNone = ReplyConnection(rawValue: 2)
    }

    init(
        _ address: SocketAddress, _ transport: TransportProtocol = .udp, socket: UInt16 = 0, connection: UInt32 = 0,
        name: UInt32 = 0
    ) {
        self.address = address
        self.transport = transport
        self.socket = socket
        self.connection = connection
        self.name = name
    }
}

extension Peer {
    /// `sip:192.0.2.1:5060`, with the transport where that is not UDP.
    var uri: [UInt8] {
        var uri: [UInt8] = []
        uri.append("sip:" as StaticString)
        uri.append(host: self.address.ip)
        uri.append(ASCII.colon)
        uri.append(decimal: UInt64(self.address.port))
        if self.transport != .udp {
            uri.append(";transport=" as StaticString)
            uri.append(self.transport.parameterName)
        }
        return uri
    }
}
