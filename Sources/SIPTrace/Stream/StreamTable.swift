import SIPKit

/// All TCP connections of a capture, and the messages that run in them: SIP, SIP in WebSocket frames, HEP.
///
/// Bounded: ``maximumStreams`` directions, ``maximumBuffered`` bytes in all of them. Beyond that the ones that were
/// quiet longest are given up, with what they hold counted.
struct StreamTable {
    struct Key: Hashable {
        var source: SocketAddress
        var destination: SocketAddress
    }

    static let maximumStreams = 65_536
    static let maximumBuffered = 16 << 20

    var streams: [Key: TCPStream] = [:]
    var buffered = 0
    /// How many streams have a gap: nobody looks for one while there is none.
    private var gaps = 0
    /// Opens TLS where it has the keys.
    var keys: TLSKeyLog?
    /// Whether keys may come after the records they open: in a later block of the file, or as the log grows.
    var holdsForKeys = false

    mutating func take(
        _ payload: Span<UInt8>, _ packet: borrowing DecodedPacket, _ origin: MessageOrigin, missing: Int,
        _ counts: inout TraceCounts, opensHEP: Bool, _ deliver: MessageExtractor.Deliver
    ) {
        let key = Key(source: packet.source, destination: packet.destination)
        let flags = packet.flags
        if flags & DecodedPacket.syn != 0 {
            let stream = self.stream(key, now: origin.time)
            if stream.hasGap || stream.buffered > 0 {
                self.flush(stream, origin, &counts, opensHEP, deliver)
            }
            if stream.open(packet.sequence) {
                stream.forget()
                _ = stream.open(packet.sequence)
            }
        }
        if self.gaps > 0, flags & DecodedPacket.ack != 0 {
            self.streams[Key(source: packet.destination, destination: packet.source)]?.acknowledged(packet.acknowledged)
        }
        guard payload.count > 0 else {
            counts.count(.noPayload)
            if flags & (DecodedPacket.fin | DecodedPacket.rst) != 0, let stream = self.streams[key] {
                self.close(stream, origin, &counts, opensHEP, deliver)
            }
            return
        }
        let stream = self.stream(key, now: origin.time)
        let peer = stream.mode == .tls ? self.streams[Key(source: key.destination, destination: key.source)] : nil
        let (before, hadGap) = (stream.buffered + (peer?.buffered ?? 0), stream.hasGap)
        if hadGap, stream.gapIsOver(origin.time) { self.giveUpGap(stream, origin, &counts, opensHEP, deliver) }
        let sequence = flags & DecodedPacket.syn != 0 ? packet.sequence &+ 1 : packet.sequence
        switch stream.take(payload, sequence, origin.time) {
        case .nothingNew: counts.count(.repeatedSegment)
        case .ahead:
            if stream.gapIsOver(origin.time) { self.giveUpGap(stream, origin, &counts, opensHEP, deliver) }
        case .inOrder:
            self.decode(stream, payload.count, origin, &counts, opensHEP, ends: false, deliver)
            if missing > 0 {
                // The capture cut the segment: what is missing can only be jumped over.
                self.flush(stream, origin, &counts, opensHEP, deliver, missing: missing)
            }
        }
        if flags & (DecodedPacket.fin | DecodedPacket.rst) != 0 {
            self.close(stream, origin, &counts, opensHEP, deliver)
        }
        self.buffered += stream.buffered + (peer?.buffered ?? 0) - before
        self.gaps += (stream.hasGap ? 1 : 0) - (hadGap ? 1 : 0)
        if self.buffered > Self.maximumBuffered { self.flush(stream, origin, &counts, opensHEP, deliver) }
    }

    private mutating func stream(_ key: Key, now: Int64) -> TCPStream {
        if let known = self.streams[key] { return known }
        if self.streams.count >= Self.maximumStreams { self.makeRoom(now) }
        let new = TCPStream()
        self.streams[key] = new
        return new
    }

    /// Forgets closed and quiet streams; if that is not enough, the older half.
    private mutating func makeRoom(_ now: Int64) {
        self.streams = self.streams.filter { !$0.value.isClosed && now - $0.value.lastSeen < 60_000_000_000 }
        if self.streams.count > Self.maximumStreams / 2 {
            let times = self.streams.values.map(\.lastSeen).sorted()
            let middle = times[times.count / 2]
            self.streams = self.streams.filter { $0.value.lastSeen > middle }
        }
        self.buffered = self.streams.values.reduce(0) { $0 + $1.buffered }
        self.gaps = self.streams.values.reduce(0) { $0 + ($1.hasGap ? 1 : 0) }
    }

    /// What stands before the gap is shown as far as it goes, then reading goes on behind it.
    private func giveUpGap(
        _ stream: TCPStream, _ origin: MessageOrigin, _ counts: inout TraceCounts, _ opensHEP: Bool,
        _ deliver: MessageExtractor.Deliver
    ) {
        while stream.hasGap {
            self.decode(stream, 0, origin, &counts, opensHEP, ends: true, deliver)
            let lost = stream.skipGap()
            stream.lose()
            if lost == 0, stream.hasGap { break }
            self.decode(stream, 0, origin, &counts, opensHEP, ends: false, deliver)
            if !stream.gapIsOver(origin.time) { break }
        }
    }

    /// Nothing more is expected soon: what is there is shown, complete or not.
    private func flush(
        _ stream: TCPStream, _ origin: MessageOrigin, _ counts: inout TraceCounts, _ opensHEP: Bool,
        _ deliver: MessageExtractor.Deliver, missing: Int = 0
    ) {
        var rounds = 0
        repeat {
            self.decode(stream, 0, origin, &counts, opensHEP, ends: true, deliver)
            guard stream.hasGap else { break }
            _ = stream.skipGap()
            stream.lose()
            rounds += 1
        } while rounds <= TCPStream.maximumPieces
        self.decode(stream, 0, origin, &counts, opensHEP, ends: true, deliver)
        stream.use(to: stream.bytes.count)
        guard let inner = stream.inner else { return }
        var inside = origin
        inside.transport = .tls
        self.closeInner(inner, inside, &counts, opensHEP, ends: true, deliver)
    }

    private func close(
        _ stream: TCPStream, _ origin: MessageOrigin, _ counts: inout TraceCounts, _ opensHEP: Bool,
        _ deliver: MessageExtractor.Deliver
    ) {
        // With a gap open, the missing segments may still come after a FIN that overtook them.
        if !stream.hasGap, !stream.waitsForKeys { self.flush(stream, origin, &counts, opensHEP, deliver) }
        stream.isClosed = true
    }

    mutating func finish(_ counts: inout TraceCounts, opensHEP: Bool, _ deliver: MessageExtractor.Deliver) {
        // In the order of time, so that two runs over one file print the same.
        let open = self.streams.filter { $0.value.buffered > 0 }.sorted { left, right in
            (left.value.lastSeen, left.key.source.port) < (right.value.lastSeen, right.key.source.port)
        }
        for (key, stream) in open {
            let origin = MessageOrigin(
                time: stream.lastSeen, source: key.source, destination: key.destination, transport: .tcp,
                frame: counts.passed)
            self.flush(stream, origin, &counts, opensHEP, deliver)
        }
        self.streams = [:]
    }
}
