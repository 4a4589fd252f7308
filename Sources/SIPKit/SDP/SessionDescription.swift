/// A session description where it lies: its lines as coordinates, so that a relay changes an address and a port and
/// leaves every other byte alone (RFC 8866, RFC 3264).
///
/// Reading is tolerant of what peers send: LF alone, lines out of order, letters nobody knows, no end to the last line.
/// Only what is no `x=` line at all is refused. Allocates once or twice, for the list of lines.
public struct SessionDescription: Sendable, Equatable {
    public struct Line: Sendable, Equatable, BitwiseCopyable {
        /// `v`, `o`, `c`, `m`, `a` …
        public var letter: UInt8
        /// Behind the `=`, without the line end.
        public var value: ByteRange
        /// With its line end.
        public var whole: ByteRange
    }

    /// One `m=` line with what belongs to it.
    public struct Media: Sendable, Equatable {
        /// The place of the `m=` line in ``SessionDescription/lines``.
        public var line: Int
        /// The places of the section's lines, the `m=` line first.
        public var section: Range<Int>
        /// `audio`, `video`, `image`, `application` …
        public var kind: ByteRange
        public var port: ByteRange
        /// 0 means that the stream is refused, or off.
        public var portNumber: UInt16
        /// How many ports follow one another; 1 where it does not say.
        public var portCount: UInt16
        /// `RTP/AVP`, `UDP/TLS/RTP/SAVPF`, `udptl` …
        public var transport: ByteRange
        /// The payload types or what the transport has instead.
        public var formats: ByteRange
    }

    /// A `c=` line, or what an `o=` line says of the same.
    public struct Connection: Sendable, Equatable, BitwiseCopyable {
        /// `IP4` or `IP6`, as it was written.
        public var addressType: ByteRange
        /// The address or name, without TTL and count.
        public var address: ByteRange
        /// The address with `/ttl/count`, where a multicast address has them.
        public var addressField: ByteRange
    }

    public private(set) var lines: [Line] = []
    public private(set) var media: [Media] = []
    /// Where the description begins and ends.
    public let whole: ByteRange

    /// Lines in one description.
    public static let maxLines = 2_048
    public static let maxMedia = 64

    /// Reads the description that `range` holds.
    ///
    /// - Throws: ``ParseError`` "SDP": `.malformed` for a line that is none, or an `m=` line that cannot be read;
    ///   `.tooLarge` over the limits.
    public init(parsing bytes: Span<UInt8>, _ range: ByteRange) throws(ParseError) {
        self.whole = ByteRange(range.start, Swift.min(range.end, bytes.count))
        self.lines.reserveCapacity(32)
        var at = self.whole.start
        while at < self.whole.end {
            let lineEnd = Swift.min(MessageIndex.endOfLine(bytes, from: at), self.whole.end)
            let next = Swift.min(lineEnd + 1, self.whole.end)
            // A CR alone at the end belongs to the line end; blanks belong to the value.
            let textEnd = lineEnd > at && bytes[lineEnd - 1] == ASCII.cr ? lineEnd - 1 : lineEnd
            if textEnd > at { try self.add(bytes, at, textEnd, next) }
            at = next
        }
        if let last = self.media.indices.last {
            self.media[last].section = self.media[last].line..<self.lines.count
        }
    }

    private mutating func add(_ bytes: Span<UInt8>, _ start: Int, _ textEnd: Int, _ next: Int) throws(ParseError) {
        guard textEnd - start >= 2, ASCII.isLetter(bytes[start]), bytes[start + 1] == ASCII.equals else {
            throw ParseError(
                .malformed, "SDP", expected: "a letter and `=`", found: bytes.copy(ByteRange(start, textEnd)), at: start
            )
        }
        guard self.lines.count < Self.maxLines else {
            throw ParseError(.tooLarge, "SDP", expected: "at most \(Self.maxLines) lines", at: start)
        }
        let line = Line(letter: bytes[start], value: ByteRange(start + 2, textEnd), whole: ByteRange(start, next))
        self.lines.append(line)
        guard line.letter == UInt8(ascii: "m") else { return }
        guard self.media.count < Self.maxMedia else {
            throw ParseError(.tooLarge, "SDP", expected: "at most \(Self.maxMedia) media", at: start)
        }
        if let last = self.media.indices.last {
            self.media[last].section = self.media[last].line..<(self.lines.count - 1)
        }
        self.media.append(try Self.media(bytes, line, place: self.lines.count - 1))
    }

