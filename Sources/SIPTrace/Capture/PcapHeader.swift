/// The file header of a classic pcap file, and how its records are to be read.
struct PcapHeader: Sendable {
    let bigEndian: Bool
    /// Nanoseconds in one unit of a record's fraction.
    let fraction: Int64
    /// Eight bytes more in each record header: the "modified" format of the 1990s.
    let isModified: Bool
    let snapLength: Int
    let link: LinkType

    struct Kind {
        let bigEndian: Bool
        let fraction: Int64
        let isModified: Bool
    }

    /// - Parameter magic: the first four bytes, read as big-endian.
    static func kind(_ magic: UInt32) -> Kind? {
        switch magic {
        case 0xA1B2_C3D4: Kind(bigEndian: true, fraction: 1000, isModified: false)
        case 0xD4C3_B2A1: Kind(bigEndian: false, fraction: 1000, isModified: false)
        case 0xA1B2_3C4D: Kind(bigEndian: true, fraction: 1, isModified: false)
        case 0x4D3C_B2A1: Kind(bigEndian: false, fraction: 1, isModified: false)
        case 0xA1B2_CD34: Kind(bigEndian: true, fraction: 1000, isModified: true)
        case 0x34CD_B2A1: Kind(bigEndian: false, fraction: 1000, isModified: true)
        default: nil
        }
    }

    init(_ bytes: Span<UInt8>, _ kind: Kind) {
        self.bigEndian = kind.bigEndian
        self.fraction = kind.fraction
        self.isModified = kind.isModified
        self.snapLength = Int(kind.bigEndian ? bytes.u32(16) : bytes.u32(16).byteSwapped)
        let link = kind.bigEndian ? bytes.u32(20) : bytes.u32(20).byteSwapped
        // The upper bits tell about a frame check sequence; it lies behind the IP packet, where nobody looks.
        self.link = LinkType(inFile: link & 0xFFFF)
    }

    var recordHeaderSize: Int { self.isModified ? 24 : 16 }

    /// A record that claims more is damaged, and nobody allocates for it.
    var maximumRecord: Int { Swift.min(Swift.max(self.snapLength, 262_144), 1 << 26) }

    @inline(__always)
    func record(_ block: Span<UInt8>, _ at: Int) -> (captured: Int, wireLength: Int, time: Int64) {
        var (seconds, part) = (block.u32(at), block.u32(at &+ 4))
        var (captured, original) = (block.u32(at &+ 8), block.u32(at &+ 12))
        if !self.bigEndian {
            (seconds, part) = (seconds.byteSwapped, part.byteSwapped)
            (captured, original) = (captured.byteSwapped, original.byteSwapped)
        }
        return (Int(captured), Int(original), Int64(seconds) &* 1_000_000_000 &+ Int64(part) &* self.fraction)
    }
}
