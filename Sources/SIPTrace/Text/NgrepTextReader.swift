internal import SIPKit

/// Reads what ngrep prints, of any age and in any layout, also when a mail program got hold of it.
///
/// The reader moves a window over the input and restores each message where it lies, so a message costs no allocation
/// and a file of any size little memory:
///
/// ```swift
/// var reader = NgrepTextReader(source)
/// while reader.next() { use(reader.origin, reader.payload) }
/// ```
///
/// Layouts are recognised block by block: by line (`-W byline`), rows (`normal`), one line (`none`, `single`), bytes in
/// hexadecimal (`-x`), the indented form of 2002, and by-line text that was wrapped. A message ends where its
/// Content-Length says, provided that a block ends there too; what its body looks like does not matter otherwise.
public struct NgrepTextReader: ~Copyable {
    /// What ``next()`` found.
    public enum Kind: Sendable, Equatable {
        case message
        /// Four zero bytes, line ends or nothing: a ping that keeps a NAT's door open.
        case keepAlive
        case icmp(type: UInt8, code: UInt8)
        /// The later part of a datagram; it has no ports.
        case fragment
        case other
    }

    public private(set) var origin: MessageOrigin
    public private(set) var kind = Kind.other
    public private(set) var repairs: TextRepairs = []
    /// Where the block stands in the input, in bytes.
    public private(set) var offset = 0
    public private(set) var statistics = TextStatistics()
    /// Whether the trace has times at all; without, ``origin``'s time is 0.
    public var hasTimes: Bool { self.clock.kind != .none }
    /// Whether the times are dates, and not only distances from each other.
    public var hasDates: Bool { self.clock.kind == .absolute }
    public let input: Int

    var window: TextWindow
    /// The header of the next block, when looking for the end of this one has read it already.
    private var ahead: (offset: Int, header: BlockHeader, clock: TextTime)? = nil
    var clock = TextTime()
    var scratch: [UInt8] = []
    /// TCP segments that are no whole message yet.
    var joiner = SegmentJoiner()
    /// Messages that a segment has completed and nobody has taken yet, in their order.
    var pending: [[UInt8]] = []
    /// How many of them have been taken.
    private var pendingTaken = 0
    /// The rows of a segment before its dots were looked at.
    var rows: [UInt8] = []
    private(set) var isSegment = false
    private var rest: [(source: SocketAddress, destination: SocketAddress, message: [UInt8])]? = nil
    private var payloadRange = 0..<0
    private var isInScratch = false
    private var hasLookedAtTimes = false
    /// Whether what segments began is kept at the end of the input, and not handed out: more is to come.
    var keepsRest = false

    /// - Parameters:
    ///   - input: the number that ``origin`` carries.
    ///   - zoneOffset: seconds east of UTC of the printed times.
    public init(_ source: TextSource, input: Int = 0, zoneOffset: Int = 0) {
        self.window = TextWindow(source)
        self.input = input
        self.clock.zoneOffset = Int64(zoneOffset)
        let nowhere = SocketAddress(.anyV4, 0)
        self.origin = MessageOrigin(
            time: 0, source: nowhere, destination: nowhere, transport: .udp, frame: 0, input: input)
    }

    /// The bytes of the message, valid until the next call of ``next()``.
    public var payload: Span<UInt8> {
        @inline(__always) @_lifetime(borrow self) get {
            self.isInScratch
                ? self.scratch.span.extracting(self.payloadRange) : self.window.bytes.span.extracting(self.payloadRange)
        }
    }

    /// Moves to the next block.
    ///
    /// - Returns: false at the end of the input.
    public mutating func next() -> Bool {
        while true {
            if !self.pending.isEmpty { return self.takePending() }
            self.window.prepare()
            if !self.hasLookedAtTimes { self.lookAtTimes() }
            guard self.window.count > 0 else { return !self.keepsRest && self.takeRest() }
            let start = self.window.start
            let lineEnd = self.window.lineEnd(from: start)
            if self.window[start] == 0x23, self.window.isMarkLine(start, lineEnd) {
                self.countMarks(start, lineEnd)
                self.window.advance(to: lineEnd + 1)
                continue
            }
            if BlockHeader.mayBegin(self.window.bytes.span, start), self.readBlock(start, lineEnd) { return true }
            if self.window.start == start {
                if lineEnd > start { self.statistics.otherLines += 1 }
                self.window.advance(to: lineEnd + 1)
            }
        }
    }

