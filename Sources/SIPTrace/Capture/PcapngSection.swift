import SIPKit

/// One section of a pcapng file: its byte order and the interfaces that were described so far.
struct PcapngSection: Sendable {
    static let header: UInt32 = 0x0A0D_0D0A
    /// A block that claims more is damaged. Secrets and packets are far below it.
    static let maximumBlock = 1 << 26
    /// More interfaces than this are an attack on memory.
    static let maximumInterfaces = 65_536

    struct Interface: Sendable {
        var link: LinkType
        var snapLength: Int
        /// Units of a second in which time is counted, and what is added to it.
        var unitsPerSecond: UInt64 = 1_000_000
        var offset: Int64 = 0

        func nanoseconds(_ ticks: UInt64) -> Int64 {
            let seconds = ticks / self.unitsPerSecond
            let (high, low) = (ticks % self.unitsPerSecond).multipliedFullWidth(by: 1_000_000_000)
            let fraction = self.unitsPerSecond.dividingFullWidth((high, low)).quotient
            let whole = Int64(truncatingIfNeeded: seconds) &+ self.offset
            return whole &* 1_000_000_000 &+ Int64(truncatingIfNeeded: fraction)
        }
    }

    enum Step {
        case nothing
        /// An interface was added.
        case changed
        case packet(PacketRecord)
        /// A TLS key log.
        case secrets(ByteRange)
        case damaged(String)
    }

    let bigEndian: Bool
    private(set) var interfaces: [Interface] = []

    init(bigEndian: Bool) { self.bigEndian = bigEndian }

    /// Reads the byte order from the first 12 bytes of a section header block.
    init?(header bytes: Span<UInt8>) {
        switch bytes.u32(8) {
        case 0x1A2B_3C4D: self.bigEndian = true
        case 0x4D3C_2B1A: self.bigEndian = false
        default: return nil
        }
    }

    @inline(__always)
    func u32(_ bytes: Span<UInt8>, _ at: Int) -> UInt32 {
        self.bigEndian ? bytes.u32(at) : bytes.u32(at).byteSwapped
    }

    @inline(__always)
    func u16(_ bytes: Span<UInt8>, _ at: Int) -> Int {
        let value = bytes.u16(at)
        return self.bigEndian ? value : (value & 0xFF) << 8 | value >> 8
    }

    /// Reads one block that lies whole in `block`.
    mutating func read(_ block: Span<UInt8>, _ start: Int, _ length: Int) -> Step {
        let body = start + 8
        let end = start + length - 4
        switch self.u32(block, start) {
        case 1: return self.readInterface(block, body, end)
        case 6:
            guard end - body >= 20 else { return .damaged("an enhanced packet block of \(length) bytes") }
            let ticks = UInt64(self.u32(block, body + 4)) << 32 | UInt64(self.u32(block, body + 8))
            return self.packet(
                Int(self.u32(block, body)), ticks, at: body + 20, end,
                captured: Int(self.u32(block, body + 12)), wire: Int(self.u32(block, body + 16)))
        case 2:
            guard end - body >= 20 else { return .damaged("a packet block of \(length) bytes") }
            let ticks = UInt64(self.u32(block, body + 4)) << 32 | UInt64(self.u32(block, body + 8))
            return self.packet(
                self.u16(block, body), ticks, at: body + 20, end,
                captured: Int(self.u32(block, body + 12)), wire: Int(self.u32(block, body + 16)))
        case 3:
            guard end - body >= 4, let first = self.interfaces.first else {
                return .damaged("a simple packet block without an interface")
            }
            let wire = Int(self.u32(block, body))
            let limit = first.snapLength == 0 ? wire : Swift.min(wire, first.snapLength)
            return self.packet(0, 0, at: body + 4, end, captured: Swift.min(limit, end - body - 4), wire: wire)
        case 10:
            // "TLSK": an NSS key log.
            let size = Swift.min(Int(self.u32(block, body + 4)), end - body - 8)
            guard self.u32(block, body) == 0x544C_534B, size > 0 else { return .nothing }
            return .secrets(ByteRange(body + 8, body + 8 + size))
        default: return .nothing
        }
    }

    private func packet(_ number: Int, _ ticks: UInt64, at start: Int, _ end: Int, captured: Int, wire: Int) -> Step {
        guard number < self.interfaces.count else {
            return .damaged("a packet of interface \(number), which was not described")
        }
        guard captured <= end - start else {
            return .damaged("a packet wants \(captured) bytes, its block has \(end - start)")
        }
        let interface = self.interfaces[number]
        return .packet(
            PacketRecord(
                time: interface.nanoseconds(ticks), start: start, count: captured, wireLength: wire,
                link: interface.link))
    }

    private mutating func readInterface(_ block: Span<UInt8>, _ body: Int, _ end: Int) -> Step {
        guard end - body >= 8, self.interfaces.count < Self.maximumInterfaces else {
            return .damaged("an interface description block that is too short, or one too many")
        }
        var interface = Interface(
            link: LinkType(inFile: UInt32(self.u16(block, body))), snapLength: Int(self.u32(block, body + 4)))
        var at = body + 8
        while at + 4 <= end {
            let (code, length) = (self.u16(block, at), self.u16(block, at + 2))
            guard code != 0, at + 4 + length <= end else { break }
            if code == 9, length >= 1 {
                let resolution = block.u8(at + 4)
                let power = resolution & 0x7F
                if resolution & 0x80 != 0, power < 63 {
                    interface.unitsPerSecond = 1 << UInt64(power)
                } else if resolution & 0x80 == 0, power <= 18 {
                    interface.unitsPerSecond = (0..<power).reduce(1) { units, _ in units &* 10 }
                }
            } else if code == 14, length >= 8 {
                let (first, second) = (self.u32(block, at + 4), self.u32(block, at + 8))
                let (high, low) = self.bigEndian ? (first, second) : (second, first)
                interface.offset = Int64(bitPattern: UInt64(high) << 32 | UInt64(low))
            }
            at += 4 + (length + 3) & ~3
        }
        self.interfaces.append(interface)
        return .changed
    }
}
