import SIPKit
import SIPNet

/// Keeps the NATs of phones open: a packet to each contact within the interval that the script says.
///
/// The contacts are walked in the order of their slots' hashes, evenly over the interval, so that a hundred thousand of
/// them make a steady stream and no burst. Whoever registers while his turn has just gone by waits a little more than an
/// interval; so a round takes a little less than one.
struct KeepAlive {
    /// Something to send.
    struct Packet: Equatable {
        var bytes: [UInt8]
        var address: SocketAddress
        /// Number of the socket.
        var socket: Int
    }

    private let settings: NATSettings
    private let sockets: [ListenSocket]
    private var walks: [ContactWalk] = []
    private var count: UInt64 = 0
    private var next: MonotonicTime
    private let tag: String

    /// How often there is something to do.
    static let step: Int64 = 100

    init(_ settings: NATSettings, sockets: [ListenSocket], tables: [LocationTable], tag: String, now: MonotonicTime) {
        self.settings = settings
        self.sockets = sockets
        self.tag = tag
        self.next = now
        for round in settings.rounds {
            for table in tables { self.walks.append(ContactWalk(table, round, start: now)) }
        }
    }

    /// When there is something to do again; `nil` where nobody is kept open.
    func deadline(_ book: KeepAliveBook?) -> MonotonicTime? {
        self.walks.isEmpty && book?.isEmpty ?? true ? nil : self.next
    }

    /// - Returns: what is due.
    mutating func work(now: MonotonicTime, wallTime: Int64, book: KeepAliveBook?) -> [Packet] {
        guard now >= self.next else { return [] }
        self.next = now.adding(milliseconds: Self.step)
        var packets: [Packet] = []
        for place in self.walks.indices {
            for binding in self.walks[place].due(now) where !binding.isExpired(at: wallTime) {
                if let packet = self.packet(for: binding, self.walks[place].round) { packets.append(packet) }
            }
        }
        for phone in book?.due(now) ?? [] {
            guard let socket = self.socket(for: phone.address.ip, preferred: Int(phone.socket)) else { continue }
            let uri = "sip:\(phone.address)"
            packets.append(
                Packet(
                    bytes: self.request(
                        self.settings.keepAliveMethod, uri: Array(uri.utf8), from: self.settings.keepAliveFrom,
                        headers: (self.settings.keepAliveMethod == "NOTIFY" ? "Event: keep-alive\r\n" : "")
                            + self.settings.keepAliveHeaders, socket),
                    address: phone.address, socket: socket))
        }
        return packets
    }

    private mutating func packet(for binding: Binding, _ round: NATSettings.Round) -> Packet? {
        if round.isForNATOnly, binding.received.isEmpty, binding.flags & self.settings.natFlags == 0 { return nil }
        let place = binding.received.isEmpty ? binding.uri : binding.received
        guard let uri = try? URIRanges(parsing: place.span, ByteRange(0, place.count)), uri.isSIP,
            let ip = IPAddress(parsing: place.span, uri.host), uri.scheme == .sip
        else { return nil }
        // A connection keeps its NAT open by itself.
        if let transport = uri.parameter("transport", in: place.span),
            !place.span.equalsIgnoringCase(transport, "udp")
        {
            return nil
        }
        let address = SocketAddress(ip, uri.port ?? 5060)
        guard !ip.isAny, !ip.isMulticast, address.port > 0,
            let socket = self.socket(for: ip, preferred: binding.socket.flatMap { self.place(of: $0) })
        else {
            return nil
        }
        if binding.flags & self.settings.requestFlags != 0 {
            let bytes = self.request(
                self.settings.requestMethod, uri: binding.uri, from: self.settings.requestFrom, headers: "", socket)
            return Packet(bytes: bytes, address: address, socket: socket)
        }
        return Packet(bytes: [0, 0, 0, 0], address: address, socket: socket)
    }

    /// The number of the socket that a phone has registered at, where we have it still.
    private func place(of wanted: SendSocket) -> Int? {
        self.sockets.firstIndex { $0.transport == .udp && wanted.isSocket($0.address, .udp) }
    }

