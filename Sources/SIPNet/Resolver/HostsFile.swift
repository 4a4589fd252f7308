import CCares
import Glibc
import SIPKit

/// `/etc/hosts`: before the name servers, as everywhere on the system.
enum HostsFile {
    /// The addresses that the file has for a name; `nil` where it does not know it, or for other kinds of questions.
    static func addresses(of question: DNSQuestion, _ channel: ares_channel) -> [IPAddress]? {
        switch question.kind {
        case .a: return Self.entry(question.name, AF_INET, channel)
        case .aaaa:
            if let found = Self.entry(question.name, AF_INET6, channel) { return found }
            // A name that stands there with IPv4 only has no IPv6 either.
            return Self.entry(question.name, AF_INET, channel) == nil ? nil : []
        case .srv, .naptr: return nil
        }
    }

    private static func entry(_ name: DNSName, _ family: Int32, _ channel: ares_channel) -> [IPAddress]? {
        var host: UnsafeMutablePointer<hostent>?
        guard ares_gethostbyname_file(channel, name.text, family, &host) == 0, let host else { return nil }
        defer { ares_free_hostent(host) }
        // c-ares answers with IPv4 for IPv6 where only that is there.
        guard host.pointee.h_addrtype == family, let list = host.pointee.h_addr_list else { return nil }
        var found: [IPAddress] = []
        var place = 0
        while let entry = list[place] {
            let raw = UnsafeRawPointer(entry)
            if family == AF_INET {
                found.append(IPAddress(v4: UInt32(bigEndian: raw.loadUnaligned(as: UInt32.self))))
            } else {
                found.append(
                    IPAddress(
                        v6: UInt64(bigEndian: raw.loadUnaligned(as: UInt64.self)),
                        UInt64(bigEndian: raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self))))
            }
            place += 1
        }
        return found.isEmpty ? nil : found
    }
}
