/// Cuts a stream into messages by Content-Length (RFC 3261 §18.3) and keeps its memory bounded.
///
/// Feed it what was read, ask until it has no more. Wherever the stream is cut, the messages and the pings are the
/// same, and each byte is looked at a fixed number of times however small the pieces are.
public struct StreamFramer: Sendable {
    public enum Frame: Sendable, Equatable {
        /// One whole message.
        case message([UInt8])
        /// A keep-alive: two line ends (RFC 5626 §3.5.1), to be answered with one.
        case ping
        /// The answer to a keep-alive, or a line end between messages.
        case pong
    }

    public struct Limits: Sendable {
        /// Start line and headers, in bytes.
        public var head = 65_536
        /// Body, in bytes.
        public var body = 1_048_576
        public init() {}
    }

    private var buffer: [UInt8] = []
    /// Where the message in work begins in ``buffer``.
    private var start = 0
    /// Up to where the end of the headers has been looked for.
    private var searched = 0
    /// Where the message in work ends, once its headers have been read.
    private var messageEnd: Int? = nil
    /// Whether the last frame was one line end alone: a second one makes both a ping.
    private var hasLoneLineEnd = false
    private let limits: Limits

    /// Start line and headers of the message that made ``next()`` throw, as far as they came, so that it can be
    /// answered before the stream is closed; empty before that.
    public private(set) var refusedHead: [UInt8] = []

    public init(limits: Limits = Limits()) { self.limits = limits }

    /// Bytes that wait for the rest of their message.
    public var pending: Int { self.buffer.count - self.start }

    public mutating func feed(_ bytes: some Collection<UInt8>) {
        if self.start > 0, self.start == self.buffer.count || self.start > 65_536 {
            self.buffer.removeFirst(self.start)
            self.searched = Swift.max(0, self.searched - self.start)
            self.messageEnd = self.messageEnd.map { $0 - self.start }
            self.start = 0
        }
        self.buffer.append(contentsOf: bytes)
    }

    /// The next whole message or keep-alive, or `nil` where more bytes are needed.
    ///
    /// - Throws: ``ParseError``: "Content-Length" `.missing`, `.duplicate` (two that differ) or worse, "headers" or
    ///   "body" `.tooLarge`, "start line". A stream that threw has lost its frames and is to be closed.
    public mutating func next() throws(ParseError) -> Frame? {
        if self.messageEnd == nil {
            if let keepAlive = self.takeLineEnds() { return keepAlive }
            // One CR that may become a line end.
            if self.pending == 0 || (self.pending == 1 && self.buffer[self.start] == ASCII.cr) { return nil }
            do {
                guard let headEnd = try self.findHeadEnd() else { return nil }
                self.messageEnd = headEnd + (try self.bodyLength(headEnd: headEnd))
            } catch {
                self.refusedHead = Array(
                    self.buffer[self.start..<Swift.min(self.buffer.count, self.start + self.limits.head)])
                throw error
            }
        }
        guard let end = self.messageEnd, self.buffer.count >= end else { return nil }
        let message = Array(self.buffer[self.start..<end])
        self.advance(to: end)
        self.hasLoneLineEnd = false
        return .message(message)
    }

    private mutating func advance(to place: Int) {
        self.start = place
        self.searched = place
        self.messageEnd = nil
    }

    private mutating func takeLineEnds() -> Frame? {
        // A line end may also be an LF alone; between messages it says nothing.
        while self.pending > 0, self.buffer[self.start] == ASCII.lf { self.advance(to: self.start + 1) }
        guard self.hasLineEnd(at: self.start) else { return nil }
        if self.hasLoneLineEnd {
            self.hasLoneLineEnd = false
            self.advance(to: self.start + 2)
            return .ping
        }
        let isPing = self.hasLineEnd(at: self.start + 2)
        self.hasLoneLineEnd = !isPing
        self.advance(to: self.start + (isPing ? 4 : 2))
        return isPing ? .ping : .pong
    }

    private func hasLineEnd(at place: Int) -> Bool {
        place + 1 < self.buffer.count && self.buffer[place] == ASCII.cr && self.buffer[place + 1] == ASCII.lf
    }

    /// Behind the empty line, or `nil` where it has not come yet.
    private mutating func findHeadEnd() throws(ParseError) -> Int? {
        var at = Swift.max(self.searched, self.start)
        while let lf = self.buffer[at...].firstIndex(of: ASCII.lf) {
            at = lf
            var next = lf + 1
            if next < self.buffer.count, self.buffer[next] == ASCII.cr { next += 1 }
            guard next < self.buffer.count else { break }
            if self.buffer[next] == ASCII.lf, next + 1 - self.start <= self.limits.head { return next + 1 }
            at = lf + 1
        }
        // An LF whose successor has not come yet is looked at again; everything else is done with.
        self.searched = at < self.buffer.count && self.buffer[at] == ASCII.lf ? at : self.buffer.count
        guard self.pending <= self.limits.head else {
            throw ParseError(.tooLarge, "headers", expected: "at most \(self.limits.head) bytes before an empty line")
        }
        return nil
    }

    private func bodyLength(headEnd: Int) throws(ParseError) -> Int {
        let head = self.buffer.span.extracting(self.start..<headEnd)
        var index = MessageIndex()
        try index.parse(head)
        guard let length = try index.contentLength(head), let first = index.firstSlot(.contentLength) else {
            // RFC 3261 §18.3 makes it mandatory on streams; without a body there is nothing to lose, though.
            throw ParseError(.missing, "Content-Length", expected: "mandatory on a stream")
        }
        // Two that differ are two messages to two readers: smuggling. Two that agree are only odd.
        var slot = first
        while let twin = index.nextSlot(after: slot) {
            guard ASCII.number(head, index.slots[twin].value, limit: 0xFF_FFFF) == UInt64(length) else {
                throw ParseError(.duplicate, "Content-Length", expected: "one length")
            }
            slot = twin
        }
        guard length <= self.limits.body else {
            throw ParseError(
                .tooLarge, "body", expected: "at most \(self.limits.body) bytes, Content-Length says \(length)")
        }
        return length
    }
}
