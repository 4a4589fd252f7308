import CBytes

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
    /// One bit for each ``HeaderID`` that has a line. Small, because a table is copied with the value it is part of.
    @usableFromInline var seenLow: UInt64 = 0
    @usableFromInline var seenHigh: UInt64 = 0

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
    public mutating func parse(_ bytes: Span<UInt8>) throws(ParseError) { try self.parse(bytes, quickly: true) }

    /// - Parameter quickly: `false` reads every line the plain way, for the test that compares the two.
    mutating func parse(_ bytes: Span<UInt8>, quickly: Bool) throws(ParseError) {
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
        try self.parseHeaders(bytes, from: at, quickly: quickly)
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
        self.seenLow = 0
        self.seenHigh = 0
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

    /// ` SIP/2.0` with its blank, as ``Swift/Span/word(at:)`` reads it.
    private static var usualVersion: UInt64 { 0x302E_322F_5049_5320 }

    /// `SIP/2.0 `, as ``Swift/Span/word(at:)`` reads it.
    private static var usualStart: UInt64 { 0x2030_2E32_2F50_4953 }

    private mutating func parseStatusLine(_ bytes: Span<UInt8>, _ line: ByteRange) throws(ParseError) {
        self.isRequest = false
        // `SIP/2.0 200 OK`, as all but a few write it.
        if line.count > 12, bytes.word(at: line.start) == Self.usualStart,
            bytes[unchecked: line.start &+ 11] == ASCII.space
        {
            let hundreds = bytes[unchecked: line.start &+ 8] &- ASCII.zero
            let tens = bytes[unchecked: line.start &+ 9] &- ASCII.zero
            let ones = bytes[unchecked: line.start &+ 10] &- ASCII.zero
            if hundreds > 0, hundreds < 7, tens < 10, ones < 10 {
                self.version = ByteRange(line.start, line.start &+ 7)
                self.statusCode = Int(hundreds) &* 100 &+ Int(tens) &* 10 &+ Int(ones)
                self.reason = ByteRange(line.start &+ 12, line.end)
                return
            }
        }
        var cursor = ByteCursor(bytes, line)
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
        if last &- 8 >= cursor.offset, bytes.word(at: last &- 8) == Self.usualVersion {
            versionStart = last &- 7
        } else {
            while versionStart > cursor.offset, bytes[unchecked: versionStart &- 1] != ASCII.space {
                versionStart &-= 1
            }
        }
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
        while let place = bytes.firstControlOrSpace(in: ByteRange(at, self.requestURI.end)) {
            if bytes[unchecked: place] != 0x7F {
                self.note(.requestURI, at: place)
                break
            }
            at = place &+ 1
        }
    }

    // MARK: Headers

    private mutating func parseHeaders(
        _ bytes: Span<UInt8>, from start: Int, quickly: Bool
    ) throws(ParseError) {
        var at = start
        let count = bytes.count
        while at < count {
            if quickly, self.slots.count <= Self.maxHeaderLines - Self.usualLinesAtOnce {
                at = self.takeUsualLines(bytes, from: at)
                guard at < count else { break }
            }
            // The empty line, a line of another sort, or one of very many.
            let first = bytes[unchecked: at]
            if first == ASCII.lf || (first == ASCII.cr && at &+ 1 < count && bytes[unchecked: at &+ 1] == ASCII.lf) {
                self.headersEnd = at
                self.bodyStart = at &+ (first == ASCII.lf ? 1 : 2)
                return
            }
            at = try self.takeLine(bytes, at)
        }
        self.note(.noBlankLine, at: count)
        self.headersEnd = count
        self.bodyStart = count
    }

    private static var usualLinesAtOnce: Int { 32 }

    /// The quick way for nearly all lines, see ``usualLine(_:_:)``; what it does not know is left to ``takeLine(_:_:)``.
    ///
    /// - Returns: where it stopped: at the first line that is not usual, or behind many.
    private mutating func takeUsualLines(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var at = start
        var low: UInt64 = 0
        var high: UInt64 = 0
        // One question for room and ownership for all lines together. What the loop counts is its own: variables of the
        // method would be stored with every line.
        self.slots.append(addingCapacity: Self.usualLinesAtOnce) { output in
            unsafe output.withUnsafeMutableBufferPointer { room, count in
                var next = start
                var filled = count
                var (own, others): (UInt64, UInt64) = (0, 0)
                while filled < room.count, let line = Self.usualLine(bytes, next) {
                    unsafe room.initializeElement(at: filled, to: line.slot)
                    filled &+= 1
                    let bit = UInt64(line.slot.id.rawValue)
                    if bit < 64 { own |= 1 &<< bit } else { others |= 1 &<< bit }
                    next = line.next
                }
                count = filled
                at = next
                low = own
                high = others
            }
        }
        self.seenLow |= low
        self.seenHigh |= high
        return at
    }

    /// Reads a line with a known name of at most 16 bytes and its colon right behind it, which is not folded.
    ///
    /// - Returns: the line and where the next one starts; `nil` for every other line.
    @inline(__always)
    private static func usualLine(_ bytes: Span<UInt8>, _ at: Int) -> (slot: Slot, next: Int)? {
        let count = bytes.count
        // All that is looked at before the line end is known: 17 bytes, so the words need no check of their own.
        guard at &+ 17 <= count else { return nil }
        let block = bytes.block(unchecked: at)
        let head = bytes.word(unchecked: at)
        let colons = cbytes_equal(block, ASCII.colon)
        let length = colons == 0 ? 16 : colons.trailingZeroBitCount
        let id: HeaderID
        if length < 8 {
            id = HeaderID.recognize(usualHead: head, length)
        } else {
            guard colons != 0 || bytes[unchecked: at &+ 16] == ASCII.colon else { return nil }
            id = HeaderID.recognize(usualHead: head, tail: bytes.word(unchecked: at &+ length &- 8), length)
        }
        guard id != .other else { return nil }
        // A known name has no line end in it, so the first one in the block ends the line.
        let ends = cbytes_equal(block, ASCII.lf)
        let lineEnd = ends == 0 ? Self.endOfLine(bytes, from: at &+ 16) : at &+ ends.trailingZeroBitCount
        if lineEnd &+ 1 < count, ASCII.isBlank(bytes[unchecked: lineEnd &+ 1]) { return nil }
        let value = Self.value(bytes, from: at &+ length &+ 1, to: lineEnd)
        return (Slot(name: ByteRange(at, at &+ length), value: value, id: id), Swift.min(lineEnd &+ 1, count))
    }

    /// Reads any line: names of any length and sort, blanks before the colon, folded values, lines that are no header.
    ///
    /// - Returns: where the next line starts.
    private mutating func takeLine(_ bytes: Span<UInt8>, _ at: Int) throws(ParseError) -> Int {
        let count = bytes.count
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
            let name = ByteRange(at, nameEnd)
            try self.append(bytes, name, HeaderID.recognize(bytes, name), from: colon &+ 1, to: lineEnd)
        } else {
            self.note(nameEnd > at ? .lineWithoutColon : .headerName, at: at)
        }
        return Swift.min(lineEnd &+ 1, count)
    }

    private mutating func append(
        _ bytes: Span<UInt8>, _ name: ByteRange, _ id: HeaderID, from start: Int, to lineEnd: Int
    ) throws(ParseError) {
        guard self.slots.count < Self.maxHeaderLines else {
            throw ParseError(.tooLarge, "headers", expected: "at most \(Self.maxHeaderLines) lines", at: name.start)
        }
        self.slots.append(Slot(name: name, value: Self.value(bytes, from: start, to: lineEnd), id: id))
        let bit = UInt64(id.rawValue)
        if bit < 64 { self.seenLow |= 1 &<< bit } else { self.seenHigh |= 1 &<< bit }
    }

    /// What stands between the colon and the line end, without the blanks around it.
    @inline(__always)
    private static func value(_ bytes: Span<UInt8>, from start: Int, to lineEnd: Int) -> ByteRange {
        if lineEnd &- start >= 3, bytes[unchecked: start] == ASCII.space, bytes[unchecked: start &+ 1] > ASCII.space,
            bytes[unchecked: lineEnd &- 1] == ASCII.cr, bytes[unchecked: lineEnd &- 2] > ASCII.space
        {
            // One blank before the value and a CR behind it, as nearly everybody writes.
            return ByteRange(start &+ 1, lineEnd &- 1)
        }
        var valueStart = start
        let valueEnd = bytes.endWithoutBlanks(from: start, to: lineEnd)
        while valueStart < valueEnd, ASCII.isLWS(bytes[unchecked: valueStart]) { valueStart &+= 1 }
        return ByteRange(valueStart, valueEnd)
    }

    private mutating func note(_ defect: Defect, at offset: Int) {
        if self.defect == nil {
            self.defect = defect
            self.defectOffset = offset
        }
    }

    // MARK: Lines

    /// The place of the next LF, or the end of the bytes: the innermost loop of all parsing.
    @inline(__always)
    static func endOfLine(_ bytes: Span<UInt8>, from start: Int) -> Int {
        let count = bytes.count
        var at = start
        while at &+ 16 <= count {
            let found = cbytes_equal(bytes.block(unchecked: at), ASCII.lf)
            if found != 0 { return at &+ found.trailingZeroBitCount }
            at &+= 16
        }
        while at < count, bytes[unchecked: at] != ASCII.lf { at &+= 1 }
        return at
    }
}

