import SIPTrace

/// The filter that the kernel gets: what the person asked for, and the packets in which it may be hidden.
///
/// `port 5060` loses every fragment but the first, and all of a VLAN or a tunnel. The exact decision is made again
/// after decoding, so the kernel may let through more.
enum KernelFilter {
    private static let hidden = [
        "(ip[6:2] & 0x3fff != 0)", "(ip6 proto 44)", "(ip proto 4 or ip proto 41 or ip proto 47)",
        "(udp dst port 4789 or udp dst port 6081 or udp dst port 2152 or udp dst port 37008)",
    ]

    static func widened(_ text: String, for live: LiveCapture) -> String {
        let base = "( \(text) ) or " + Self.hidden.joined(separator: " or ")
        // "vlan" moves the offsets of what follows it, so it stands last; not every link type has it.
        for candidate in ["\(base) or vlan", base] where live.accepts(candidate) { return candidate }
        return text
    }
}
