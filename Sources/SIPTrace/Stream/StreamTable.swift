import SIPKit

/// All TCP connections of a capture, and the messages that run in them: SIP, SIP in WebSocket frames, HEP.
///
/// Bounded: ``maximumStreams`` directions, ``maximumBuffered`` bytes in all of them. Beyond that the ones that were
/// quiet longest are given up, with what they hold counted.
struct StreamTable {
    private struct Key: Hashable {
        var source: SocketAddress
        var destination: SocketAddress
    }

    static let maximumStreams = 65_536
    static let maximumBuffered = 16 << 20

    private var streams: [Key: TCPStream] = [:]
    private var buffered = 0
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

    // MARK: What runs in the stream

    private func decode(
        _ stream: TCPStream, _ arrived: Int, _ origin: MessageOrigin, _ counts: inout TraceCounts, _ opensHEP: Bool,
        ends: Bool, _ deliver: MessageExtractor.Deliver
    ) {
        while stream.head < stream.bytes.count {
            let head = stream.head
            switch stream.mode {
            case .unknown:
                self.recognise(
                    stream, Key(source: origin.source, destination: origin.destination), opensHEP, ends: ends)
            case .sip: self.cut(stream, arrived, origin, &counts, ends: ends, deliver)
            case .webSocketHandshake: self.passHandshake(stream)
            case .webSocket: self.unframe(stream, origin, &counts, deliver)
            case .hep: self.openHEP(stream, origin, &counts, deliver)
            case .tls:
                self.openTLS(stream, origin, &counts, opensHEP, ends: ends, deliver)
                if stream.head == head { return }
            case .other:
                // A connection of something else. Its segments are looked at for SIP all the same: the beginning may
                // have been anything.
                if arrived > 0, case .yes = SIPStart.look(stream.bytes.span, at: stream.bytes.count - arrived) {
                    stream.use(to: stream.bytes.count - arrived)
                    stream.mode = .sip
                    stream.cutter = SIPStreamCutter()
                    continue
                }
                counts.count(.notSIP)
                stream.use(to: stream.bytes.count)
            }
            if stream.head == head, stream.mode != .sip || !ends { if !self.changed(stream, head) { return } }
            if stream.head == head, ends, stream.mode == .sip { return }
        }
    }

    /// Whether the mode has moved on from `unknown` without using bytes, so that decoding goes on.
    private func changed(_ stream: TCPStream, _ head: Int) -> Bool {
        if stream.mode != .unknown, !stream.isRecognised {
            stream.isRecognised = true
            return true
        }
        return false
    }

    private func recognise(_ stream: TCPStream, _ key: Key, _ opensHEP: Bool, ends: Bool) {
        let buffer = stream.bytes
        let bytes = buffer.span.part(stream.head, buffer.count)
        stream.isRecognised = false
        if Self.begins(bytes, "GET ") || Self.begins(bytes, "HTTP/1.1 101") {
            stream.mode = .webSocketHandshake
        } else if opensHEP, Self.begins(bytes, "HEP3") {
            stream.mode = .hep
        } else if bytes.u8(0) == 22, bytes.u8(1) == 3, bytes.count >= 3, bytes.u8(2) <= 4, !stream.isInner {
            self.beginTLS(stream, key)
        } else if bytes.count < 16, !ends, Self.mayBecomeKnown(bytes) {
            return
        } else if Self.isFrameWithSIP(bytes) {
            stream.mode = .webSocket
        } else {
            stream.mode = .sip
        }
    }

    private static func begins(_ bytes: Span<UInt8>, _ text: StaticString) -> Bool {
        bytes.equals(.init(0, text.utf8CodeUnitCount), text)
    }

    /// Whether the first bytes are too few to tell.
    private static func mayBecomeKnown(_ bytes: Span<UInt8>) -> Bool {
        let words: [StaticString] = ["GET ", "HTTP/1.1 101", "HEP3", "\u{16}\u{3}"]
        return words.contains { word in
            word.withUTF8Buffer { wanted in
                for index in 0..<Swift.min(wanted.count, bytes.count) where bytes[index] != wanted[index] {
                    return false
                }
                return bytes.count < wanted.count
            }
        }
    }

    /// A connection that was captured from its middle: a text or binary frame with a SIP start line in it.
    private static func isFrameWithSIP(_ bytes: Span<UInt8>) -> Bool {
        guard [0x81, 0x82].contains(bytes.u8(0)) else { return false }
        var frames = WebSocketFrames()
        guard case .message(let message, _) = frames.step(bytes, from: 0) else { return false }
        if case .yes = SIPStart.look(message.span, at: 0) { return true }
        return false
    }