// MARK: Looking things up

extension MessageIndex {
    /// The place in ``slots`` of the first line of this header, or `nil`.
    @inlinable
    public func firstSlot(_ id: HeaderID) -> Int? {
        guard self.contains(id) else { return nil }
        let slots = self.slots.span
        for place in 0..<slots.count where slots[unchecked: place].id == id { return place }
        return nil
    }

    /// The first values of the headers that every element looks at (RFC 3261 §8.1.1), found in one walk; empty where
    /// the header is missing, or empty itself.
    @frozen
    public struct CommonValues: BitwiseCopyable {
        public var via = ByteRange.none
        public var from = ByteRange.none
        public var to = ByteRange.none
        public var callID = ByteRange.none
        public var cSeq = ByteRange.none
        public var maxForwards = ByteRange.none
        public var contentLength = ByteRange.none
        /// The first header that stands in two lines and may stand in one only (§7.3.1 and table 2); `.other` for none.
        /// Of the others that may not repeat, a second line harms nobody who does not read it.
        public var repeated = HeaderID.other
    }

    public var commonValues: CommonValues {
        var values = CommonValues()
        var seen: UInt8 = 0
        let slots = self.slots.span
        for place in 0..<slots.count {
            let slot = slots[unchecked: place]
            let bit: UInt8
            switch slot.id {
            case .via:
                if seen & 128 == 0 { values.via = slot.value }
                seen |= 128
                continue
            case .from: bit = 1
            case .to: bit = 2
            case .callID: bit = 4
            case .cSeq: bit = 8
            case .maxForwards: bit = 16
            case .contentLength: bit = 32
            case .contentType: bit = 64
            default: continue
            }
            guard seen & bit == 0 else {
                if values.repeated == .other { values.repeated = slot.id }
                continue
            }
            seen |= bit
            switch bit {
            case 1: values.from = slot.value
            case 2: values.to = slot.value
            case 4: values.callID = slot.value
            case 8: values.cSeq = slot.value
            case 16: values.maxForwards = slot.value
            case 32: values.contentLength = slot.value
            default: break
            }
        }
        return values
    }

    /// The value of the first line of this header, or `nil`.
    @inlinable
    public func first(_ id: HeaderID) -> ByteRange? {
        guard let place = self.firstSlot(id) else { return nil }
        return self.slots[place].value
    }

    @inlinable @inline(__always)
    public func contains(_ id: HeaderID) -> Bool {
        let bit = UInt64(id.rawValue)
        return (bit < 64 ? self.seenLow : self.seenHigh) &>> bit & 1 != 0
    }

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
        return try Self.contentLength(bytes, value)
    }

    static func contentLength(_ bytes: Span<UInt8>, _ value: ByteRange) throws(ParseError) -> Int {
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
