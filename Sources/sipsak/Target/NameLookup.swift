import Glibc
import SIPKit

/// From a host to addresses, by the system's resolver: `/etc/hosts` and A/AAAA records.
///
/// SRV and NAPTR records are not asked for yet (RFC 3263 comes with the library's resolver).
enum NameLookup {
    /// Addresses of a host in the resolver's order; an address is itself. Empty when there are none.
    static func addresses(of host: String, family: IPAddress.Family? = nil) -> [IPAddress] {
        if let ip = IPAddress(host) { return family == nil || ip.family == family ? [ip] : [] }
        var hints = addrinfo()
        hints.ai_family = family.map { $0 == .v4 ? AF_INET : AF_INET6 } ?? AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [IPAddress] = []
        var next = list
        while let entry = next?.pointee {
            if let ip = Self.address(entry), !found.contains(ip) { found.append(ip) }
            next = entry.ai_next
        }
        // The original knows IPv4 only; a name with both is asked over IPv4 unless -6 says otherwise.
        return family == nil ? found.filter { $0.family == .v4 } + found.filter { $0.family == .v6 } : found
    }

    private static func address(_ entry: addrinfo) -> IPAddress? { entry.ai_addr.flatMap { Self.address($0) } }

    static func address(_ address: UnsafeMutablePointer<sockaddr>) -> IPAddress? {
        if Int32(address.pointee.sa_family) == AF_INET {
            return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                IPAddress(v4: UInt32(bigEndian: $0.pointee.sin_addr.s_addr))
            }
        }
        guard Int32(address.pointee.sa_family) == AF_INET6 else { return nil }
        return address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { v6 in
            withUnsafeBytes(of: &v6.pointee.sin6_addr) { bytes in
                let high = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
                let low = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
                return IPAddress(v6: high, low)
            }
        }
    }

    /// This host's name with its domain; `nil` where it has none.
    static func fullName() -> String? {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return nil }
        let text = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if text.utf8.contains(ASCII.dot) { return text }
        var hints = addrinfo()
        hints.ai_flags = Int32(AI_CANONNAME)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(text, nil, &hints, &list) == 0, let list else { return nil }
        defer { freeaddrinfo(list) }
        guard let canonical = list.pointee.ai_canonname else { return nil }
        let whole = String(cString: canonical)
        return whole.utf8.contains(ASCII.dot) ? whole : nil
    }
}
