import SIPKit

/// From packets to SIP messages: the whole way through links, tunnels, fragments, streams and wrappers.
///
/// Give it every packet of an input in order; it hands on each message the moment it is complete, with its bytes still
/// where they lie, and counts what became of every packet. At the end call ``finish(_:)`` for what still waits.
public struct MessageExtractor {
    /// Called for each message. The bytes are good during the call only.
    public typealias Deliver = (MessageOrigin, Span<UInt8>) -> Void

    public private(set) var counts = TraceCounts()
    /// Selects packets; tried on the packet as captured and on the innermost IP packet in it.
    public var filter: PacketFilter?
    /// Whether to join TCP segments; without, each segment is looked at as if it were a datagram.
    public var joinsSegments = true
    public var opensTunnels: Bool {
        get { self.decoder.opensTunnels }
        set { self.decoder.opensTunnels = newValue }
    }
    /// Whether HEP packets are opened.
    public var opensHEP = true

    /// Opens TLS connections whose secrets it knows.
    public var keys: TLSKeyLog? {
        get { self.streams.keys }
        set { self.streams.keys = newValue }
    }
    /// Whether records are kept for keys that come later.
    public var holdsForKeys: Bool {
        get { self.streams.holdsForKeys }
        set { self.streams.holdsForKeys = newValue }
    }
    /// TLS connections that could not be opened and why, as sentences.
    public private(set) var closedConnections: [String] = []

    /// Gets the datagrams that look like RTP, when somebody wants to know about them.
    public var media: MediaTracker?

    /// Gets what is no message: media, keep-alives, packets without payload.
    public var others: ((MessageOrigin, Span<UInt8>, Ignored) -> Void)?

    private var decoder = PacketDecoder()
    private var streams = StreamTable()
    private var sctp = SCTPReassembler()

    public init() {}

    /// Takes one packet.
    ///
    /// - Parameters:
    ///   - bytes: the captured bytes.
    ///   - record: its time, link type and length on the wire.
    ///   - input: which input it is of.
    public mutating func take(_ bytes: Span<UInt8>, _ record: PacketRecord, input: Int = 0, _ deliver: Deliver) {
        self.counts.packets &+= 1
        let framePassed = self.filter?.matches(bytes, record) ?? true
        var packet = DecodedPacket()
        self.decoder.framePassed = framePassed
        self.decoder.filter = self.filter
        self.decoder.time = record.time
        self.decoder.decode(bytes, record.link, into: &packet)
        if !framePassed, let filter = self.filter {
            let inner = packet.innerIP
            guard packet.fragmentsPassed || inner > 0 && filter.matchesIP(bytes.part(inner, bytes.count)) else {
                // A fragment may belong to a datagram whose first part passes.
                if packet.content != .waiting { self.counts.count(.filter) }
                return
            }
        }
        if packet.isIP { self.counts.passed &+= 1 }
        var origin = MessageOrigin(
            time: record.time, source: packet.source, destination: packet.destination, transport: .udp,
            frame: self.counts.passed, input: input, wrapping: packet.wrapping)
        let wireLoss =
            packet.joined == nil ? Swift.max(0, packet.wirePayload - (packet.payloadEnd - packet.payloadStart)) : 0
        if let joined = packet.joined {
            self.take(joined.span.part(packet.payloadStart, packet.payloadEnd), packet, &origin, wireLoss, deliver)
        } else {
            self.take(bytes.part(packet.payloadStart, packet.payloadEnd), packet, &origin, wireLoss, deliver)
        }
    }

    private mutating func take(
        _ payload: Span<UInt8>, _ packet: borrowing DecodedPacket, _ origin: inout MessageOrigin, _ missing: Int,
        _ deliver: Deliver
    ) {
        switch packet.content {
        case .udp: self.datagram(payload, &origin, missing, deliver)
        case .tcp:
            origin.transport = .tcp
            origin.tcpFlags = packet.flags
            if self.joinsSegments {
                if payload.count == 0, let others = self.others { others(origin, payload, .noPayload) }
                self.streams.take(
                    payload, packet, origin, missing: missing, &self.counts, opensHEP: self.opensHEP, deliver)
            } else {
                self.datagram(payload, &origin, missing, deliver)
            }
        case .sctp:
            origin.transport = .sctp
            let key = SCTPReassembler.Key(source: origin.source, destination: origin.destination)
            guard let messages = self.sctp.take(payload, key) else { return self.counts.count(.damaged) }
            if messages.isEmpty { return self.counts.count(.noPayload) }
            for message in messages { self.datagram(message.span, &origin, 0, deliver) }
        case .message(let transport):
            origin.transport = transport
            self.datagram(payload, &origin, missing, deliver)
        case .nothing(let reason): self.counts.count(reason)
        case .waiting: break
        }
    }

