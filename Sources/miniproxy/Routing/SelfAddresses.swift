import SIPKit

/// What counts as `myself`: our sockets, and the names that we were given (LANGUAGE.md §7).
///
/// Host *and* port count: on a lab machine everything runs on one address, and a phone on another port of it is not us.
struct SelfAddresses: Sendable {
    private struct Name: Sendable {
        var host: [UInt8]
        /// `nil`: any port that one of our sockets has, or none.
        var port: UInt16?
    }

    private(set) var sockets: [SocketAddress] = []
    private var names: [Name] = []

    mutating func add(socket: SocketAddress) { self.sockets.append(socket) }

    /// Adds a name, or an address that other hosts know us by.
    mutating func add(alias host: String, port: UInt16? = nil) {
        self.names.append(Name(host: host.utf8.map(ASCII.lowercased), port: port))
    }

    /// The names without ports, for those who list served domains.
    var domains: [[UInt8]] { self.names.map(\.host) }

    func contains(_ address: IPAddress) -> Bool {
        self.sockets.contains { $0.ip == address || ($0.ip.isAny && address.isLoopback) }
    }

    /// Whether host and port of a URI are ours; a URI without a port means 5060.
    func contains(_ bytes: Span<UInt8>, _ uri: URIRanges) -> Bool {
        guard uri.isSIP else { return false }
        let port = uri.port ?? (uri.scheme == .sips ? 5061 : 5060)
        for name in self.names where Self.equals(bytes, uri.host, name.host) {
            if let wanted = name.port { if wanted == port { return true } } else if uri.port == nil { return true }
            if name.port == nil, self.sockets.contains(where: { $0.port == port }) { return true }
        }
        guard let ip = IPAddress(parsing: bytes, uri.host) else { return false }
        for socket in self.sockets where socket.port == port && (socket.ip == ip || (socket.ip.isAny && ip.isLoopback))
        {
            return true
        }
        return false
    }

    @inline(__always)
    private static func equals(_ bytes: Span<UInt8>, _ range: ByteRange, _ name: [UInt8]) -> Bool {
        guard range.count == name.count, range.end <= bytes.count else { return false }
        for place in 0..<name.count where ASCII.lowercased(bytes[unchecked: range.start &+ place]) != name[place] {
            return false
        }
        return true
    }
}
