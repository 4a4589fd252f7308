import Glibc
import SIPKit

/// Addresses of this host's network interfaces.
enum LocalInterface {
    /// The first address of the interface; IPv4 before IPv6 where no family is asked for.
    static func address(of name: String, family: IPAddress.Family?) -> IPAddress? {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return nil }
        defer { freeifaddrs(list) }
        var found: [IPAddress] = []
        var next = list
        while let entry = next?.pointee {
            next = entry.ifa_next
            guard String(cString: entry.ifa_name) == name, let address = entry.ifa_addr,
                let ip = NameLookup.address(address)
            else { continue }
            found.append(ip)
        }
        if let family { return found.first { $0.family == family } }
        return found.first { $0.family == .v4 } ?? found.first
    }
}
