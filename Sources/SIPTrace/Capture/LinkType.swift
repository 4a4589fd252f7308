/// What a packet of a capture begins with: the numbers of the registry at tcpdump.org (LINKTYPE_, not DLT_).
public struct LinkType: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let null = LinkType(rawValue: 0)
    public static let ethernet = LinkType(rawValue: 1)
    public static let ppp = LinkType(rawValue: 9)
    public static let pppSerial = LinkType(rawValue: 50)
    public static let raw = LinkType(rawValue: 101)
    public static let ciscoHDLC = LinkType(rawValue: 104)
    public static let wifi = LinkType(rawValue: 105)
    public static let loop = LinkType(rawValue: 108)
    public static let linuxCooked = LinkType(rawValue: 113)
    public static let radiotap = LinkType(rawValue: 127)
    public static let ipv4 = LinkType(rawValue: 228)
    public static let ipv6 = LinkType(rawValue: 229)
    public static let nflog = LinkType(rawValue: 239)
    public static let exportedPDU = LinkType(rawValue: 252)
    public static let linuxCooked2 = LinkType(rawValue: 276)

    /// The type that a file's number means: 12 and 14 are raw IP on the systems where such files were written.
    public init(inFile number: UInt32) {
        self.rawValue = number == 12 || number == 14 ? Self.raw.rawValue : number
    }

    /// The number that libpcap's functions take (DLT_); it differs from the file's for raw IP only.
    public var dlt: Int32 { self == .raw ? 12 : Int32(truncatingIfNeeded: self.rawValue) }

    /// The type of a libpcap handle.
    public init(dlt: Int32) { self.init(inFile: UInt32(bitPattern: dlt)) }

    /// The registry's name in small letters; the number where the name is not known.
    public var name: String { Self.names.first { $0.0 == self }?.1 ?? "link type \(self.rawValue)" }

    /// Reads a name or a number, as people write them on the command line.
    public init?(named text: String) {
        if let known = Self.names.first(where: { $0.1 == text.lowercased() }) {
            self = known.0
        } else if let number = UInt32(text) {
            self.init(inFile: number)
        } else {
            return nil
        }
    }

    /// Whether ``PacketDecoder`` finds the IP header in it.
    public var isKnown: Bool { Self.names.contains { $0.0 == self } }

    private static let names: [(LinkType, String)] = [
        (.ethernet, "en10mb"), (.null, "null"), (.loop, "loop"), (.raw, "raw"), (.ppp, "ppp"),
        (.pppSerial, "ppp_serial"), (.ciscoHDLC, "c_hdlc"), (.wifi, "ieee802_11"), (.radiotap, "ieee802_11_radio"),
        (.linuxCooked, "linux_sll"), (.linuxCooked2, "linux_sll2"), (.ipv4, "ipv4"), (.ipv6, "ipv6"),
        (.nflog, "nflog"), (.exportedPDU, "exported_pdu"),
    ]
}
