import Glibc
import SIPKit

/// The addresses that this machine has now.
///
/// A proxy that listens on "all" binds each of them: what it writes into Via and Record-Route has to be an address that
/// others can send to, and 0.0.0.0 is none.
enum InterfaceAddresses {
    /// Addresses of interfaces that are up, of one family; link-local IPv6 is left out, it needs an interface to mean
    /// anything.
    static func all(_ family: IPAddress.Family) -> [IPAddress] {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [] }
        defer { freeifaddrs(list) }
        var found: [IPAddress] = []
        var entry = list
        while let current = entry {
            entry = current.pointee.ifa_next
            guard current.pointee.ifa_flags & UInt32(IFF_UP) != 0, let address = current.pointee.ifa_addr,
                let ip = Self.address(address), ip.family == family, !found.contains(ip)
            else { continue }
            if family == .v6, ip.high >> 54 == 0x3FA { continue }
            found.append(ip)
        }
        return found
    }

    private static func address(_ address: UnsafeMutablePointer<sockaddr>) -> IPAddress? {
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                IPAddress(v4: UInt32(bigEndian: $0.pointee.sin_addr.s_addr))
            }
        case AF_INET6:
            return address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                withUnsafeBytes(of: $0.pointee.sin6_addr) { bytes in
                    IPAddress(
                        v6: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                        UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
                }
            }
        default: return nil
        }
    }
}
