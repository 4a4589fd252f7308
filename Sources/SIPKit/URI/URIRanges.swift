import CBytes

/// A URI's parts as coordinates in the message it stands in (RFC 3261 §19.1, §25.1).
///
/// This is the one reader of URIs; ``SIPURI`` is the value made from it.
public struct URIRanges: Sendable, Equatable, BitwiseCopyable {
    public enum Scheme: UInt8, Sendable, BitwiseCopyable { case sip, sips, tel, urn, other }

    public var scheme: Scheme
    public var whole: ByteRange
    public var schemeName: ByteRange
    /// The user part without its password; empty where there is none. For `tel` the number.
    public var user: ByteRange = .none
    public var password: ByteRange = .none
    /// The host as it was written, an IPv6 address with its brackets; empty for schemes without one.
    public var host: ByteRange = .none
    /// `nil` where no port was written.
    public var port: UInt16? = nil
    /// From the host's first byte to behind the port.
    public var hostPort: ByteRange = .none
    /// Behind the first `;`, up to `?` or the end; empty where there are none.
    public var parameters: ByteRange = .none
    /// Behind `?`; empty where there are none.
    public var headers: ByteRange = .none
    /// Whether there is an `@`: `sip:@host` has an empty user part, which the grammar forbids.
    public var hasUser = false

    /// Reads the URI that `range` holds, all of it.
    ///
    /// - Throws: ``ParseError`` "URI": `.malformed` for what is no URI, `.outOfRange` for a port over 65535.
    public init(parsing bytes: Span<UInt8>, _ range: ByteRange) throws(ParseError) {
        var at = range.start
        let end = Swift.min(range.end, bytes.count)
        if end &- at > 4, bytes.equalsIgnoringCase(ByteRange(at, at &+ 4), "sip:") {
            at &+= 3
            self.scheme = .sip
        } else {
            while at < end {
                let byte = bytes[unchecked: at]
                if byte == ASCII.colon { break }
                guard ASCII.isAlphanumeric(byte) || byte == ASCII.plus || byte == ASCII.minus || byte == ASCII.dot
                else {
                    throw Self.malformed(bytes, range, "a scheme and a colon", at: at)
                }
                at &+= 1
            }
            guard at > range.start, at < end, ASCII.isLetter(bytes[unchecked: range.start]) else {
                throw Self.malformed(bytes, range, "a scheme and a colon", at: range.start)
            }
            self.scheme = Self.scheme(bytes, ByteRange(range.start, at))
        }
        self.whole = range
        self.schemeName = ByteRange(range.start, at)
        let rest = ByteRange(at &+ 1, end)
        if let place = bytes.firstControlOrSpace(in: rest) {
            throw Self.malformed(bytes, range, "no blanks or control bytes", at: place)
        }
        switch self.scheme {
        case .sip, .sips: try self.parseSIP(bytes, rest)
        case .tel:
            let semicolon = bytes.firstIndex(of: ASCII.semicolon, in: rest) ?? end
            self.user = ByteRange(rest.start, semicolon)
            self.parameters = ByteRange(Swift.min(semicolon &+ 1, end), end)
        case .urn, .other: break
        }
    }

    private static func scheme(_ bytes: Span<UInt8>, _ name: ByteRange) -> Scheme {
        if bytes.equalsIgnoringCase(name, "sip") { return .sip }
        if bytes.equalsIgnoringCase(name, "sips") { return .sips }
        if bytes.equalsIgnoringCase(name, "tel") { return .tel }
        return bytes.equalsIgnoringCase(name, "urn") ? .urn : .other
    }

