import CSockets
import Glibc
import SIPKit

/// Between addresses as numbers and the system's `sockaddr`, without text on the way.
extension SocketAddress {
    /// The address in a `sockaddr_in` or `sockaddr_in6`; `nil` for other families. IPv4 mapped into IPv6 comes out as IPv4.
    public init?(system storage: UnsafeRawPointer) {
        self.init(csockets_from_sockaddr(storage))
    }

    /// Lends the address as a `sockaddr` with its length.
    public func withSystemAddress<Result, Failure: Error>(
        _ body: (UnsafePointer<sockaddr>, socklen_t) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var storage = sockaddr_storage()
        let length = csockets_to_sockaddr(self.plain, &storage)
        let start = withUnsafeMutablePointer(to: &storage) { UnsafeRawPointer($0) }
        defer { withExtendedLifetime(storage) {} }
        return try body(start.assumingMemoryBound(to: sockaddr.self), length)
    }

    @inline(__always)
    init?(_ plain: csockets_address) {
        guard let ip = IPAddress(plain) else { return nil }
        self.init(ip, plain.port, scope: plain.scope)
    }

    @inline(__always)
    var plain: csockets_address {
        var plain = self.ip.plain
        plain.port = self.port
        plain.scope = self.scope
        return plain
    }
}

extension IPAddress {
    @inline(__always)
    init?(_ plain: csockets_address) {
        switch plain.family {
        case 4: self.init(v4: UInt32(truncatingIfNeeded: plain.low))
        case 6: self.init(v6: plain.high, plain.low)
        default: return nil
        }
    }

    @inline(__always)
    var plain: csockets_address {
        csockets_address(high: self.high, low: self.low, scope: 0, port: 0, family: self.family.rawValue)
    }
}