    private func socket(for ip: IPAddress, preferred: Int?) -> Int? {
        func fits(_ socket: ListenSocket) -> Bool { socket.transport == .udp && socket.address.ip.family == ip.family }
        if let preferred, preferred < self.sockets.count, fits(self.sockets[preferred]) { return preferred }
        if let forced = self.settings.socket,
            let place = self.sockets.firstIndex(where: { fits($0) && $0.address == forced })
        {
            return place
        }
        return self.sockets.firstIndex(where: fits)
    }

    /// A request whose answer nobody waits for.
    private mutating func request(
        _ method: String, uri: [UInt8], from: String, headers: String, _ socket: Int
    ) -> [UInt8] {
        self.count += 1
        var text: [UInt8] = []
        text += "\(method) ".utf8
        text += uri
        text += " SIP/2.0\r\n".utf8
        text += self.sockets[socket].viaPrefix
        // No branch of a transaction of ours, so its answers lead nowhere.
        text += "z9hG4bKka\(self.tag)\(self.count);rport\r\nMax-Forwards: 70\r\n".utf8
        let sender = from.isEmpty ? "sip:keepalive@\(self.sockets[socket].address)" : from
        text += "From: <\(sender)>;tag=\(self.tag)\(self.count)\r\nTo: <".utf8
        text += uri
        text +=
            ">\r\nCall-ID: ka\(self.tag)\(self.count)\r\nCSeq: 1 \(method)\r\n\(headers)Content-Length: 0\r\n\r\n".utf8
        return text
    }
}

/// One walk through a table, evenly over the time of a round.
struct ContactWalk {
    let round: NATSettings.Round
    private let table: LocationTable
    private let start: MonotonicTime
    /// Nanoseconds.
    private let period: Int64
    /// The part of the round that is being worked off, counted since the start, and what is left of it, the last first.
    private var part: Int64 = -1
    private var queue: [UInt64] = []

    /// A round is looked at in so many parts.
    private static let parts: Int64 = 16

    init(_ table: LocationTable, _ round: NATSettings.Round, start: MonotonicTime) {
        self.table = table
        self.round = round
        self.start = start
        // Who comes while a part is on, and belongs into it, is met one round later: an interval after he came.
        self.period = Int64(round.seconds) * 1_000_000_000 * Self.parts / (Self.parts + 1)
    }

    /// The contacts whose turn it is.
    mutating func due(_ now: MonotonicTime) -> [Binding] {
        let elapsed = now.nanoseconds(since: self.start)
        guard elapsed >= 0 else { return [] }
        let length = Swift.max(1, self.period / Self.parts)
        let target = elapsed / length
        // Behind by a whole round, as after a sleep of the machine: what was missed is over.
        if target - self.part > Self.parts {
            self.part = target - 1
            self.queue = []
        }
        let share = self.table.userCount / Int(Swift.max(1, self.period / (KeepAlive.step * 1_000_000)))
        var left = 64 + 4 * share
        var bindings: [Binding] = []
        while left > 0 {
            if self.queue.isEmpty {
                guard self.part < target else { break }
                self.part += 1
                self.queue = self.table.slots(Self.range(self.part)).sorted(by: >)
                if self.queue.isEmpty { continue }
            }
            while left > 0, let slot = self.queue.last, self.part < target || self.isDue(slot, elapsed % length, length)
            {
                self.queue.removeLast()
                bindings += self.table.bindings(inSlot: slot)
                left -= 1
            }
            if !self.queue.isEmpty { break }
        }
        return bindings
    }

    private static func range(_ part: Int64) -> ClosedRange<UInt64> {
        let width = UInt64.max / UInt64(Self.parts) + 1
        let first = UInt64(part % Self.parts) * width
        return first...(first + (width - 1))
    }

    /// Whether the slot's place in its part has been reached.
    private func isDue(_ slot: UInt64, _ elapsed: Int64, _ length: Int64) -> Bool {
        let inside = slot - Self.range(self.part).lowerBound
        let width = Double(UInt64.max / UInt64(Self.parts))
        return Double(inside) / width * Double(length) <= Double(elapsed)
    }
}
