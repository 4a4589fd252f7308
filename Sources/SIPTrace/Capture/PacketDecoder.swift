import SIPKit

/// From the first byte of a packet to the payload of its UDP datagram, TCP segment or SCTP packet: link headers, tags,
/// tunnels, IPv4 and IPv6 with their fragments.
///
/// Nothing in here trusts a length: each header is checked against the bytes that are there, and the layers are
/// counted, so that a packet which contains itself ends.
struct PacketDecoder {
    /// Tunnels in tunnels beyond this are an attack or a loop.
    static let maximumDepth = 8

    var fragments = IPReassembler()
    /// Whether to look into tunnels.
    var opensTunnels = true
    /// Whether the packet that is being decoded passed the capture filter: kept with a fragment.
    var framePassed = true
    /// Tried on the IP packet that a fragment is part of: only its first part has ports.
    var filter: PacketFilter?
    var time: Int64 = 0

    /// Reads one packet.
    mutating func decode(_ bytes: Span<UInt8>, _ link: LinkType, into packet: inout DecodedPacket) {
        // The two cases that nearly all packets are, without the long way.
        if link == .ethernet {
            return self.ethernet(bytes, 0, 0, &packet)
        }
        self.link(bytes, 0, link, 0, &packet)
    }

    mutating func network(
        _ bytes: Span<UInt8>, _ at: Int, _ etherType: Int, _ depth: Int, _ packet: inout DecodedPacket
    ) {
        switch etherType {
        case 0x0800, 0x86DD: self.internet(bytes, at, depth, &packet)
        case 0x8100, 0x88A8, 0x9100, 0x9200:
            packet.wrapping.insert(.vlan)
            guard depth < Self.maximumDepth * 2 else {
                packet.content = .nothing(.tunnelTooDeep)
                return
            }
            self.tagged(bytes, at + 4, bytes.u16(at + 2), depth + 1, &packet)
        case 0x8847, 0x8848: self.mpls(bytes, at, depth, &packet)
        case 0x8864:
            packet.wrapping.insert(.pppoe)
            self.ppp(bytes, at + 6, depth, &packet)
        case 0x8926:
            packet.wrapping.insert(.vnTag)
            self.network(bytes, at + 6, bytes.u16(at + 4), depth + 1, &packet)
        case 0x0806: packet.content = .nothing(.arp)
        case 0x6558: self.ethernet(bytes, at, depth + 1, &packet)
        default: packet.content = .nothing(.notIP)
        }
    }

    /// An IP header of either version, by its first nibble.
    mutating func internet(_ bytes: Span<UInt8>, _ at: Int, _ depth: Int, _ packet: inout DecodedPacket) {
        guard depth <= Self.maximumDepth else {
            packet.content = .nothing(.tunnelTooDeep)
            return
        }
        switch bytes.u8(at) >> 4 {
        case 4: self.ipv4(bytes, at, depth, &packet)
        case 6: self.ipv6(bytes, at, depth, &packet)
        default: packet.content = .nothing(.damaged)
        }
    }

    private mutating func ipv4(_ bytes: Span<UInt8>, _ at: Int, _ depth: Int, _ packet: inout DecodedPacket) {
        let headerLength = (bytes.u8(at) & 15) * 4
        guard headerLength >= 20, at + headerLength <= bytes.count else {
            packet.content = .nothing(.damaged)
            return
        }
        // A length of 0 stands where the network card cuts large packets itself.
        let total = bytes.u16(at + 2)
        let wireEnd = total == 0 ? bytes.count : at + total
        guard wireEnd >= at + headerLength else {
            packet.content = .nothing(.damaged)
            return
        }
        packet.isIP = true
        packet.innerIP = packet.joined == nil ? at : packet.innerIP
        packet.source.ip = IPAddress(v4: bytes.u32(at + 12))
        packet.destination.ip = IPAddress(v4: bytes.u32(at + 16))
        let flags = bytes.u16(at + 6)
        let start = at + headerLength
        let end = Swift.min(wireEnd, bytes.count)
        guard flags & 0x3FFF == 0 else {
            let key = IPReassembler.Key(
                source: packet.source.ip, destination: packet.destination.ip, id: UInt32(bytes.u16(at + 4)),
                proto: UInt8(bytes.u8(at + 9)))
            self.fragment(
                bytes, start, end, key, offset: (flags & 0x1FFF) * 8, more: flags & 0x2000 != 0, depth, &packet)
            return
        }
        self.transport(bytes, bytes.u8(at + 9), start, end, wireEnd, depth, &packet)
    }

    private mutating func ipv6(_ bytes: Span<UInt8>, _ at: Int, _ depth: Int, _ packet: inout DecodedPacket) {
        guard at + 40 <= bytes.count else {
            packet.content = .nothing(.damaged)
            return
        }
        packet.isIP = true
        packet.innerIP = packet.joined == nil ? at : packet.innerIP
        packet.source.ip = IPAddress(v6: bytes.u64(at + 8), bytes.u64(at + 16))
        packet.destination.ip = IPAddress(v6: bytes.u64(at + 24), bytes.u64(at + 32))
        let length = bytes.u16(at + 4)
        let wireEnd = length == 0 ? bytes.count : at + 40 + length
        let end = Swift.min(wireEnd, bytes.count)
        var next = bytes.u8(at + 6)
        var place = at + 40
        // Extension headers (RFC 8200 §4); each moves forward by at least 8 bytes, so this ends.
        while true {
            switch next {
            case 0, 43, 60, 135, 139, 140:
                guard place + 8 <= end else {
                    packet.content = .nothing(.damaged)
                    return
                }
                next = bytes.u8(place)
                place += (bytes.u8(place + 1) + 1) * 8
            case 51:
                guard place + 8 <= end else {
                    packet.content = .nothing(.damaged)
                    return
                }
                next = bytes.u8(place)
                place += (bytes.u8(place + 1) + 2) * 4
            case 44:
                guard place + 8 <= end else {
                    packet.content = .nothing(.damaged)
                    return
                }
                let field = bytes.u16(place + 2)
                let proto = bytes.u8(place)
                if field & 0xFFF9 == 0 {
                    next = proto
                    place += 8
                    continue
                }
                let key = IPReassembler.Key(
                    source: packet.source.ip, destination: packet.destination.ip, id: bytes.u32(place + 4),
                    proto: UInt8(proto))
                self.fragment(
                    bytes, place + 8, end, key, offset: field & 0xFFF8, more: field & 1 != 0, depth, &packet)
                return
            default:
                self.transport(bytes, next, place, end, wireEnd, depth, &packet)
                return
            }
        }
    }

