import Glibc
import SIPKit

extension SocketAddress {
    /// Hands the address over as the C library wants it.
    func withSystemAddress(_ use: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        if self.ip.family == .v4 {
            var v4 = sockaddr_in()
            v4.sin_family = sa_family_t(AF_INET)
            v4.sin_port = self.port.bigEndian
            v4.sin_addr.s_addr = UInt32(truncatingIfNeeded: self.ip.low).bigEndian
            return withUnsafePointer(to: &v4) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    use($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        var v6 = sockaddr_in6()
        v6.sin6_family = sa_family_t(AF_INET6)
        v6.sin6_port = self.port.bigEndian
        v6.sin6_scope_id = self.scope
        withUnsafeMutableBytes(of: &v6.sin6_addr) {
            $0.storeBytes(of: self.ip.high.bigEndian, toByteOffset: 0, as: UInt64.self)
            $0.storeBytes(of: self.ip.low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return withUnsafePointer(to: &v6) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                use($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
    }
}
