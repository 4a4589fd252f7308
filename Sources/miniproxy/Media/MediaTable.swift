import SIPKit
import SIPNet

/// The relay's calls and ports. It belongs to whoever holds the lock of ``MediaRelay``.
struct MediaTable {
    let settings: MediaSettings
    /// By Call-ID and the caller's tag: who knows only the Call-ID of somebody's call must not change its media.
    private(set) var sessions: [MediaSession.Key: MediaSession] = [:]
    /// Sockets by place; a free place is `nil`.
    private var ports: [MediaPort?] = []
    private var partners: [Partner] = []
    private var freePlaces: [Int] = []
    private var nextPort: UInt16
    /// Packets of calls that are over.
    private(set) var finished = MediaCounters()
    /// How often somebody was refused for want of ports.
    private(set) var exhausted: UInt64 = 0

    /// Where what a port takes in goes out.
    private struct Partner {
        var place = 0
        var isRTP = true
        /// The RTCP port of the same side.
        var sibling = 0
        /// Counts the uses of the place: news of a socket that is gone must not be taken for its successor's.
        var generation: UInt32 = 0
    }

    init(_ settings: MediaSettings) {
        self.settings = settings
        self.nextPort = settings.ports.lowerBound
    }

    var portCount: Int { self.ports.count - self.freePlaces.count }

    // MARK: Offers and answers

    /// Takes in a description.
    ///
    /// - Parameter opened: is told of each new socket and its token.
    /// - Returns: for each stream where the receiver of the description is to send; `nil` for one that is off.
    mutating func update(
        _ update: MediaUpdate, now: MonotonicTime, opened: (Int32, UInt64) -> Void
    ) throws(MediaError) -> [SocketAddress?] {
        guard update.firstStream + update.streams.count <= self.settings.streamLimit else { throw .tooManyStreams }
        var session: MediaSession
        if let known = self.session(update.callID, update.senderTag, update.receiverTag) {
            session = known
        } else {
            guard update.mayBegin else { throw .noSession }
            guard self.sessions.count < self.settings.sessionLimit else { throw .tooManySessions }
            session = MediaSession(
                callID: update.callID, callerTag: update.senderTag, began: now, from: update.from, to: update.to)
        }
        let side = session.side(ofTag: update.senderTag)
        // Another branch of a forked call that still rings has nothing to say any more once one has answered.
        let isLate =
            side == .callee && session.isConfirmed && update.isProvisional && update.senderTag != session.calleeTag
        if side == .callee, !isLate {
            session.calleeTag = update.senderTag
            session.isAnswered = true
            if update.confirms { session.isConfirmed = true }
        }
        let before = session.streams.count
        guard update.firstStream <= before else { throw .noSession }
        var answer: [SocketAddress?] = []
        for (place, wanted) in update.streams.enumerated() {
            let number = update.firstStream + place
            if number >= session.streams.count {
                let facing =
                    side == .caller
                    ? [update.senderFacing, update.receiverFacing] : [update.receiverFacing, update.senderFacing]
                guard let stream = self.open(wanted.kind, facing, opened) else {
                    for stream in session.streams[before...] { self.close(stream) }
                    self.exhausted += 1
                    throw .noPorts
                }
                session.streams.append(stream)
            }
            if !isLate {
                session.streams[number].kind = wanted.kind
                session.streams[number].isOnHold[side.rawValue] = wanted.address == nil
                self.announce(session.streams[number], side, wanted, update, now)
            }
            let out = session.streams[number].rtp(side.other)
            answer.append(wanted.isOff ? nil : self.ports[out]?.endpoint.localAddress)
        }
        self.sessions[session.key] = session
        return answer
    }

    /// The session of a message with these tags, whichever of them is the caller's.
    private func session(_ callID: [UInt8], _ tag: [UInt8], _ other: [UInt8]) -> MediaSession? {
        self.sessions[MediaSession.Key(callID: callID, callerTag: tag)]
            ?? self.sessions[MediaSession.Key(callID: callID, callerTag: other)]
    }

    /// Makes a session without streams: an answer may bring them.
    mutating func expect(_ update: MediaUpdate, now: MonotonicTime) {
        guard update.mayBegin, self.session(update.callID, update.senderTag, update.receiverTag) == nil,
            self.sessions.count < self.settings.sessionLimit
        else { return }
        let session = MediaSession(
            callID: update.callID, callerTag: update.senderTag, began: now, from: update.from, to: update.to)
        self.sessions[session.key] = session
    }