    private func cut(
        _ stream: TCPStream, _ arrived: Int, _ origin: MessageOrigin, _ counts: inout TraceCounts, ends: Bool,
        _ deliver: MessageExtractor.Deliver
    ) {
        // A lost stream may find its way at the edge of a segment, where no line end stands before.
        let edge = stream.bytes.count - arrived
        if stream.cutter.isLost, arrived > 0, edge > stream.head,
            case .yes = SIPStart.look(stream.bytes.span, at: edge)
        {
            counts.count(.streamFragment)
            stream.use(to: edge)
        }
        switch stream.cutter.step(stream.bytes.span, from: stream.head, ends: ends) {
        case .message(let range, let wireLength):
            var origin = origin
            if wireLength > range.count {
                origin.wireLength = wireLength
                counts.truncated &+= 1
            }
            origin.capturedLength = range.count
            counts.messages &+= 1
            deliver(origin, stream.bytes.span.part(range.start, range.end))
            stream.use(to: range.end)
            stream.sawMessage = true
        case .skip(let offset, let reason):
            counts.count(reason)
            stream.skipped += reason == .keepAlive ? 0 : offset - stream.head
            stream.use(to: offset)
            if stream.skipped > 32_768, !stream.sawMessage { stream.mode = .other }
        case .wait: break
        }
    }

    // MARK: TLS

    private func beginTLS(_ stream: TCPStream, _ key: Key) {
        stream.mode = .tls
        let peer = self.streams[Key(source: key.destination, destination: key.source)]
        if let known = peer?.tls, let side = peer?.tlsSide {
            stream.tls = known
            stream.tlsSide = 1 - side
        } else {
            stream.tls = TLSConnection()
        }
        let inner = TCPStream()
        inner.isInner = true
        stream.inner = inner
    }

    /// Opens records until they end or stay closed. What was in them runs through a stream of its own.
    private func openTLS(
        _ stream: TCPStream, _ origin: MessageOrigin, _ counts: inout TraceCounts, _ opensHEP: Bool, ends: Bool,
        _ deliver: MessageExtractor.Deliver
    ) {
        guard let tls = stream.tls, let inner = stream.inner else { return stream.use(to: stream.bytes.count) }
        var inside = origin
        inside.transport = .tls
        while stream.head < stream.bytes.count {
            let buffer = stream.bytes
            switch tls.step(buffer.span, from: stream.head, side: stream.tlsSide, self.keys) {
            case .plain(let text, let used):
                stream.waitsForKeys = false
                stream.use(to: stream.head + used)
                guard !text.isEmpty else {
                    counts.count(tls.obstacle == nil ? .tlsHandshake : .tls)
                    continue
                }
                inner.add(text)
                inner.lastSeen = origin.time
                self.decode(inner, text.count, inside, &counts, opensHEP, ends: false, deliver)
            case .wait:
                if ends { stream.use(to: stream.bytes.count) }
                return self.closeInner(inner, inside, &counts, opensHEP, ends: ends, deliver)
            case .closed(let obstacle):
                if self.holdsForKeys, obstacle == .noKey, !ends, stream.buffered < TCPStream.maximumAhead {
                    stream.waitsForKeys = true
                    return
                }
                stream.waitsForKeys = false
                counts.count(.tls)
                stream.use(to: stream.bytes.count)
            case .damaged:
                // A record's header is looked for at every place: the bytes before were lost.
                counts.count(.streamFragment)
                stream.use(to: Self.nextRecord(buffer.span, from: stream.head + 1))
            }
        }
        if tls.takeNews(), let peer = self.streams[Key(source: origin.destination, destination: origin.source)],
            peer.mode == .tls, peer !== stream
        {
            var back = origin
            (back.source, back.destination) = (origin.destination, origin.source)
            self.decode(peer, 0, back, &counts, opensHEP, ends: false, deliver)
        }
        self.closeInner(inner, inside, &counts, opensHEP, ends: ends, deliver)
    }

    private func closeInner(
        _ inner: TCPStream, _ origin: MessageOrigin, _ counts: inout TraceCounts, _ opensHEP: Bool, ends: Bool,
        _ deliver: MessageExtractor.Deliver
    ) {
        guard ends else { return }
        self.decode(inner, 0, origin, &counts, opensHEP, ends: true, deliver)
        inner.use(to: inner.bytes.count)
    }

