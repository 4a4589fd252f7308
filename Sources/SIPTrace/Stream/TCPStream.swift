import SIPKit

/// One direction of a TCP connection as a capture shows it: segments in any order, doubled, overlapping or missing.
///
/// The bytes in order stand in ``bytes`` from ``head`` on; a decoder uses them up. What lies beyond a gap waits, within
/// limits, until the gap closes or is known never to close.
final class TCPStream {
    enum Mode { case unknown, sip, webSocketHandshake, webSocket, hep, tls, other }

    /// Bytes that may wait beyond a gap, and in how many pieces.
    static let maximumAhead = 256 * 1024
    static let maximumPieces = 256

    private(set) var bytes: [UInt8] = []
    private(set) var head = 0
    private var next: UInt32?
    private var ahead: [(sequence: UInt32, bytes: [UInt8])] = []
    private var aheadBytes = 0
    private var gapSince: Int64 = 0
    /// Whether the receiver has acknowledged bytes beyond the gap: then the sender never sends them again.
    private var gapIsFinal = false

    var mode = Mode.unknown
    var cutter = SIPStreamCutter()
    var webSocket = WebSocketFrames()
    /// What the stream's TLS connection knows, shared by both directions; which of them this is; and the stream inside.
    var tls: TLSConnection?
    var tlsSide = 0
    var inner: TCPStream?
    var isInner = false
    /// Whether records wait for keys that may still come.
    var waitsForKeys = false
    var isClosed = false
    /// Whether a message was ever found in it, and how many bytes were passed over before.
    var sawMessage = false
    var skipped = 0
    /// Whether decoding has begun in the present mode.
    var isRecognised = false
    var lastSeen: Int64 = 0
    /// The sequence number of the byte at ``head``, for packets that are written anew.
    var headSequence: UInt32 { (self.next ?? 0) &- UInt32(truncatingIfNeeded: self.bytes.count - self.head) }

    var hasGap: Bool { !self.ahead.isEmpty }
    var buffered: Int { self.bytes.count - self.head + self.aheadBytes + (self.inner?.buffered ?? 0) }

    /// A SYN: what comes next is a new connection.
    ///
    /// - Returns: false when it only repeats the SYN that is known.
    func open(_ sequence: UInt32) -> Bool {
        let first = sequence &+ 1
        if self.next == first, self.bytes.count == self.head { return false }
        self.next = first
        return true
    }

    enum Arrival: Equatable { case nothingNew, inOrder, ahead }

    func take(_ segment: Span<UInt8>, _ sequence: UInt32, _ now: Int64) -> Arrival {
        self.lastSeen = now
        guard let expected = self.next else {
            self.next = sequence &+ UInt32(truncatingIfNeeded: segment.count)
            self.bytes += segment.copy(.init(0, segment.count))
            return .inOrder
        }
        let distance = Int(Int32(bitPattern: sequence &- expected))
        if distance <= 0 {
            guard -distance < segment.count else { return .nothingNew }
            self.append(segment.part(-distance, segment.count))
            self.drain()
            return .inOrder
        }
        if self.ahead.isEmpty {
            self.gapSince = now
            self.gapIsFinal = false
        }
        self.ahead.append((sequence, segment.copy(.init(0, segment.count))))
        self.aheadBytes += segment.count
        return .ahead
    }

    /// Adds bytes whose order is known: what came out of another stream.
    func add(_ bytes: [UInt8]) { self.append(bytes.span) }

    /// Bytes are missing before those that come next.
    func lose() {
        self.cutter.lose()
        self.tls?.lose(self.tlsSide)
        self.inner?.cutter.lose()
    }

    private func append(_ piece: Span<UInt8>) {
        // Used-up bytes go before the array would grow.
        if self.head > 0, self.head == self.bytes.count || self.head > 65_536 {
            self.bytes.removeFirst(self.head)
            self.head = 0
        }
        piece.withUnsafeBufferPointer { self.bytes.append(contentsOf: $0) }
        self.next = (self.next ?? 0) &+ UInt32(truncatingIfNeeded: piece.count)
    }

    /// Moves what waited and now fits.
    private func drain() {
        guard !self.ahead.isEmpty else { return }
        var progress = true
        while progress, let expected = self.next {
            progress = false
            for index in self.ahead.indices {
                let distance = Int(Int32(bitPattern: self.ahead[index].sequence &- expected))
                guard distance <= 0 else { continue }
                let piece = self.ahead.remove(at: index)
                self.aheadBytes -= piece.bytes.count
                if -distance < piece.bytes.count { self.append(piece.bytes.span.part(-distance, piece.bytes.count)) }
                progress = true
                break
            }
        }
        self.gapIsFinal = false
    }

    /// The other side has acknowledged everything before `number`.
    func acknowledged(_ number: UInt32) {
        guard let expected = self.next, self.hasGap else { return }
        if Int32(bitPattern: number &- expected) > 0 { self.gapIsFinal = true }
    }

    /// Whether waiting for the missing bytes is over: they were acknowledged, too much waits, or it has taken too long.
    func gapIsOver(_ now: Int64) -> Bool {
        self.hasGap
            && (self.gapIsFinal || self.aheadBytes > Self.maximumAhead || self.ahead.count > Self.maximumPieces
                || now - self.gapSince > 5_000_000_000)
    }

    /// Gives up the bytes of the gap and goes on behind it. What stood before it must have been used by then.
    ///
    /// - Returns: how many bytes are lost.
    func skipGap() -> Int {
        guard let expected = self.next else { return 0 }
        var nearest: Int?
        for piece in self.ahead {
            let distance = Int(Int32(bitPattern: piece.sequence &- expected))
            nearest = Swift.min(nearest ?? distance, distance)
        }
        self.bytes.removeAll(keepingCapacity: true)
        self.head = 0
        guard let nearest else { return 0 }
        self.next = expected &+ UInt32(bitPattern: Int32(truncatingIfNeeded: nearest))
        self.drain()
        return nearest
    }

    /// Bytes up to the offset have been used.
    func use(to offset: Int) { self.head = Swift.min(Swift.max(offset, self.head), self.bytes.count) }

    func forget() {
        self.bytes = []
        self.head = 0
        self.ahead = []
        self.aheadBytes = 0
        self.cutter = SIPStreamCutter()
        self.webSocket = WebSocketFrames()
        self.mode = .unknown
        self.tls = nil
        self.inner = nil
        self.waitsForKeys = false
        self.isRecognised = false
        self.isClosed = false
        self.sawMessage = false
        self.skipped = 0
    }
}
