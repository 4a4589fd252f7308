/// A message that owns its bytes: one buffer, a table of ranges over it, values read when they are asked for.
///
/// It never changes. What is to be sent differently is written with ``MessageEdits``, or new with ``MessageBuilder``.
public struct SIPMessage: Sendable {
    /// The message as it came in.
    public let bytes: [UInt8]
    public let index: MessageIndex

    /// - Throws: ``ParseError`` "start line" for what is no SIP message. Faults further on do not throw here: the
    ///   values throw when they are asked for, and ``MessageIndex/defect`` names the first broken line.
    public init(parsing bytes: [UInt8]) throws(ParseError) {
        var index = MessageIndex()
        try index.parse(bytes.span)
        self.bytes = bytes
        self.index = index
    }

    public init(parsing text: String) throws(ParseError) { try self.init(parsing: Array(text.utf8)) }

    public var isRequest: Bool { self.index.isRequest }
    public var method: SIPMethod { self.index.method }
    public var statusCode: Int { self.index.statusCode }
    public var requestURI: ByteRange { self.index.requestURI }
    public var reason: ByteRange { self.index.reason }
    public var body: ByteRange { self.index.body(self.bytes.span) }

    public var span: Span<UInt8> {
        @_lifetime(borrow self) get { self.bytes.span }
    }

    /// The bytes of a range; a range outside is cut.
    public subscript(range: ByteRange) -> ArraySlice<UInt8> {
        let end = Swift.min(range.end, self.bytes.count)
        return self.bytes[Swift.min(range.start, end)..<end]
    }

    /// The text of a range for people (what is not UTF-8 is replaced).
    public func text(_ range: ByteRange) -> String { self.bytes.span.string(range) }

    /// The method as it was written, also where nobody knows it; for a response the CSeq's.
    public var methodText: String {
        self.isRequest ? self.text(self.index.methodRange) : (try? self.cSeq()).map { self.text($0.methodRange) } ?? ""
    }
}

// MARK: Headers

extension SIPMessage {
    /// The value of the first line with this header, or `nil`.
    public func first(_ id: HeaderID) -> ByteRange? { self.index.first(id) }

    /// The values of every line with this header, in their order, not split at commas.
    public func values(_ id: HeaderID) -> [ByteRange] {
        guard self.index.contains(id) else { return [] }
        return self.index.slots.filter { $0.id == id }.map(\.value)
    }

    /// The value of the first line with this name, in any case.
    public func first(named name: String) -> ByteRange? {
        let wanted = Array(name.utf8)
        return self.index.firstSlot(named: wanted.span, in: self.bytes.span).map { self.index.slots[$0].value }
    }

    /// The text of the first line with this header, or `nil`.
    public func text(_ id: HeaderID) -> String? { self.first(id).map(self.text) }

    /// - Throws: ``ParseError`` "Via", `.missing` where there is none.
    public func topVia() throws(ParseError) -> ViaRanges {
        var cursor = ByteCursor(self.bytes.span, try self.required(.via))
        return try ViaRanges(parsing: &cursor)
    }

    /// Every Via value, top first, commas resolved.
    public func vias() throws(ParseError) -> [ViaRanges] {
        var all: [ViaRanges] = []
        for line in self.values(.via) {
            var cursor = ByteCursor(self.bytes.span, line)
            while !cursor.isAtEnd { all.append(try ViaRanges(parsing: &cursor)) }
        }
        return all
    }

    public func from() throws(ParseError) -> AddressRanges { try self.address(.from) }
    public func to() throws(ParseError) -> AddressRanges { try self.address(.to) }

    /// The first value of a header that holds addresses.
    public func address(_ id: HeaderID) throws(ParseError) -> AddressRanges {
        var cursor = ByteCursor(self.bytes.span, try self.required(id))
        return try AddressRanges(parsing: &cursor)
    }

    /// Every value of a header that holds addresses (Contact, Route, Record-Route …), commas resolved. The `*` of a
    /// Contact is an address whose URI is `*`.
    public func addresses(_ id: HeaderID) throws(ParseError) -> [AddressRanges] {
        var all: [AddressRanges] = []
        for line in self.values(id) {
            var cursor = ByteCursor(self.bytes.span, line)
            while !cursor.isAtEnd { all.append(try AddressRanges(parsing: &cursor)) }
        }
        return all
    }

    public func cSeq() throws(ParseError) -> CSeq {
        var cursor = ByteCursor(self.bytes.span, try self.required(.cSeq))
        return try CSeq(parsing: &cursor)
    }

    /// The Call-ID's bytes; empty where it is missing.
    public var callID: ArraySlice<UInt8> { self[self.first(.callID) ?? .none] }

    /// `nil` where the request has none.
    public func maxForwards() throws(ParseError) -> MaxForwards? {
        guard let value = self.first(.maxForwards) else { return nil }
        var cursor = ByteCursor(self.bytes.span, value)
        return try MaxForwards(parsing: &cursor)
    }

    public func warnings() throws(ParseError) -> [Warning] {
        var all: [Warning] = []
        for line in self.values(.warning) {
            var cursor = ByteCursor(self.bytes.span, line)
            while !cursor.isAtEnd { all.append(try Warning(parsing: &cursor)) }
        }
        return all
    }

    private func required(_ id: HeaderID) throws(ParseError) -> ByteRange {
        guard let value = self.first(id) else { throw ParseError(.missing, "\(id.name)") }
        return value
    }
}
