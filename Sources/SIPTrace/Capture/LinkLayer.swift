import SIPKit

/// The headers before IP, for every link type that ``LinkType`` names.
extension PacketDecoder {
    mutating func link(
        _ bytes: Span<UInt8>, _ at: Int, _ link: LinkType, _ depth: Int, _ packet: inout DecodedPacket
    ) {
        switch link {
        case .ethernet: self.ethernet(bytes, at, depth, &packet)
        case .null, .loop:
            // Four bytes of address family in the order and numbering of the system that wrote it; the version nibble
            // of what follows is the better witness.
            self.internet(bytes, at + 4, depth, &packet)
        case .raw, .ipv4, .ipv6: self.internet(bytes, at, depth, &packet)
        case .linuxCooked: self.tagged(bytes, at + 16, bytes.u16(at + 14), depth, &packet)
        case .linuxCooked2: self.tagged(bytes, at + 20, bytes.u16(at), depth, &packet)
        case .ppp, .pppSerial: self.ppp(bytes, at, depth, &packet)
        case .ciscoHDLC: self.network(bytes, at + 4, bytes.u16(at + 2), depth, &packet)
        case .wifi: self.wifi(bytes, at, depth, &packet)
        case .radiotap:
            // Its length is little-endian whatever the machine.
            let length = bytes.u8(at + 2) | bytes.u8(at + 3) << 8
            guard length >= 8 else {
                packet.content = .nothing(.damaged)
                return
            }
            self.wifi(bytes, at + length, depth, &packet)
        case .nflog: self.nflog(bytes, at, depth, &packet)
        case .exportedPDU: self.exportedPDU(bytes, at, &packet)
        default: packet.content = .nothing(.unknownLink)
        }
    }

    mutating func ethernet(_ bytes: Span<UInt8>, _ at: Int, _ depth: Int, _ packet: inout DecodedPacket) {
        guard depth <= Self.maximumDepth else {
            packet.content = .nothing(.tunnelTooDeep)
            return
        }
        guard at + 14 <= bytes.count else {
            packet.content = .nothing(.damaged)
            return
        }
        self.tagged(bytes, at + 14, bytes.u16(at + 12), depth, &packet)
    }

    /// What follows a type field that may be a length instead: 802.3 with LLC/SNAP (RFC 1042).
    mutating func tagged(
        _ bytes: Span<UInt8>, _ at: Int, _ type: Int, _ depth: Int, _ packet: inout DecodedPacket
    ) {
        if type > 1500 { return self.network(bytes, at, type, depth, &packet) }
        self.llc(bytes, at, depth, &packet)
    }

    private mutating func llc(_ bytes: Span<UInt8>, _ at: Int, _ depth: Int, _ packet: inout DecodedPacket) {
        guard bytes.u16(at) == 0xAAAA, bytes.u8(at + 2) == 3, at + 8 <= bytes.count else {
            packet.content = .nothing(.notIP)
            return
        }
        packet.wrapping.insert(.llc)
        self.network(bytes, at + 8, bytes.u16(at + 6), depth + 1, &packet)
    }

    mutating func mpls(_ bytes: Span<UInt8>, _ at: Int, _ depth: Int, _ packet: inout DecodedPacket) {
        packet.wrapping.insert(.mpls)
        var place = at
        while true {
            guard place + 4 <= bytes.count else {
                packet.content = .nothing(.damaged)
                return
            }
            let isBottom = bytes.u8(place + 2) & 1 != 0
            place += 4
            if isBottom { break }
        }
        switch bytes.u8(place) >> 4 {
        case 4, 6: self.internet(bytes, place, depth + 1, &packet)
        // A control word (RFC 4385), then the Ethernet frame of a pseudowire.
        case 0: self.ethernet(bytes, place + 4, depth + 1, &packet)
        default: packet.content = .nothing(.notIP)
        }
    }

    mutating func ppp(_ bytes: Span<UInt8>, _ at: Int, _ depth: Int, _ packet: inout DecodedPacket) {
        var place = at
        // Address and control may be left out, and the protocol's first byte when it is 0 (RFC 1661 §6.5, §6.6).
        if bytes.u16(place) == 0xFF03 { place += 2 }
        var proto = bytes.u8(place)
        place += 1
        if proto & 1 == 0 {
            proto = proto << 8 | bytes.u8(place)
            place += 1
        }
        switch proto {
        case 0x21, 0x57: self.internet(bytes, place, depth + 1, &packet)
        case 0x281, 0x283: self.mpls(bytes, place, depth + 1, &packet)
        default: packet.content = .nothing(.notIP)
        }
    }

    private mutating func wifi(_ bytes: Span<UInt8>, _ at: Int, _ depth: Int, _ packet: inout DecodedPacket) {
        let control = bytes.u16(at)
        // Data frames with a body only; what is encrypted on the air stays so.
        guard control >> 10 & 3 == 2, control & 0x4000 == 0 else {
            packet.content = .nothing(.notIP)
            return
        }
        guard control & 0x40 == 0 else {
            packet.content = .nothing(.notIP)
            return
        }
        var length = 24
        if control & 3 == 3 { length += 6 }
        if control & 0x8000 != 0 {
            length += 2
            if control & 0x80 != 0 { length += 4 }
        }
        self.llc(bytes, at + length, depth, &packet)
    }

    private mutating func nflog(_ bytes: Span<UInt8>, _ at: Int, _ depth: Int, _ packet: inout DecodedPacket) {
        var place = at + 4
        while place + 4 <= bytes.count {
            // In the order of the machine that wrote it: nearly always little-endian.
            let length = bytes.u8(place) | bytes.u8(place + 1) << 8
            let type = bytes.u8(place + 2) | bytes.u8(place + 3) << 8
            guard length >= 4 else { break }
            if type == 9 { return self.internet(bytes.part(0, place + length), place + 4, depth, &packet) }
            place += (length + 3) & ~3
        }
        packet.content = .nothing(.notIP)
    }

    /// Wireshark's "export PDUs": tags that tell addresses and ports, then the message itself.
    private func exportedPDU(_ bytes: Span<UInt8>, _ at: Int, _ packet: inout DecodedPacket) {
        var place = at
        var isSIP = false
        var transport = TransportProtocol.udp
        while place + 4 <= bytes.count {
            let (tag, length) = (bytes.u16(place), bytes.u16(place + 2))
            let value = place + 4
            place = value + length
            guard place <= bytes.count else { break }
            switch tag {
            case 0:
                guard isSIP else {
                    packet.content = .nothing(.notSIP)
                    return
                }
                (packet.payloadStart, packet.payloadEnd) = (place, bytes.count)
                packet.wirePayload = bytes.count - place
                packet.content = .message(transport)
                return
            case 12, 13:
                let name = bytes.string(.init(value, value + length))
                isSIP = isSIP || name.hasPrefix("sip")
            case 20 where length == 4: packet.source.ip = IPAddress(v4: bytes.u32(value))
            case 21 where length == 4: packet.destination.ip = IPAddress(v4: bytes.u32(value))
            case 22 where length == 16: packet.source.ip = IPAddress(v6: bytes.u64(value), bytes.u64(value + 8))
            case 23 where length == 16: packet.destination.ip = IPAddress(v6: bytes.u64(value), bytes.u64(value + 8))
            case 24 where bytes.u32(value) == 2: transport = .tcp
            case 25: packet.source.port = UInt16(truncatingIfNeeded: bytes.u32(value))
            case 26: packet.destination.port = UInt16(truncatingIfNeeded: bytes.u32(value))
            default: break
            }
        }
        packet.content = .nothing(.damaged)
    }
}
