internal import SIPKit

/// Puts the TCP segments of an ngrep text together: one block a segment, cut anywhere, even inside a word.
///
/// There are no sequence numbers in such a text, so segments are taken in the order of their blocks; what was lost shows
/// where a start line comes in the middle of something else.
struct SegmentJoiner: Codable {
    private struct Key: Hashable, Codable {
        var source: SocketAddress
        var destination: SocketAddress
    }
    private struct Stream: Codable {
        var bytes: [UInt8] = []
        /// Whether ngrep's `..` still stand for line ends: they can be told only when the pieces are together.
        var isDotted = false
        var cutter = SIPStreamCutter()
        /// Before there are so many bytes, nothing new can be known of them.
        var needed = 0
    }

    private var streams: [Key: Stream] = [:]
    private var buffered = 0
    /// How many pieces were given up because there were too many.
    private(set) var dropped = 0

    static let maxStreams = 4_096
    static let maxBuffered = 16 << 20
    /// Pieces of this size are looked at again with each segment; longer ones when they have grown by an eighth, unless
    /// they say how long they are.
    static let smallPiece = 16 << 10

    func isWaiting(_ source: SocketAddress, _ destination: SocketAddress) -> Bool {
        !self.streams.isEmpty && self.streams[Key(source: source, destination: destination)] != nil
    }

    /// Takes a segment and gives the messages that it completes.
    mutating func append(
        _ segment: [UInt8], isDotted: Bool, from source: SocketAddress, to destination: SocketAddress
    ) -> [[UInt8]] {
        let key = Key(source: source, destination: destination)
        var stream = self.streams.removeValue(forKey: key) ?? Stream()
        self.buffered -= stream.bytes.count
        stream.isDotted = isDotted
        var output: [[UInt8]] = []
        if Self.showsLoss(stream, segment) { Self.cut(&stream, ends: true, &output) }
        if segment.first == ASCII.lf, stream.bytes.last == ASCII.dot { stream.bytes[stream.bytes.count - 1] = ASCII.cr }
        stream.bytes += segment
        if stream.bytes.count >= stream.needed { Self.cut(&stream, ends: false, &output) }
        guard !stream.bytes.isEmpty else { return output }
        if self.streams.count >= Self.maxStreams || self.buffered > Self.maxBuffered {
            self.dropped += self.streams.count
            self.streams.removeAll()
            self.buffered = 0
        }
        self.buffered += stream.bytes.count
        self.streams[key] = stream
        return output
    }

    /// What never became whole: given out as it is when the input ends.
    mutating func finish() -> [(source: SocketAddress, destination: SocketAddress, message: [UInt8])] {
        var output: [(source: SocketAddress, destination: SocketAddress, message: [UInt8])] = []
        for (key, stream) in self.streams {
            var (rest, messages) = (stream, [[UInt8]]())
            Self.cut(&rest, ends: true, &messages)
            output += messages.map { (key.source, key.destination, $0) }
        }
        self.streams = [:]
        self.buffered = 0
        return output
    }

    /// Whether a segment begins a message although the one before still misses some bytes, and these are no body that
    /// looks like a message (`message/sipfrag`).
    private static func showsLoss(_ stream: Stream, _ segment: [UInt8]) -> Bool {
        guard !stream.bytes.isEmpty, case .yes = SIPStart.look(segment.span, at: 0) else { return false }
        var probe = stream
        var messages: [[UInt8]] = []
        probe.bytes += segment
        Self.cut(&probe, ends: false, &messages)
        // With the segment all is whole, or goes on with another start line: nothing was lost.
        return messages.isEmpty || probe.cutter.isLost
    }

    private static func cut(_ stream: inout Stream, ends: Bool, _ output: inout [[UInt8]]) {
        let bytes = stream.bytes
        stream.bytes = []
        let at =
            stream.isDotted
            ? Self.cutDotted(bytes, &stream.cutter, ends: ends, &output)
            : Self.cutPlain(bytes, &stream.cutter, ends: ends, &output)
        stream.bytes = at == 0 ? bytes : Array(bytes[at...])
        let left = stream.bytes.count
        stream.needed =
            switch stream.cutter.awaits {
            case .bytes(let count): count
            case .headerEnd where !stream.isDotted: 0
            case .headerEnd, .nextStart: left < Self.smallPiece ? 0 : left + left / 8
            }
    }

    /// - Returns: where it stopped.
    private static func cutPlain(
        _ bytes: [UInt8], _ cutter: inout SIPStreamCutter, ends: Bool, _ output: inout [[UInt8]]
    ) -> Int {
        var at = 0
        while at < bytes.count {
            switch cutter.step(bytes.span, from: at, ends: ends) {
            case .message(let range, _):
                guard range.end > at else { return at }
                output.append(Array(bytes[range.start..<range.end]))
                at = range.end
            case .skip(let to, _):
                guard to > at else { return at }
                at = to
            case .wait: return at
            }
        }
        return at
    }

    /// The same where dots stand for line ends: each message is restored by itself, since what follows has dots of its own,
    /// and in a part of the bytes that grows until it holds the message.
    private static func cutDotted(
        _ bytes: [UInt8], _ cutter: inout SIPStreamCutter, ends: Bool, _ output: inout [[UInt8]]
    ) -> Int {
        var at = 0
        var size = Self.smallPiece
        while at < bytes.count {
            let end = min(at + size, bytes.count)
            var text = Array(bytes[at..<end])
            DotRestorer.restore(&text, 0..<text.count)
            switch cutter.step(text.span, from: 0, ends: ends && end == bytes.count) {
            case .message(let range, _):
                guard range.end > 0 else { return at }
                output.append(Array(text[range.start..<range.end]))
                at += range.end
                size = Self.smallPiece
            case .skip(let to, _):
                guard to > 0 else { return at }
                at += to
            case .wait:
                guard end < bytes.count else { return at }
                size *= 4
            }
        }
        return at
    }
}
