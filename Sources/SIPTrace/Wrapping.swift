/// What a packet was wrapped in on its way to the capture, besides Ethernet and one IP header.
public struct Wrapping: OptionSet, Sendable, Hashable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let vlan = Wrapping(rawValue: 1 << 0)
    public static let mpls = Wrapping(rawValue: 1 << 1)
    public static let pppoe = Wrapping(rawValue: 1 << 2)
    public static let vnTag = Wrapping(rawValue: 1 << 3)
    public static let llc = Wrapping(rawValue: 1 << 4)
    public static let ipInIP = Wrapping(rawValue: 1 << 5)
    public static let gre = Wrapping(rawValue: 1 << 6)
    public static let erspan = Wrapping(rawValue: 1 << 7)
    public static let vxlan = Wrapping(rawValue: 1 << 8)
    public static let geneve = Wrapping(rawValue: 1 << 9)
    public static let gtpu = Wrapping(rawValue: 1 << 10)
    public static let tzsp = Wrapping(rawValue: 1 << 11)
    /// The packet came in fragments.
    public static let fragments = Wrapping(rawValue: 1 << 12)
    public static let hep = Wrapping(rawValue: 1 << 13)

    /// The names of what is in the set, outermost kinds first.
    public var names: [String] {
        let all: [(Wrapping, String)] = [
            (.vlan, "vlan"), (.mpls, "mpls"), (.pppoe, "pppoe"), (.vnTag, "vntag"), (.llc, "llc"), (.ipInIP, "ipip"),
            (.gre, "gre"), (.erspan, "erspan"), (.vxlan, "vxlan"), (.geneve, "geneve"), (.gtpu, "gtp-u"),
            (.tzsp, "tzsp"), (.fragments, "fragments"), (.hep, "hep"),
        ]
        return all.filter { self.contains($0.0) }.map(\.1)
    }
}