    private mutating func announce(
        _ stream: MediaStream, _ side: MediaSide, _ wanted: MediaUpdate.Stream, _ update: MediaUpdate,
        _ now: MonotonicTime
    ) {
        let address = wanted.address
        let window = update.isTrusted ? TimerInterval.seconds(-1) : self.settings.window
        let source = update.isTrusted ? address?.ip : update.source
        self.ports[stream.rtp(side)]?.latch.announce(
            address, from: source, isAsymmetric: update.isAsymmetric, window: window, now: now)
        // Nothing answers on port 65535 + 1.
        let control = wanted.control ?? address.flatMap { $0.port < .max ? SocketAddress($0.ip, $0.port + 1) : nil }
        self.ports[stream.rtcp(side)]?.latch.announce(
            control, from: source, isAsymmetric: update.isAsymmetric, window: window, now: now)
    }

    // MARK: Sockets

    private mutating func open(
        _ kind: [UInt8], _ facing: [IPAddress], _ opened: (Int32, UInt64) -> Void
    ) -> MediaStream? {
        var places: [Int] = []
        for address in facing {
            guard let pair = self.pair(on: address) else {
                for place in places { self.release(place) }
                return nil
            }
            for endpoint in [pair.0, pair.1] {
                let place = self.take(endpoint)
                places.append(place)
                opened(endpoint.descriptor, self.token(place))
            }
        }
        for (place, partner) in [(0, 2), (1, 3), (2, 0), (3, 1)] {
            self.partners[places[place]].place = places[partner]
            self.partners[places[place]].isRTP = place % 2 == 0
            self.partners[places[place]].sibling = places[place | 1]
        }
        return MediaStream(kind: kind, ports: places)
    }

    /// An even port and the one behind it. The search goes on where the last one ended, so that a port rests after a
    /// call: late packets of that call do not meet the next one.
    private mutating func pair(on address: IPAddress) -> (UDPEndpoint, UDPEndpoint)? {
        let (lowest, highest) = (self.settings.ports.lowerBound, self.settings.ports.upperBound)
        let count = Int(highest - lowest + 1) / 2
        for _ in 0..<count {
            var port = self.nextPort + self.nextPort % 2
            if port < lowest || port >= highest { port = lowest + lowest % 2 }
            self.nextPort = port >= highest - 1 ? lowest : port + 2
            guard port < highest else { return nil }
            if let rtp = try? UDPEndpoint(bind: SocketAddress(address, port), options: MediaPort.options),
                let rtcp = try? UDPEndpoint(bind: SocketAddress(address, port + 1), options: MediaPort.options)
            {
                return (rtp, rtcp)
            }
        }
        return nil
    }

    private mutating func take(_ endpoint: UDPEndpoint) -> Int {
        if let place = self.freePlaces.popLast() {
            self.ports[place] = MediaPort(endpoint: endpoint)
            self.partners[place].generation &+= 1
            return place
        }
        self.ports.append(MediaPort(endpoint: endpoint))
        self.partners.append(Partner())
        return self.ports.count - 1
    }

    private func token(_ place: Int) -> UInt64 {
        UInt64(self.partners[place].generation) << 32 | UInt64(UInt32(truncatingIfNeeded: place))
    }

    private mutating func release(_ place: Int) {
        guard let port = self.ports[place] else { return }
        self.finished.packets += port.counters.packets
        self.finished.bytes += port.counters.bytes
        self.finished.unsent += port.counters.unsent
        self.finished.foreign += port.counters.foreign
        self.ports[place] = nil
        self.freePlaces.append(place)
    }

    private mutating func close(_ stream: MediaStream) {
        for place in stream.ports { self.release(place) }
    }

    // MARK: Packets

