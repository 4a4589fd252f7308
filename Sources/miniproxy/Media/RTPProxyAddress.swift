import SIPKit

/// Where a program that carries media takes commands: `udp:127.0.0.1:7722`, `unix:/var/run/rtpproxy.sock`, or only a path.
enum RTPProxyAddress: Sendable, Equatable, CustomStringConvertible {
    case udp(SocketAddress)
    case unix(String)

    /// The port where none is written.
    static let port: UInt16 = 22_222

    init?(_ text: String) {
        if text.hasPrefix("udp:") {
            guard let address = SocketAddress(text.dropFirst(4), defaultPort: Self.port) else { return nil }
            self = .udp(address)
            return
        }
        let path = text.hasPrefix("unix:") ? String(text.dropFirst(5)) : text
        // A socket's path has 107 bytes at most (unix(7)).
        guard path.hasPrefix("/"), path.utf8.count < 108 else { return nil }
        self = .unix(path)
    }

    var description: String {
        switch self {
        case .udp(let address): "udp:\(address)"
        case .unix(let path): "unix:\(path)"
        }
    }
}