    private mutating func countMarks(_ from: Int, _ to: Int) {
        var at = from
        while at < to, self.window[at] == 0x23 { at += 1 }
        self.statistics.marks += at - from
    }

    // MARK: Blocks

    /// Reads the block whose header starts here; false (and nothing used up) when this is no header.
    private mutating func readBlock(_ start: Int, _ lineEnd: Int) -> Bool {
        var headerEnd = lineEnd
        var clock = self.clock
        var header: BlockHeader?
        if self.ahead != nil, let known = self.takeAhead(start) {
            header = known.header
            clock = known.clock
        } else {
            header = BlockHeader(self.window.bytes.span, ByteRange(start, lineEnd), time: &clock)
        }
        var repairs: TextRepairs = []
        if header == nil, lineEnd + 1 < self.window.end, self.endsInArrow(start, lineEnd) {
            // The header was wrapped behind its arrow: both lines together, the line end read as a blank.
            headerEnd = self.window.lineEnd(from: lineEnd + 1)
            self.window[lineEnd] = ASCII.space
            header = BlockHeader(self.window.bytes.span, ByteRange(start, headerEnd), time: &clock)
            if header == nil { self.window[lineEnd] = ASCII.lf }
            repairs.insert(.header)
        }
        guard let header else { return false }
        self.clock = clock
        self.repairs = repairs
        self.statistics.blocks += 1
        self.take(header, start)
        let isOther = header.isFragment || (header.letter != 0x55 && header.letter != 0x54)
        if isOther {
            self.statistics.otherBlocks += 1
            self.kind =
                header.icmp.map { .icmp(type: $0.type, code: $0.code) } ?? (header.isFragment ? .fragment : .other)
        }
        self.isSegment = header.letter == 0x54 && !isOther
        if self.isSegment {
            self.readSegment(header, headerEnd)
            self.kind = .fragment
            return self.pending.isEmpty || self.takePending()
        }
        self.readPayload(header, headerEnd)
        if !isOther { self.kind = self.payloadKind() }
        return true
    }

    /// The header that was read here already. Whatever it is, it holds no longer: the clock goes on with this block.
    private mutating func takeAhead(_ start: Int) -> (header: BlockHeader, clock: TextTime)? {
        defer { self.ahead = nil }
        guard let ahead = self.ahead, ahead.offset == self.window.offset(of: start) else { return nil }
        return (ahead.header, ahead.clock)
    }

    /// Whether a block's header stands in a place; what was read is kept for when the reader comes there.
    mutating func isHeader(_ place: Int) -> Bool {
        guard BlockHeader.mayBegin(self.window.bytes.span, place) else { return false }
        let offset = self.window.offset(of: place)
        if let ahead = self.ahead, ahead.offset == offset { return true }
        var clock = self.clock
        let end = self.window.lineEnd(from: place)
        guard let header = BlockHeader(self.window.bytes.span, ByteRange(place, end), time: &clock) else {
            return false
        }
        // Its text has a place in the window, and the window moves; and a line that goes on is not yet whole.
        if header.text == nil, end < self.window.end { self.ahead = (offset, header, clock) }
        return true
    }

    /// Makes the next message that segments have completed the one at hand.
    private mutating func takePending() -> Bool {
        self.scratch = self.pending[self.pendingTaken]
        self.pending[self.pendingTaken] = []
        self.pendingTaken += 1
        if self.pendingTaken == self.pending.count {
            self.pending.removeAll(keepingCapacity: self.pending.count < 64)
            self.pendingTaken = 0
        }
        self.isInScratch = true
        self.payloadRange = 0..<self.scratch.count
        self.kind = self.payloadKind()
        return true
    }

    /// At the end of the input: what segments began and nothing completed.
    private mutating func takeRest() -> Bool {
        if self.rest == nil { self.rest = self.joiner.finish() }
        guard let next = self.rest?.popLast() else { return false }
        self.origin.source = next.source
        self.origin.destination = next.destination
        self.origin.transport = .tcp
        self.pending = [next.message]
        return self.takePending()
    }

