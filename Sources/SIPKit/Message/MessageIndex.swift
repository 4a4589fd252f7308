/// The compact table of one message: its start line and where each header stands, all as coordinates in the buffer.
///
/// Parsing fills a table that can be used again and again, so a loop that keeps one allocates nothing per message.
/// Reading is tolerant: what stands in the message and cannot be understood is passed over and remembered in
/// ``defect``; only bytes that do not begin like SIP are refused. RFC 3261 §7; limits in `docs/limits.md`.
public struct MessageIndex: Sendable {
    /// One header line (with its folded continuations).
    @frozen
    public struct Slot: Sendable {
        /// The name as it was written.
        public var name: ByteRange
        /// The value without blanks around it; it may hold line ends where it was folded.
        public var value: ByteRange
        public var id: HeaderID

        @inlinable public init(name: ByteRange, value: ByteRange, id: HeaderID) {
            self.name = name
            self.value = value
            self.id = id
        }
    }

    /// The first thing in the message that does not follow the grammar.
    public enum Defect: UInt8, Sendable {
        case lineWithoutColon, headerName, requestURI, version, statusCode, noBlankLine
    }

    public internal(set) var isRequest = true
    /// The request's method; for a response `.other`.
    public internal(set) var method = SIPMethod.other
    public internal(set) var methodRange = ByteRange.none
    /// The Request-URI's text; empty in a response.
    public internal(set) var requestURI = ByteRange.none
    /// 100 to 699 of a response; 0 in a request.
    public internal(set) var statusCode = 0
    public internal(set) var reason = ByteRange.none
    /// `SIP/2.0` as it was written.
    public internal(set) var version = ByteRange.none
    /// Where the header lines start: behind the start line's line end.
    public internal(set) var headersStart = 0
    /// Where the empty line starts that ends the headers (or the end of the bytes).
    public internal(set) var headersEnd = 0
    /// Everything behind the empty line, whatever Content-Length says.
    public internal(set) var bodyStart = 0
    public internal(set) var end = 0
    public internal(set) var defect: Defect? = nil
    public internal(set) var defectOffset = 0

    /// The header lines in their order.
    public internal(set) var slots: [Slot] = []
    /// For each known header the place of its first line plus one, 0 where there is none.
    @usableFromInline var firstSlot = InlineArray<104, UInt16>(repeating: 0)

    public static let maxHeaderLines = 16_384
    /// Bytes in one message; more than any transport of ours hands over.
    public static let maxLength = 16 << 20

    public init() { self.slots.reserveCapacity(32) }

    /// Reads the start line and finds all headers.
    ///
    /// Line ends are CRLF, or LF alone as many peers' test tools and all traces in text have them. Empty lines before
    /// the start line are passed over (RFC 3261 §7.5).
    ///
    /// - Throws: ``ParseError`` with the element "start line" when this is no SIP message, "headers" when there are
    ///   more than ``maxHeaderLines``, "message" when it is longer than ``maxLength``.
    public mutating func parse(_ bytes: Span<UInt8>) throws(ParseError) {
        guard bytes.count <= Self.maxLength else {
            throw ParseError(.tooLarge, "message", expected: "at most \(Self.maxLength) bytes")
        }
        self.reset(count: bytes.count)
        var at = 0
        while at < bytes.count, bytes[unchecked: at] == ASCII.cr || bytes[unchecked: at] == ASCII.lf { at &+= 1 }
        let lineEnd = Self.endOfLine(bytes, from: at)
        try self.parseStartLine(bytes, ByteRange(at, bytes.endWithoutBlanks(from: at, to: lineEnd)))
        at = Swift.min(lineEnd &+ 1, bytes.count)
        self.headersStart = at
        try self.parseHeaders(bytes, from: at)
    }

    private mutating func reset(count: Int) {
        self.isRequest = true
        self.method = .other
        self.methodRange = .none
        self.requestURI = .none
        self.statusCode = 0
        self.reason = .none
        self.version = .none
        self.defect = nil
        self.defectOffset = 0
        self.end = count
        self.slots.removeAll(keepingCapacity: true)
        self.firstSlot = InlineArray(repeating: 0)
    }

    // MARK: Start line

    private mutating func parseStartLine(_ bytes: Span<UInt8>, _ line: ByteRange) throws(ParseError) {
        if line.count >= 7, bytes.equalsIgnoringCase(ByteRange(line.start, line.start &+ 4), "sip/"),
            bytes.firstIndex(of: ASCII.space, in: ByteRange(line.start, Swift.min(line.start &+ 9, line.end))) != nil
        {
            try self.parseStatusLine(bytes, line)
        } else {
            try self.parseRequestLine(bytes, line)
        }
    }

