import SIPKit

/// Packets inside packets: GRE with ERSPAN, and the tunnels over UDP that networks mirror their traffic with.
extension PacketDecoder {
    static func isTunnelPort(_ port: Int) -> Bool { port == 4789 || port == 6081 || port == 2152 || port == 37008 }

    /// GRE (RFC 2784, RFC 2890) and the mirror formats over it.
    mutating func gre(_ bytes: Span<UInt8>, _ at: Int, _ depth: Int, _ packet: inout DecodedPacket) {
        guard at + 4 <= bytes.count else {
            packet.content = .nothing(.damaged)
            return
        }
        let flags = bytes.u16(at)
        let hasSequence = flags & 0x1000 != 0
        var place = at + 4
        if flags & 0x8000 != 0 { place += 4 }
        if flags & 0x2000 != 0 { place += 4 }
        if hasSequence { place += 4 }
        packet.wrapping.insert(.gre)
        switch bytes.u16(at + 2) {
        case 0x88BE:
            // Without a sequence number it is ERSPAN type I, which has no header of its own.
            packet.wrapping.insert(.erspan)
            self.ethernet(bytes, place + (hasSequence ? 8 : 0), depth, &packet)
        case 0x22EB:
            packet.wrapping.insert(.erspan)
            let hasSubheader = bytes.u8(place + 11) & 1 != 0
            self.ethernet(bytes, place + (hasSubheader ? 20 : 12), depth, &packet)
        case let type: self.network(bytes, place, type, depth, &packet)
        }
    }

    /// Looks whether a datagram to a tunnel's port really is that tunnel. If not, it stays the datagram it was: SIP
    /// may use any port.
    mutating func datagramTunnel(
        _ bytes: Span<UInt8>, _ at: Int, port: Int, _ depth: Int, _ packet: inout DecodedPacket
    ) {
        let before = packet
        switch port {
        case 4789:  // VXLAN (RFC 7348 §5): only the flag "I" is set.
            guard bytes.u8(at) == 8, at + 8 <= bytes.count else { return }
            packet.wrapping.insert(.vxlan)
            self.ethernet(bytes, at + 8, depth, &packet)
        case 6081:  // GENEVE (RFC 8926 §3.4)
            guard bytes.u8(at) >> 6 == 0, at + 8 <= bytes.count else { return }
            packet.wrapping.insert(.geneve)
            self.network(bytes, at + 8 + (bytes.u8(at) & 0x3F) * 4, bytes.u16(at + 2), depth, &packet)
        case 2152: self.gtpu(bytes, at, depth, &packet)
        default: self.tzsp(bytes, at, depth, &packet)
        }
        switch packet.content {
        case .nothing(.damaged), .nothing(.notIP): packet = before
        default: break
        }
    }

    /// GTP-U, version 1, message type 255: a user's packet (3GPP TS 29.281 §5.1).
    private mutating func gtpu(_ bytes: Span<UInt8>, _ at: Int, _ depth: Int, _ packet: inout DecodedPacket) {
        let flags = bytes.u8(at)
        guard flags >> 5 == 1, bytes.u8(at + 1) == 255 else { return }
        var place = at + 8
        if flags & 7 != 0 {
            place += 4
            var next = flags & 4 != 0 ? bytes.u8(at + 11) : 0
            while next != 0 {
                let length = bytes.u8(place) * 4
                guard length > 0, place + length <= bytes.count else { return }
                next = bytes.u8(place + length - 1)
                place += length
            }
        }
        packet.wrapping.insert(.gtpu)
        self.internet(bytes, place, depth, &packet)
    }

    private mutating func tzsp(_ bytes: Span<UInt8>, _ at: Int, _ depth: Int, _ packet: inout DecodedPacket) {
        guard let (start, link) = TZSP.frame(bytes, at) else { return }
        packet.wrapping.insert(.tzsp)
        self.link(bytes, start, link, depth, &packet)
    }
}
