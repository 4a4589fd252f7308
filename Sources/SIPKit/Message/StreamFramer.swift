/// Cuts a stream into messages by Content-Length (RFC 3261 §18.3) and keeps its memory bounded.
///
/// Feed it what was read, ask until it has no more. Wherever the stream is cut, the messages are the same.
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
    private let limits: Limits

    public init(limits: Limits = Limits()) { self.limits = limits }

    /// Bytes that wait for the rest of their message.
    public var pending: Int { self.buffer.count - self.start }

    public mutating func feed(_ bytes: some Collection<UInt8>) {
        if self.start > 0, self.start == self.buffer.count || self.start > 65_536 {
            self.buffer.removeFirst(self.start)
            self.searched -= self.start
            self.start = 0
        }
        self.buffer.append(contentsOf: bytes)
    }

    /// The next whole message or keep-alive, or `nil` where more bytes are needed.
    ///
    /// - Throws: ``ParseError``: "Content-Length" `.missing` or worse, "headers" or "body" `.tooLarge`. A stream
    ///   that threw has lost its frames and is to be closed.
    public mutating func next() throws(ParseError) -> Frame? {
        if let keepAlive = self.takeLineEnds() { return keepAlive }
        guard self.pending > 0, self.buffer[self.start] != ASCII.cr, let headEnd = try self.findHeadEnd() else { return nil }
        var index = MessageIndex()
        let length: Int
        do {
            let head = Array(self.buffer[self.start..<headEnd])
            try index.parse(head.span)
            guard let value = try index.contentLength(head.span) else {
                // RFC 3261 §18.3 makes it mandatory on streams; without a body there is nothing to lose, though.
                throw ParseError(.missing, "Content-Length", expected: "mandatory on a stream")
            }
            length = value
        }
        guard length <= self.limits.body else {
            throw ParseError(.tooLarge, "body", expected: "at most \(self.limits.body) bytes, Content-Length says \(length)")
        }
        guard self.buffer.count - headEnd >= length else { return nil }
        let message = Array(self.buffer[self.start..<(headEnd + length)])
        self.start = headEnd + length
        self.searched = self.start
        return .message(message)
    }

    private mutating func takeLineEnds() -> Frame? {
        guard self.pending >= 2, self.buffer[self.start] == ASCII.cr, self.buffer[self.start + 1] == ASCII.lf else { return nil }
        let isPing =
            self.pending >= 4 && self.buffer[self.start + 2] == ASCII.cr && self.buffer[self.start + 3] == ASCII.lf
        self.start += isPing ? 4 : 2
        self.searched = self.start
        return isPing ? .ping : .pong
    }

    /// Behind the empty line, or `nil` where it has not come yet.
    private mutating func findHeadEnd() throws(ParseError) -> Int? {
        var at = Swift.max(self.searched, self.start)
        while let lf = self.buffer[at...].firstIndex(of: ASCII.lf) {
            var next = lf + 1
            if next < self.buffer.count, self.buffer[next] == ASCII.cr { next += 1 }
            guard next < self.buffer.count else { break }
            if self.buffer[next] == ASCII.lf, next + 1 - self.start <= self.limits.head { return next + 1 }
            at = lf + 1
        }
        self.searched = at
        guard self.pending <= self.limits.head else {
            throw ParseError(.tooLarge, "headers", expected: "at most \(self.limits.head) bytes before an empty line")
        }
        return nil
    }
}
