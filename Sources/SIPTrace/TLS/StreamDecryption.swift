import SIPKit

/// TLS in the streams: records are opened where the keys are known, and what was in them runs through streams of its own.
extension StreamTable {
    func beginTLS(_ stream: TCPStream, _ key: Key) {
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
    func openTLS(
        _ stream: TCPStream, _ origin: MessageOrigin, _ counts: inout TraceCounts, _ opensHEP: Bool, ends: Bool,
        _ deliver: MessageExtractor.Deliver
    ) {
        guard let tls = stream.tls, let inner = stream.inner else { return stream.use(to: stream.bytes.count) }
        var inside = origin
        inside.transport = .tls
        var isCounted = false
        while stream.head < stream.bytes.count {
            let buffer = stream.bytes
            switch tls.step(buffer.span, from: stream.head, side: stream.tlsSide, self.keys) {
            case .plain(let text, let used):
                stream.waitsForKeys = false
                stream.use(to: stream.head + used)
                guard !text.isEmpty else {
                    // Records are counted once a packet, and only where nothing else came of it.
                    if !isCounted { counts.count(tls.obstacle == nil ? .tlsHandshake : .tls) }
                    isCounted = true
                    continue
                }
                isCounted = true
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
                if !isCounted { counts.count(.tls) }
                isCounted = true
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

    func closeInner(
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
    func waiting() -> [(key: Key, value: TCPStream)] {
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
            counts[obstacle].map { "\($0) TLS connection\($0 == 1 ? "" : "s") \(obstacle.rawValue)" }
        }
    }
}