    /// Whether the line breaks off right behind the arrow, or behind its destination.
    private mutating func endsInArrow(_ start: Int, _ end: Int) -> Bool {
        var last = end
        while last > start, ASCII.isLWS(self.window[last - 1]) { last -= 1 }
        return last - start > 4 && self.window[last - 1] == ASCII.greater && self.window[last - 2] == ASCII.minus
    }

    private mutating func take(_ header: BlockHeader, _ start: Int) {
        self.offset = self.window.offset(of: start)
        self.origin.time = header.time ?? 0
        self.origin.source = header.source
        self.origin.destination = header.destination
        self.origin.transport = header.letter == 0x54 ? .tcp : .udp
        self.origin.frame = header.number ?? self.statistics.blocks
        self.origin.wireLength = nil
    }

    private mutating func payloadKind() -> Kind {
        let payload = self.payload
        guard payload.count <= 6 else { return .message }
        for place in 0..<payload.count {
            let byte = payload[place]
            guard byte == ASCII.dot || byte == ASCII.cr || byte == ASCII.lf || byte == 0 || byte == ASCII.space else {
                return .message
            }
        }
        return .keepAlive
    }

    /// `-T` and `-T -T` look alike: when the times of the first window only rise, they count from the first block.
    private mutating func lookAtTimes() {
        self.hasLookedAtTimes = true
        var at = self.window.start
        let end = min(self.window.end, at + (64 << 10))
        var probe = TextTime()
        probe.relativeIsSinceFirst = true
        var last: Int64 = -1
        var first: Int64? = nil
        var rises = 0
        while at < end {
            let lineEnd = self.window.lineEnd(from: at)
            if BlockHeader.mayBegin(self.window.bytes.span, at),
                let header = BlockHeader(self.window.bytes.span, ByteRange(at, lineEnd), time: &probe),
                let time = header.time
            {
                guard probe.kind != .absolute, time >= last else { return }
                if first == nil { first = time }
                last = time
                rises += 1
            }
            at = lineEnd + 1
        }
        self.clock.relativeIsSinceFirst = rises >= 5 && first == 0
    }

    // MARK: For the layouts

    mutating func found(_ range: Range<Int>, next: Int, repairs: TextRepairs = .lineEnds) {
        self.isInScratch = false
        self.payloadRange = range
        self.repairs.formUnion(repairs)
        self.window.advance(to: next)
    }

    mutating func foundInScratch(next: Int, repairs: TextRepairs) {
        self.isInScratch = true
        self.payloadRange = 0..<self.scratch.count
        self.repairs.formUnion(repairs)
        self.window.advance(to: next)
        if self.repairs.isMangled { self.statistics.mangled += 1 }
    }

    /// Forgets what reading a block one way has noted, before it is read another way.
    mutating func undo(_ repairs: TextRepairs, _ statistics: TextStatistics) {
        self.repairs = repairs
        self.statistics = statistics
    }
    mutating func addLineEndRepair() { self.repairs.insert(.lineEnds) }
    mutating func foundWrongLength() { self.statistics.wrongLength += 1 }
    mutating func foundOversized() { self.statistics.oversized += 1 }
    mutating func restoreDots(_ range: Range<Int>) { self.window.restoreDots(range) }
}

extension NgrepTextReader {
    /// What the reader knows between two blocks.
    struct Kept: Sendable, Codable {
        var clock: TextTime
        var statistics: TextStatistics
        var joiner: SegmentJoiner
        var hasLookedAtTimes: Bool
    }

    var kept: Kept {
        Kept(
            clock: self.clock, statistics: self.statistics, joiner: self.joiner,
            hasLookedAtTimes: self.hasLookedAtTimes)
    }

    mutating func restore(_ kept: Kept) {
        self.clock = kept.clock
        self.statistics = kept.statistics
        self.joiner = kept.joiner
        self.hasLookedAtTimes = kept.hasLookedAtTimes
    }

    /// Looks again for more where the input had ended, up to its true end.
    mutating func goOn() {
        self.keepsRest = false
        self.window.goOn()
    }
}