    private mutating func parseStatusLine(_ bytes: Span<UInt8>, _ line: ByteRange) throws(ParseError) {
        var cursor = ByteCursor(bytes, line)
        self.isRequest = false
        self.version = cursor.take { $0 != ASCII.space }
        if !bytes.equalsIgnoringCase(self.version, "sip/2.0") { self.note(.version, at: self.version.start) }
        _ = cursor.take { $0 == ASCII.space }
        let digits = cursor.take(while: ASCII.isDigit)
        guard let code = ASCII.number(bytes, digits, limit: 9_999) else {
            throw ParseError(
                .malformed, "start line", expected: "a status code", found: bytes.copy(line), at: digits.start)
        }
        self.statusCode = Int(code)
        if digits.count != 3 || code < 100 || code > 699 { self.note(.statusCode, at: digits.start) }
        _ = cursor.skip(ASCII.space)
        self.reason = ByteRange(cursor.offset, line.end)
    }

    private mutating func parseRequestLine(_ bytes: Span<UInt8>, _ line: ByteRange) throws(ParseError) {
        var cursor = ByteCursor(bytes, line)
        self.methodRange = cursor.takeToken()
        guard !self.methodRange.isEmpty, cursor.skip(ASCII.space) else {
            throw ParseError(
                .malformed, "start line", expected: "METHOD URI SIP/2.0 or SIP/2.0 CODE REASON",
                found: bytes.copy(line),
                at: line.start)
        }
        // The version is what stands behind the last blank, so that a URI with blanks in it is still seen whole.
        var last = line.end
        while last > cursor.offset, ASCII.isBlank(bytes[unchecked: last &- 1]) { last &-= 1 }
        var versionStart = last
        while versionStart > cursor.offset, bytes[unchecked: versionStart &- 1] != ASCII.space { versionStart &-= 1 }
        self.version = ByteRange(versionStart, last)
        guard self.version.count >= 5,
            bytes.equalsIgnoringCase(ByteRange(versionStart, versionStart &+ 4), "sip/"), versionStart > cursor.offset
        else {
            throw ParseError(
                .malformed, "start line", expected: "SIP/2.0 at its end", found: bytes.copy(line), at: line.start)
        }
        self.method = SIPMethod(parsing: bytes, self.methodRange)
        self.requestURI = ByteRange(cursor.offset, versionStart &- 1)
        if !bytes.equalsIgnoringCase(self.version, "sip/2.0") { self.note(.version, at: versionStart) }
        if self.requestURI.isEmpty { self.note(.requestURI, at: self.requestURI.start) }
        var at = self.requestURI.start
        while at < self.requestURI.end {
            if bytes[unchecked: at] <= ASCII.space { self.note(.requestURI, at: at) }
            at &+= 1
        }
    }

    // MARK: Headers

    private mutating func parseHeaders(_ bytes: Span<UInt8>, from start: Int) throws(ParseError) {
        var at = start
        let count = bytes.count
        while at < count {
            let first = bytes[unchecked: at]
            if first == ASCII.lf || (first == ASCII.cr && at &+ 1 < count && bytes[unchecked: at &+ 1] == ASCII.lf) {
                self.headersEnd = at
                self.bodyStart = at &+ (first == ASCII.lf ? 1 : 2)
                return
            }
            var nameEnd = at
            while nameEnd < count, ASCII.isToken(bytes[unchecked: nameEnd]) { nameEnd &+= 1 }
            var colon = nameEnd
            while colon < count, ASCII.isBlank(bytes[unchecked: colon]) { colon &+= 1 }
            var lineEnd = Self.endOfLine(bytes, from: nameEnd)
            // A line that begins with a blank belongs to the value before it.
            while lineEnd &+ 1 < count, ASCII.isBlank(bytes[unchecked: lineEnd &+ 1]) {
                lineEnd = Self.endOfLine(bytes, from: lineEnd &+ 1)
            }
            if nameEnd > at, colon < lineEnd, bytes[unchecked: colon] == ASCII.colon {
                guard self.slots.count < Self.maxHeaderLines else {
                    throw ParseError(.tooLarge, "headers", expected: "at most \(Self.maxHeaderLines) lines", at: at)
                }
                let name = ByteRange(at, nameEnd)
                var valueStart = colon &+ 1
                let valueEnd = bytes.endWithoutBlanks(from: valueStart, to: lineEnd)
                while valueStart < valueEnd, ASCII.isLWS(bytes[unchecked: valueStart]) { valueStart &+= 1 }
                let id = HeaderID.recognize(bytes, name)
                self.slots.append(Slot(name: name, value: ByteRange(valueStart, valueEnd), id: id))
                let place = Int(id.rawValue)
                if self.firstSlot[place] == 0 { self.firstSlot[place] = UInt16(truncatingIfNeeded: self.slots.count) }
            } else {
                self.note(nameEnd > at ? .lineWithoutColon : .headerName, at: at)
            }
            at = Swift.min(lineEnd &+ 1, count)
        }
        self.note(.noBlankLine, at: count)
        self.headersEnd = count
        self.bodyStart = count
    }