    /// A payload that is a message by itself, or none.
    private mutating func datagram(
        _ payload: Span<UInt8>, _ origin: inout MessageOrigin, _ missing: Int, _ deliver: Deliver
    ) {
        guard payload.count > 0 else {
            if let others = self.others { others(origin, payload, .noPayload) }
            return self.counts.count(.noPayload)
        }
        switch SIPStart.look(payload, at: 0) {
        case .yes: break
        case .undecided(let at) where at < payload.count && SIPStart.isCutRequest(payload, at: at): break
        default: return self.other(payload, origin, deliver)
        }
        if missing > 0 {
            origin.wireLength = payload.count + missing
            self.counts.truncated &+= 1
        }
        origin.capturedLength = payload.count
        self.counts.messages &+= 1
        deliver(origin, payload)
    }

    /// A datagram that does not begin as SIP does: HEP, or one of the reasons not to show it.
    private mutating func other(_ payload: Span<UInt8>, _ origin: MessageOrigin, _ deliver: Deliver) {
        if self.opensHEP, Self.mayBeHEP(payload) {
            if let hep = try? HEPPacket(parsing: payload) {
                return self.deliver(hep, origin, &self.counts, deliver)
            }
            if payload.u32(0) == 0x4845_5033 { return self.counts.count(.hepDamaged) }
        }
        let kind = Self.kind(of: payload)
        if kind == .rtp, let media = self.media { media.take(origin, payload) }
        if let others = self.others { others(origin, payload, kind) }
        self.counts.count(kind)
    }

    private func deliver(
        _ hep: HEPPacket, _ origin: MessageOrigin, _ counts: inout TraceCounts, _ deliver: Deliver
    ) {
        StreamTable.deliver(hep, origin, &counts, deliver)
    }

    private static func mayBeHEP(_ payload: Span<UInt8>) -> Bool {
        payload.u32(0) == 0x4845_5033 || payload.u8(0) == 1 || payload.u8(0) == 2
    }

    /// What a payload that is no SIP most likely is.
    static func kind(of payload: Span<UInt8>) -> Ignored {
        let first = payload.u8(0)
        if first >> 6 == 2, payload.count >= 8 { return .rtp }
        if first >> 6 == 0, payload.u32(4) == 0x2112_A442, payload.count >= 20 { return .stun }
        var at = 0
        while at < Swift.min(payload.count, 8), [0, 10, 13, 32].contains(payload.u8(at)) { at += 1 }
        if at == payload.count { return .keepAlive }
        if payload.count <= 4, payload.u8(0) == 0x6A { return .keepAlive }  // "jaK": a keep-alive of old Nortel phones.
        return .notSIP
    }

    /// Takes a HEP packet that was sent to us.
    ///
    /// - Parameter time: when it came, for packets that do not tell.
    public mutating func takeHEP(_ bytes: Span<UInt8>, time: Int64, _ deliver: Deliver) {
        self.counts.packets &+= 1
        self.counts.passed &+= 1
        guard let hep = try? HEPPacket(parsing: bytes) else { return self.counts.count(.hepDamaged) }
        let origin = MessageOrigin(
            time: time, source: hep.source, destination: hep.destination, transport: hep.transport,
            frame: self.counts.passed)
        StreamTable.deliver(hep, origin, &self.counts, deliver)
    }

    /// Takes a message that another program printed.
    public mutating func takeText(_ origin: MessageOrigin, _ message: Span<UInt8>, _ deliver: Deliver) {
        self.counts.packets &+= 1
        self.counts.passed &+= 1
        guard case .yes = SIPStart.look(message, at: 0) else { return self.counts.count(.notSIP) }
        self.counts.messages &+= 1
        var origin = origin
        origin.frame = self.counts.passed
        origin.capturedLength = message.count
        deliver(origin, message)
    }

    /// Tries again what waited for keys, after some came.
    public mutating func keysCame(_ deliver: Deliver) {
        self.streams.keysCame(&self.counts, opensHEP: self.opensHEP, deliver)
    }

    /// Hands on what still waits: streams that end without an end, and counts fragments that never became whole.
    public mutating func finish(_ deliver: Deliver) {
        self.closedConnections = self.streams.closedConnections
        self.streams.finish(&self.counts, opensHEP: self.opensHEP, deliver)
        self.counts.count(.fragment, self.decoder.fragments.pending + self.decoder.fragments.abandoned)
    }
}
