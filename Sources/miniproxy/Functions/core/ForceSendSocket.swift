import SIPKit

extension FunctionBodies {
    /// `force_send_socket(udp:192.0.2.1:5060)`: which of our sockets sends the request on. One that this server does not
    /// have is told to the log, and the usual one sends.
    static let forceSendSocket = Body { arguments, context in
        guard let socket = SendSocket(arguments.text(0)), context.shared.selves.contains(socket.ip) else {
            context.log(0, Array("force_send_socket: \(Printable.text(arguments.text(0))) is no socket of ours".utf8))
            return .no
        }
        context.sendSocket = socket
        return .yes
    }
}

/// `[proto:]address[:port]`: a socket of ours that a script has chosen.
struct SendSocket: BitwiseCopyable, Equatable, Sendable {
    /// `nil`: whichever transport the request goes over.
    var transport: TransportProtocol?
    var ip: IPAddress
    /// `nil`: any.
    var port: UInt16?

    /// - Returns: `nil` for text that names no address.
    init?(_ text: [UInt8]) {
        var rest = text[...]
        if let colon = text.firstIndex(of: ASCII.colon) {
            self.transport = TransportProtocol(parsing: text.span, ByteRange(0, colon))
            if self.transport != nil { rest = text[(colon + 1)...] }
        }
        let parts = HostAndPort(Array(rest))
        guard let ip = IPAddress(parsing: parts.host.span, ByteRange(0, parts.host.count)) else { return nil }
        self.ip = ip
        self.port = parts.port
    }

    /// The socket that a URI of ours names; `nil` where its host is no address.
    init?(_ bytes: Span<UInt8>, _ uri: URIRanges) {
        guard let ip = IPAddress(parsing: bytes, uri.host) else { return nil }
        let word = uri.parameter("transport", in: bytes)
        let transport = word.flatMap { TransportProtocol(parsing: bytes, $0) } ?? .udp
        self.init(SocketAddress(ip, uri.port ?? transport.defaultPort), transport)
    }

    init(_ address: SocketAddress, _ transport: TransportProtocol) {
        self.transport = transport
        self.ip = address.ip.unmapped
        self.port = address.port
    }

    /// `udp:192.0.2.1:5060`, as databases have it.
    var text: [UInt8] {
        var text: [UInt8] = []
        if let transport {
            text.append(transport.parameterName)
            text.append(ASCII.colon)
        }
        text.append(host: self.ip)
        if let port {
            text.append(ASCII.colon)
            text.append(decimal: UInt64(port))
        }
        return text
    }

    func isSocket(_ address: SocketAddress, _ other: TransportProtocol) -> Bool {
        self.ip == address.ip && (self.port ?? address.port) == address.port && (self.transport ?? other) == other
    }
}