    private mutating func fragment(
        _ bytes: Span<UInt8>, _ start: Int, _ end: Int, _ key: IPReassembler.Key, offset: Int, more: Bool,
        _ depth: Int, _ packet: inout DecodedPacket
    ) {
        packet.wrapping.insert(.fragments)
        packet.content = .waiting
        guard start < end else {
            packet.content = .nothing(.damaged)
            return
        }
        let piece = bytes.part(start, end)
        let inner = packet.innerIP
        let passed =
            self.framePassed || inner > 0 && self.filter?.matchesIP(bytes.part(inner, bytes.count)) ?? false
        guard let whole = self.fragments.add(piece, key, at: offset, more: more, passed: passed, self.time)
        else { return }
        packet.fragmentsPassed = packet.fragmentsPassed || whole.passed
        packet.joined = []
        self.transport(whole.bytes.span, Int(key.proto), 0, whole.bytes.count, whole.bytes.count, depth, &packet)
        // A tunnel inside may have joined fragments of its own; then the payload lies in those.
        if packet.joined?.isEmpty ?? true { packet.joined = whole.bytes }
    }

    mutating func transport(
        _ bytes: Span<UInt8>, _ proto: Int, _ start: Int, _ end: Int, _ wireEnd: Int, _ depth: Int,
        _ packet: inout DecodedPacket
    ) {
        switch proto {
        case 17: self.udp(bytes, start, end, wireEnd, depth, &packet)
        case 6: self.tcp(bytes, start, end, wireEnd, &packet)
        case 132:
            guard start + 12 <= end else {
                packet.content = .nothing(.damaged)
                return
            }
            packet.source.port = UInt16(bytes.u16(start))
            packet.destination.port = UInt16(bytes.u16(start + 2))
            (packet.payloadStart, packet.payloadEnd) = (start + 12, end)
            packet.wirePayload = wireEnd - start - 12
            packet.content = .sctp
        case 4, 41:
            guard self.opensTunnels else {
                packet.content = .nothing(.otherProtocol)
                return
            }
            packet.wrapping.insert(.ipInIP)
            self.internet(bytes.part(0, end), start, depth + 1, &packet)
        case 47:
            guard self.opensTunnels else {
                packet.content = .nothing(.otherProtocol)
                return
            }
            self.gre(bytes.part(0, end), start, depth + 1, &packet)
        case 1, 58: packet.content = .nothing(.icmp)
        case 2: packet.content = .nothing(.igmp)
        case 59: packet.content = .nothing(.noPayload)
        default: packet.content = .nothing(.otherProtocol)
        }
    }

    private mutating func udp(
        _ bytes: Span<UInt8>, _ start: Int, _ end: Int, _ wireEnd: Int, _ depth: Int, _ packet: inout DecodedPacket
    ) {
        guard start + 8 <= end else {
            packet.content = .nothing(.damaged)
            return
        }
        let (from, to) = (bytes.u16(start), bytes.u16(start + 2))
        packet.source.port = UInt16(truncatingIfNeeded: from)
        packet.destination.port = UInt16(truncatingIfNeeded: to)
        // 0 where a network card or a jumbogram leaves the length out; never beyond the IP packet.
        let claimed = bytes.u16(start + 4)
        let wire = claimed < 8 ? wireEnd : Swift.min(start + claimed, wireEnd)
        (packet.payloadStart, packet.payloadEnd) = (start + 8, Swift.min(wire, end))
        packet.wirePayload = wire - start - 8
        packet.content = .udp
        if self.opensTunnels, Self.isTunnelPort(to), depth < Self.maximumDepth {
            self.datagramTunnel(bytes.part(0, packet.payloadEnd), start + 8, port: to, depth + 1, &packet)
        }
    }

    private mutating func tcp(
        _ bytes: Span<UInt8>, _ start: Int, _ end: Int, _ wireEnd: Int, _ packet: inout DecodedPacket
    ) {
        guard start + 20 <= end else {
            packet.content = .nothing(.damaged)
            return
        }
        let headerLength = (bytes.u8(start + 12) >> 4) * 4
        guard headerLength >= 20, start + headerLength <= end else {
            packet.content = .nothing(.damaged)
            return
        }
        packet.source.port = UInt16(truncatingIfNeeded: bytes.u16(start))
        packet.destination.port = UInt16(truncatingIfNeeded: bytes.u16(start + 2))
        packet.sequence = bytes.u32(start + 4)
        packet.acknowledged = bytes.u32(start + 8)
        packet.flags = UInt8(truncatingIfNeeded: bytes.u8(start + 13))
        (packet.payloadStart, packet.payloadEnd) = (start + headerLength, end)
        packet.wirePayload = wireEnd - start - headerLength
        packet.content = .tcp
    }
}