    private mutating func note(_ defect: Defect, at offset: Int) {
        if self.defect == nil {
            self.defect = defect
            self.defectOffset = offset
        }
    }

    // MARK: Lines

    /// The place of the next LF, or the end of the bytes. Eight bytes are looked at in one step.
    @inline(__always)
    static func endOfLine(_ bytes: Span<UInt8>, from start: Int) -> Int {
        let raw = bytes.bytes
        var at = start
        let count = raw.byteCount
        while at &+ 8 <= count {
            let word = UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: at, as: UInt64.self))
            let match = word ^ 0x0A0A_0A0A_0A0A_0A0A
            let zero = (match &- 0x0101_0101_0101_0101) & ~match & 0x8080_8080_8080_8080
            if zero != 0 { return at &+ zero.trailingZeroBitCount &>> 3 }
            at &+= 8
        }
        while at < count, bytes[unchecked: at] != ASCII.lf { at &+= 1 }
        return at
    }
}

// MARK: Looking things up

extension MessageIndex {
    /// The place in ``slots`` of the first line of this header, or `nil`.
    @inlinable @inline(__always)
    public func firstSlot(_ id: HeaderID) -> Int? {
        let place = self.firstSlot.span[unchecked: Int(id.rawValue)]
        return place == 0 ? nil : Int(place) &- 1
    }

    /// The value of the first line of this header, or `nil`.
    @inlinable @inline(__always)
    public func first(_ id: HeaderID) -> ByteRange? {
        guard let place = self.firstSlot(id) else { return nil }
        return self.slots[place].value
    }

    @inlinable public func contains(_ id: HeaderID) -> Bool { self.firstSlot.span[unchecked: Int(id.rawValue)] != 0 }

    /// The next line of the same header behind `slot`, or `nil`.
    @inlinable
    public func nextSlot(after slot: Int) -> Int? {
        let id = self.slots[slot].id
        var place = slot &+ 1
        while place < self.slots.count {
            if self.slots[place].id == id { return place }
            place &+= 1
        }
        return nil
    }

    /// The first line whose name is this, in any case: for headers that have no ``HeaderID``.
    public func firstSlot(named name: Span<UInt8>, in bytes: Span<UInt8>) -> Int? {
        let id = HeaderID.recognize(name, ByteRange(0, name.count))
        if id != .other { return self.firstSlot(id) }
        return self.slots.firstIndex { slot in
            guard slot.id == .other, slot.name.count == name.count else { return false }
            for place in 0..<name.count
            where ASCII.lowercased(bytes[slot.name.start + place]) != ASCII.lowercased(name[place]) { return false }
            return true
        }
    }

    /// From the first byte of a header's name to behind its line end: what is removed with the header.
    public func lineRange(_ slot: Int) -> ByteRange {
        let next = slot + 1 < self.slots.count ? self.slots[slot + 1].name.start : self.headersEnd
        return ByteRange(self.slots[slot].name.start, next)
    }

    /// Where the header line ends that stands in `slot`: behind its LF. A line that was passed over as broken
    /// counts with the header before it.
    public func lineEnd(_ slot: Int) -> Int { self.lineRange(slot).end }

    /// Content-Length as a number (RFC 3261 §20.14); `nil` when it is missing, `ParseError` when it is no number.
    public func contentLength(_ bytes: Span<UInt8>) throws(ParseError) -> Int? {
        guard let value = self.first(.contentLength) else { return nil }
        guard let number = ASCII.number(bytes, value, limit: 0xFF_FFFF) else {
            let digits = value.indices.allSatisfy { ASCII.isDigit(bytes[$0]) }
            throw ParseError(
                digits && !value.isEmpty ? .outOfRange : .malformed, "Content-Length", expected: "0 to 16777215",
                found: bytes.copy(value), at: value.start)
        }
        return Int(number)
    }

    /// The body: as long as Content-Length says, or all that is there when it says nothing usable or too much.
    public func body(_ bytes: Span<UInt8>) -> ByteRange {
        let available = ByteRange(self.bodyStart, self.end)
        guard let length = try? self.contentLength(bytes), length < available.count else { return available }
        return ByteRange(self.bodyStart, self.bodyStart + length)
    }
}