    private static func nextRecord(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var at = start
        while at + 5 <= bytes.count {
            if bytes.u8(at) == 23, bytes.u8(at + 1) == 3, bytes.u8(at + 2) == 3,
                bytes.u16(at + 3) <= TLSConnection.longestRecord
            {
                return at
            }
            at += 1
        }
        return bytes.count
    }

    /// Tries again what waited for keys.
    mutating func keysCame(_ counts: inout TraceCounts, opensHEP: Bool, _ deliver: MessageExtractor.Deliver) {
        for (key, stream) in self.waiting() {
            let before = stream.buffered
            let origin = MessageOrigin(
                time: stream.lastSeen, source: key.source, destination: key.destination, transport: .tcp,
                frame: counts.passed)
            self.decode(stream, 0, origin, &counts, opensHEP, ends: stream.isClosed, deliver)
            self.buffered += stream.buffered - before
        }
    }

    /// In the order of time, so that two runs over one file print the same.
    private func waiting() -> [(key: Key, value: TCPStream)] {
        self.streams.filter { $0.value.waitsForKeys }.sorted { left, right in
            (left.value.lastSeen, left.key.source.port) < (right.value.lastSeen, right.key.source.port)
        }
    }

    /// How many connections stayed closed, and why, as sentences.
    var closedConnections: [String] {
        var counts: [TLSConnection.Obstacle: Int] = [:]
        for stream in self.streams.values where stream.tlsSide == 0 {
            if let obstacle = stream.tls?.obstacle { counts[obstacle, default: 0] += 1 }
        }
        return TLSConnection.Obstacle.allCases.compactMap { obstacle in
            counts[obstacle].map { "\($0) TLS connections \(obstacle.rawValue)" }
        }
    }

    private func passHandshake(_ stream: TCPStream) {
        let buffer = stream.bytes
        let bytes = buffer.span
        var at = stream.head
        while let line = bytes.firstIndex(ofByte: ASCII.lf, from: at, to: bytes.count) {
            if bytes.u16(line + 1) == 0x0D0A {
                let header = ByteRange(stream.head, line + 3)
                let upgrade = SIPStreamCutter.value(bytes, header.start, header.end, "upgrade", "upgrade")
                stream.mode = upgrade == nil ? .other : .webSocket
                stream.use(to: line + 3)
                return
            }
            at = line + 1
        }
        if stream.buffered > 16_384 { stream.mode = .other }
    }

    private func unframe(
        _ stream: TCPStream, _ origin: MessageOrigin, _ counts: inout TraceCounts, _ deliver: MessageExtractor.Deliver
    ) {
        switch stream.webSocket.step(stream.bytes.span, from: stream.head) {
        case .message(let message, let used):
            stream.use(to: stream.head + used)
            guard case .yes = SIPStart.look(message.span, at: 0) else {
                return counts.count(MessageExtractor.kind(of: message.span))
            }
            var origin = origin
            origin.transport = origin.transport == .tls ? .wss : .ws
            origin.capturedLength = message.count
            counts.messages &+= 1
            deliver(origin, message.span)
        case .nothing(let used): stream.use(to: stream.head + used)
        case .wait: break
        case .damaged: stream.mode = .other
        }
    }

    private func openHEP(
        _ stream: TCPStream, _ origin: MessageOrigin, _ counts: inout TraceCounts, _ deliver: MessageExtractor.Deliver
    ) {
        let available = stream.bytes.count - stream.head
        guard available >= 6 else { return }
        guard let length = HEPPacket.length(stream.bytes.span, at: stream.head) else {
            counts.count(.hepDamaged)
            stream.mode = .other
            return
        }
        guard available >= length else { return }
        if let hep = try? HEPPacket(parsing: stream.bytes.span.part(stream.head, stream.head + length)) {
            Self.deliver(hep, origin, &counts, deliver)
        } else {
            counts.count(.hepDamaged)
        }
        stream.use(to: stream.head + length)
    }

    /// A message that came in a HEP packet, under the addresses and the time that the packet reports.
    static func deliver(
        _ hep: HEPPacket, _ origin: MessageOrigin, _ counts: inout TraceCounts, _ deliver: MessageExtractor.Deliver
    ) {
        guard hep.protocolType == 1 || hep.protocolType == 0, case .yes = SIPStart.look(hep.payload.span, at: 0) else {
            return counts.count(.hepNotSIP)
        }
        var origin = origin
        origin.source = hep.source
        origin.destination = hep.destination
        origin.transport = hep.transport
        origin.time = hep.time ?? origin.time
        origin.viaHEP = true
        origin.capturedLength = hep.payload.count
        origin.wrapping.insert(.hep)
        counts.messages &+= 1
        deliver(origin, hep.payload.span)
    }
}