    private static func media(_ bytes: Span<UInt8>, _ line: Line, place: Int) throws(ParseError) -> Media {
        var cursor = ByteCursor(bytes, line.value)
        let isWord = { (byte: UInt8) in !ASCII.isBlank(byte) }
        let kind = cursor.take(while: isWord)
        _ = cursor.take(while: ASCII.isBlank)
        let port = cursor.take(while: ASCII.isDigit)
        guard !kind.isEmpty, let number = ASCII.number(bytes, port, limit: 65_535) else {
            throw ParseError(.malformed, "SDP", expected: "m=kind port", found: bytes.copy(line.value), at: port.start)
        }
        var count: UInt64 = 1
        if cursor.skip(ASCII.slash) {
            guard let ports = cursor.takeNumber(limit: 65_535) else {
                throw ParseError(
                    .malformed, "SDP", expected: "a number of ports", found: bytes.copy(line.value), at: cursor.offset)
            }
            count = ports
        }
        _ = cursor.take(while: ASCII.isBlank)
        let transport = cursor.take(while: isWord)
        _ = cursor.take(while: ASCII.isBlank)
        return Media(
            line: place, section: place..<(place + 1), kind: kind, port: port,
            portNumber: UInt16(truncatingIfNeeded: number),
            portCount: UInt16(truncatingIfNeeded: count), transport: transport, formats: cursor.takeRest())
    }
}

// MARK: Looking things up

extension SessionDescription {
    /// The lines before the first medium.
    public var session: Range<Int> { 0..<(self.media.first?.line ?? self.lines.count) }

    /// The first line with this letter among some.
    public func line(_ letter: StaticString, in section: Range<Int>) -> Line? {
        let wanted = letter.withUTF8Buffer { $0.first }
        for place in section.clamped(to: self.lines.indices) where self.lines[place].letter == wanted {
            return self.lines[place]
        }
        return nil
    }

    /// The address of the `c=` line above all media.
    public func connection(in bytes: Span<UInt8>) -> Connection? { self.connection(in: bytes, of: self.session) }

    /// The address of a medium: its own `c=` line, or the one above all media.
    public func connection(of media: Media, in bytes: Span<UInt8>) -> Connection? {
        self.connection(in: bytes, of: media.section) ?? self.connection(in: bytes)
    }

    private func connection(in bytes: Span<UInt8>, of section: Range<Int>) -> Connection? {
        self.line("c", in: section).flatMap { Self.connection(bytes, ByteCursor(bytes, $0.value)) }
    }

    /// The address of the `o=` line; it names the description and carries no media.
    public func origin(in bytes: Span<UInt8>) -> Connection? {
        guard let line = self.line("o", in: self.session) else { return nil }
        var cursor = ByteCursor(bytes, line.value)
        // o=user id version IN IP4 address
        for _ in 0..<3 {
            _ = cursor.take { !ASCII.isBlank($0) }
            _ = cursor.take(while: ASCII.isBlank)
        }
        return Self.connection(bytes, cursor)
    }

    /// `IN IP4 address/ttl/count`.
    private static func connection(_ bytes: Span<UInt8>, _ start: consuming ByteCursor) -> Connection? {
        var cursor = start
        let isWord = { (byte: UInt8) in !ASCII.isBlank(byte) }
        _ = cursor.take(while: isWord)
        _ = cursor.take(while: ASCII.isBlank)
        let type = cursor.take(while: isWord)
        _ = cursor.take(while: ASCII.isBlank)
        let address = cursor.take { !ASCII.isBlank($0) && $0 != ASCII.slash }
        _ = cursor.take(while: isWord)
        if address.isEmpty { return nil }
        return Connection(addressType: type, address: address, addressField: ByteRange(address.start, cursor.offset))
    }

    /// Whether an address means "hold" as RFC 2543 had it.
    public static func isHold(_ connection: Connection, in bytes: Span<UInt8>) -> Bool {
        IPAddress(parsing: bytes, connection.address)?.isAny ?? false
    }

    /// The value of the first attribute with this name among some lines; empty for a flag, `nil` where there is none.
    public func attribute(_ name: StaticString, in section: Range<Int>, of bytes: Span<UInt8>) -> ByteRange? {
        for place in section.clamped(to: self.lines.indices) where self.lines[place].letter == UInt8(ascii: "a") {
            let value = self.lines[place].value
            guard let colon = bytes.firstIndex(of: ASCII.colon, in: value) else {
                if bytes.equals(value, name) { return ByteRange(value.end, value.end) }
                continue
            }
            if bytes.equals(ByteRange(value.start, colon), name) { return ByteRange(colon + 1, value.end) }
        }
        return nil
    }
}