    /// A socket has something to read.
    mutating func serve(_ token: UInt64, now: MonotonicTime) {
        let place = Int(token & 0xFFFF_FFFF)
        guard place < self.ports.count, self.partners[place].generation == UInt32(token >> 32),
            let endpoint = self.ports[place]?.endpoint
        else { return }
        let partner = self.partners[place]
        let batch = endpoint.receive()
        let out = self.ports[partner.place]
        for number in 0..<batch.count {
            let packet = batch[number]
            guard !packet.isTruncated else { continue }
            switch self.ports[place]?.latch.receive(from: packet.source, now: now) {
            case .accepted: break
            case .learned where partner.isRTP:
                self.ports[partner.sibling]?.latch.expect(host: packet.source.ip)
            case .learned: break
            default:
                self.ports[place]?.counters.foreign += 1
                continue
            }
            self.ports[place]?.counters.packets += 1
            self.ports[place]?.counters.bytes += UInt64(packet.bytes.count)
            self.ports[place]?.counters.last = now
            if partner.isRTP, packet.bytes.count > 1 {
                self.ports[place]?.counters.payloadType = packet.bytes[1] & 0x7F
            }
            guard let out, let target = out.latch.target else {
                self.ports[place]?.counters.unsent += 1
                continue
            }
            out.endpoint.enqueue(borrowing: UnsafeBufferPointer(packet.bytes), to: target)
        }
        // What the kernel does not take at once is lost, as on the wire: audio that is late is of no use.
        if let out { _ = out.endpoint.flush() }
        while endpoint.nextError() != nil {}
    }

    // MARK: Ends

    /// Ends the call that has one of these tags as its caller's.
    ///
    /// - Returns: whether there was one.
    mutating func end(callID: [UInt8], tags tag: [UInt8], _ other: [UInt8] = []) -> Bool {
        guard let session = self.session(callID, tag, other) else { return false }
        self.end(session)
        return true
    }

    mutating func endAll() {
        for session in self.sessions.values { self.end(session) }
    }

    private mutating func end(_ session: MediaSession) {
        self.sessions[session.key] = nil
        for stream in session.streams { self.close(stream) }
    }

    /// Packets of the caller and of the callee, and seconds until the relaying ends of itself; `nil` where there is none.
    func figures(callID: [UInt8], _ tag: [UInt8], _ other: [UInt8], now: MonotonicTime) -> (Int64, UInt64, UInt64)? {
        guard let session = self.session(callID, tag, other) else { return nil }
        func count(_ side: MediaSide) -> UInt64 {
            session.streams.reduce(0) { sum, stream in
                sum &+ (self.ports[stream.rtp(side)]?.counters.packets ?? 0)
                    &+ (self.ports[stream.rtcp(side)]?.counters.packets ?? 0)
            }
        }
        let left = self.patience(session).nanoseconds - now.nanoseconds(since: self.lastPacket(of: session))
        return (Swift.max(0, left / 1_000_000_000), count(.caller), count(.callee))
    }

    /// Ends what has been silent for too long.
    ///
    /// - Returns: the calls that were ended.
    mutating func sweep(now: MonotonicTime) -> [[UInt8]] {
        let gone = self.sessions.values.filter { session in
            now.nanoseconds(since: self.lastPacket(of: session)) > self.patience(session).nanoseconds
        }
        for session in gone { self.end(session) }
        return gone.map(\.callID)
    }

    /// How long a call may be without packets.
    private func patience(_ session: MediaSession) -> TimerInterval {
        if !session.isAnswered { return self.settings.ringing }
        return session.streams.contains { $0.isOnHold.contains(true) } ? self.settings.hold : self.settings.idle
    }

    private func lastPacket(of session: MediaSession) -> MonotonicTime {
        session.streams.flatMap(\.ports).reduce(session.began) { Swift.max($0, self.ports[$1]?.counters.last ?? .zero) }
    }

    // MARK: Lists

    func reports(now: MonotonicTime) -> [MediaReport] {
        self.sessions.values.map { session in
            MediaReport(
                callID: session.callID, callerTag: session.callerTag, from: session.from, to: session.to,
                age: now.nanoseconds(since: session.began) / 1_000_000_000,
                silence: now.nanoseconds(since: self.lastPacket(of: session)) / 1_000_000_000,
                isAnswered: session.isAnswered,
                streams: session.streams.compactMap { stream in
                    guard let caller = self.report(stream, .caller), let callee = self.report(stream, .callee) else {
                        return nil
                    }
                    return MediaReport.Stream(
                        kind: stream.kind, caller: caller, callee: callee, isOnHold: stream.isOnHold.contains(true))
                })
        }.sorted { ($0.age, $1.callID.count) > ($1.age, $0.callID.count) }
    }

    private func report(_ stream: MediaStream, _ side: MediaSide) -> MediaReport.Side? {
        guard let rtp = self.ports[stream.rtp(side)], let rtcp = self.ports[stream.rtcp(side)] else { return nil }
        return MediaReport.Side(
            local: rtp.endpoint.localAddress, announced: rtp.latch.announced, learned: rtp.latch.source,
            rtp: rtp.counters, rtcp: rtcp.counters)
    }
}