    private mutating func parseSIP(_ bytes: Span<UInt8>, _ rest: ByteRange) throws(ParseError) {
        var hostStart = rest.start
        let atSign = bytes.firstPlace(in: rest) { cbytes_equal($0, ASCII.at) }
        if atSign < rest.end {
            self.hasUser = true
            let info = ByteRange(rest.start, atSign)
            let colon = bytes.firstPlace(in: info) { cbytes_equal($0, ASCII.colon) }
            self.user = ByteRange(info.start, colon)
            if colon < atSign { self.password = ByteRange(colon &+ 1, atSign) }
            hostStart = atSign &+ 1
        }
        var at = hostStart
        let end = rest.end
        if at < end, bytes[unchecked: at] == ASCII.openBracket {
            guard let close = bytes.firstIndex(of: ASCII.closeBracket, in: ByteRange(at, end)) else {
                throw Self.malformed(bytes, self.whole, "a closing bracket", at: at)
            }
            guard IPAddress(parsing: bytes, ByteRange(at, close &+ 1)) != nil else {
                throw Self.malformed(bytes, self.whole, "an IPv6 address in brackets", at: at)
            }
            at = close &+ 1
        } else {
            at = Self.endOfHost(bytes, ByteRange(at, end))
            if at < end {
                let byte = bytes[unchecked: at]
                guard byte == ASCII.colon || byte == ASCII.semicolon || byte == ASCII.question else {
                    throw Self.malformed(bytes, self.whole, "a host", at: at)
                }
            }
        }
        self.host = ByteRange(hostStart, at)
        guard !self.host.isEmpty else { throw Self.malformed(bytes, self.whole, "a host", at: hostStart) }
        if at < end, bytes[unchecked: at] == ASCII.colon {
            var cursor = ByteCursor(bytes, ByteRange(at &+ 1, end))
            guard let number = cursor.takeNumber(limit: 65_535) else {
                throw ParseError(
                    cursor.offset > at &+ 1 ? .outOfRange : .malformed, "URI", expected: "a port from 0 to 65535",
                    found: bytes.copy(ByteRange(at &+ 1, end)), at: at &+ 1)
            }
            self.port = UInt16(truncatingIfNeeded: number)
            at = cursor.offset
        }
        self.hostPort = ByteRange(hostStart, at)
        if at < end, bytes[unchecked: at] == ASCII.semicolon {
            let question = bytes.firstIndex(of: ASCII.question, in: ByteRange(at, end)) ?? end
            self.parameters = ByteRange(at &+ 1, question)
            at = question
        }
        if at < end, bytes[unchecked: at] == ASCII.question {
            self.headers = ByteRange(at &+ 1, end)
            at = end
        }
        guard at == end else { throw Self.malformed(bytes, self.whole, "`;`, `?` or the end", at: at) }
    }

    /// Behind the letters, digits, `-` and `.`; also `_`, which names in the field have although RFC 1123 does not allow it.
    @inline(__always)
    static func endOfHost(_ bytes: Span<UInt8>, _ range: ByteRange) -> Int {
        bytes.firstPlace(in: range) { cbytes_not_host($0) }
    }

    private static func malformed(
        _ bytes: Span<UInt8>, _ range: ByteRange, _ expected: String, at offset: Int
    ) -> ParseError {
        ParseError(.malformed, "URI", expected: expected, found: bytes.copy(range), at: offset)
    }
}

extension URIRanges {
    public var isSIP: Bool { self.scheme == .sip || self.scheme == .sips }

    /// The value of a URI parameter, in any case; empty for one without a value, `nil` where it is missing.
    public func parameter(_ name: StaticString, in bytes: Span<UInt8>) -> ByteRange? {
        guard !self.parameters.isEmpty else { return nil }
        var list = URIParameterList(bytes, self.parameters)
        while let next = list.next() {
            if bytes.equalsIgnoringCase(next.name, name) { return next.value }
        }
        return nil
    }

    /// Whether the URI asks for loose routing (`;lr`, also `;lr=on`; RFC 3261 §16.12).
    public func isLooseRouting(in bytes: Span<UInt8>) -> Bool { self.parameter("lr", in: bytes) != nil }
}

/// The `;name=value` pairs of a URI in their order; no blanks and no quotes can stand there.
public struct URIParameterList: ~Escapable {
    let bytes: Span<UInt8>
    var offset: Int
    let end: Int

    /// Reads `range`, which starts behind the first semicolon.
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>, _ range: ByteRange) {
        self.bytes = bytes
        self.offset = range.start
        self.end = Swift.min(range.end, bytes.count)
    }

    @_lifetime(self: copy self)
    public mutating func next() -> (name: ByteRange, value: ByteRange)? {
        while self.offset < self.end {
            let stop = self.bytes.firstIndex(of: ASCII.semicolon, in: ByteRange(self.offset, self.end)) ?? self.end
            let whole = ByteRange(self.offset, stop)
            self.offset = stop &+ 1
            if whole.isEmpty { continue }
            guard let equals = self.bytes.firstIndex(of: ASCII.equals, in: whole) else { return (whole, .none) }
            return (ByteRange(whole.start, equals), ByteRange(equals &+ 1, whole.end))
        }
        return nil
    }
}
