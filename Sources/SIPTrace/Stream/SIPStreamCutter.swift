import SIPKit

/// Cuts SIP messages out of a byte stream as a capture has it: it may begin anywhere and have lost parts.
///
/// SIPKit's framer trusts its connection; this one finds its way back to the next start line.
struct SIPStreamCutter: Codable {
    enum Step: Equatable {
        /// A whole message; `wireLength` is more than the range where it was cut.
        case message(ByteRange, wireLength: Int)
        /// Bytes that belong to no message.
        case skip(to: Int, Ignored)
        /// The rest is kept until more comes.
        case wait
    }

    /// A message longer than this is shown up to here, and marked as cut.
    static let longestMessage = 256 * 1024

    /// Whether the stream's place in its messages is unknown.
    private(set) var isLost = false
    /// How far the end of the header has been searched for, from the message's start.
    private var searched = 0
    /// What the last step waits for, when it waits.
    private(set) var awaits = Awaited.headerEnd

    enum Awaited: Equatable, Codable {
        case headerEnd
        /// So many bytes from the message's start on.
        case bytes(Int)
        /// The next start line: the message does not say how long it is.
        case nextStart
    }

    /// Some bytes are missing before what comes next.
    mutating func lose() {
        self.isLost = true
        self.searched = 0
    }

    /// Looks for one message at `start`.
    ///
    /// - Parameter ends: whether the stream ends with these bytes, so that waiting is useless.
    mutating func step(_ bytes: Span<UInt8>, from start: Int, ends: Bool) -> Step {
        self.awaits = .headerEnd
        if self.isLost { return self.search(bytes, from: start, ends: ends) }
        switch SIPStart.look(bytes, at: start) {
        case .no:
            self.lose()
            return self.search(bytes, from: start, ends: ends)
        case .undecided(let at):
            if at >= bytes.count { return at > start ? .skip(to: at, .keepAlive) : .wait }
            return ends ? .skip(to: bytes.count, .streamFragment) : .wait
        case .yes(let at):
            if at > start { return .skip(to: at, .keepAlive) }
            return self.message(bytes, at, ends: ends)
        }
    }

    private mutating func message(_ bytes: Span<UInt8>, _ start: Int, ends: Bool) -> Step {
        guard let headerEnd = self.headerEnd(bytes, start) else {
            if ends { return .message(ByteRange(start, bytes.count), wireLength: bytes.count - start + 1) }
            guard bytes.count - start > Self.longestMessage else { return .wait }
            self.lose()
            return .message(ByteRange(start, bytes.count), wireLength: bytes.count - start + 1)
        }
        self.searched = 0
        guard let length = Self.contentLength(bytes, start, headerEnd) else {
            self.awaits = .nextStart
            return self.withoutLength(bytes, start, headerEnd, ends: ends)
        }
        let end = headerEnd + length
        if bytes.count >= end { return .message(ByteRange(start, end), wireLength: end - start) }
        self.awaits = .bytes(min(end - start, Self.longestMessage))
        guard ends || end - start > Self.longestMessage else { return .wait }
        if !ends, bytes.count - start < Self.longestMessage { return .wait }
        self.lose()
        return .message(ByteRange(start, bytes.count), wireLength: end - start)
    }

    /// A message without Content-Length on a stream (RFC 3261 §18.3 forbids it, phones do it): up to the next start
    /// line, and at once when it tells nothing of a body.
    private func withoutLength(_ bytes: Span<UInt8>, _ start: Int, _ headerEnd: Int, ends: Bool) -> Step {
        var line = headerEnd
        while line < bytes.count {
            if case .yes(let next) = SIPStart.look(bytes, at: line) {
                return .message(ByteRange(start, next), wireLength: next - start)
            }
            guard let end = bytes.firstIndex(ofByte: ASCII.lf, from: line, to: bytes.count) else { break }
            line = end + 1
        }
        let hasBody = Self.value(bytes, start, headerEnd, "content-type", "c") != nil
        if !hasBody || ends || bytes.count - start > Self.longestMessage {
            let end = hasBody ? bytes.count : headerEnd
            return .message(ByteRange(start, end), wireLength: end - start)
        }
        return .wait
    }

    /// Finds the next start line at the beginning of a line.
    private mutating func search(_ bytes: Span<UInt8>, from start: Int, ends: Bool) -> Step {
        var line = start
        while line < bytes.count {
            switch SIPStart.look(bytes, at: line) {
            case .yes(let at):
                self.isLost = false
                return at > start ? .skip(to: at, .streamFragment) : self.step(bytes, from: at, ends: ends)
            case .undecided(let at) where !ends:
                // Maybe the start line is not complete yet. What is before it can go.
                if at < bytes.count { return at > start ? .skip(to: at, .streamFragment) : .wait }
            default: break
            }
            guard let end = bytes.firstIndex(ofByte: ASCII.lf, from: line, to: bytes.count) else { break }
            line = end + 1
        }
        return bytes.count > start ? .skip(to: bytes.count, .streamFragment) : .wait
    }

    /// One past the empty line; CR LF, or bare LF as some peers send it.
    private mutating func headerEnd(_ bytes: Span<UInt8>, _ start: Int) -> Int? {
        var at = start + Swift.max(0, self.searched - 3)
        while let line = bytes.firstIndex(ofByte: ASCII.lf, from: at, to: bytes.count) {
            if bytes.u8(line + 1) == 10, line + 1 < bytes.count { return line + 2 }
            if line + 2 < bytes.count, bytes.u16(line + 1) == 0x0D0A { return line + 3 }
            at = line + 1
        }
        self.searched = bytes.count - start
        return nil
    }

    static func contentLength(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) -> Int? {
        guard let value = Self.value(bytes, start, end, "content-length", "l") else { return nil }
        var cursor = ByteCursor(bytes, value)
        cursor.skipLWS()
        guard let number = cursor.takeNumber(limit: 1 << 31) else { return nil }
        return Int(number)
    }

    /// The value of the first header line with this name or its short form.
    static func value(
        _ bytes: Span<UInt8>, _ start: Int, _ end: Int, _ name: StaticString, _ short: StaticString
    ) -> ByteRange? {
        var line = start
        while let next = bytes.firstIndex(ofByte: ASCII.lf, from: line, to: end) {
            line = next + 1
            var place = line
            while place < end, ASCII.isToken(bytes[unchecked: place]) { place += 1 }
            let found = ByteRange(line, place)
            guard bytes.equalsIgnoringCase(found, name) || bytes.equalsIgnoringCase(found, short) else { continue }
            while place < end, ASCII.isBlank(bytes[unchecked: place]) { place += 1 }
            guard bytes.u8(place) == 0x3A else { continue }
            let stop = bytes.firstIndex(ofByte: ASCII.lf, from: place, to: end) ?? end
            return ByteRange(place + 1, stop)
        }
        return nil
    }
}
