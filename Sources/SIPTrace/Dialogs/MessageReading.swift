import SIPKit

/// One message taken apart as far as a trace needs it, into a table that is used again for the next.
///
/// The bytes stay with the caller: every question hands them in. What cannot be understood is `nil`, never an error: a
/// trace shows broken messages too.
public struct MessageReading: Sendable {
    public private(set) var index = MessageIndex()
    /// Why the bytes are no SIP message at all.
    public private(set) var error: ParseError?

    public init() {}

    public mutating func read(_ bytes: Span<UInt8>) {
        self.error = nil
        do {
            try self.index.parse(bytes)
        } catch {
            self.error = error
        }
    }

    public var isReadable: Bool { self.error == nil }
    public var isRequest: Bool { self.index.isRequest }
    public var status: Int { self.index.statusCode }

    public func cSeq(_ bytes: Span<UInt8>) -> CSeq? {
        guard let value = self.index.first(.cSeq) else { return nil }
        var cursor = ByteCursor(bytes, value)
        return try? CSeq(parsing: &cursor)
    }

    /// The method's text; of a response, its CSeq's.
    public func method(_ bytes: Span<UInt8>) -> ByteRange {
        self.isRequest ? self.index.methodRange : self.cSeq(bytes)?.methodRange ?? .none
    }

    /// The method; of a response, its CSeq's.
    public func methodID(_ bytes: Span<UInt8>) -> SIPMethod {
        self.isRequest ? self.index.method : self.cSeq(bytes)?.method ?? .other
    }

    public var callID: ByteRange { self.index.first(.callID) ?? .none }

    public func address(_ id: HeaderID, _ bytes: Span<UInt8>) -> AddressRanges? {
        guard let value = self.index.first(id) else { return nil }
        var cursor = ByteCursor(bytes, value)
        return try? AddressRanges(parsing: &cursor)
    }

    public func uri(_ id: HeaderID, _ bytes: Span<UInt8>) -> URIRanges? {
        guard let address = self.address(id, bytes) else { return nil }
        return try? URIRanges(parsing: bytes, address.uri)
    }

    public func user(_ id: HeaderID, _ bytes: Span<UInt8>) -> ByteRange { self.uri(id, bytes)?.user ?? .none }

    public func topVia(_ bytes: Span<UInt8>) -> ViaRanges? {
        guard let value = self.index.first(.via) else { return nil }
        var cursor = ByteCursor(bytes, value)
        return try? ViaRanges(parsing: &cursor)
    }

    /// User-Agent, else Server.
    public var agent: ByteRange { self.index.first(.userAgent) ?? self.index.first(.server) ?? .none }

    /// The value of any header by its name.
    public func header(_ name: [UInt8], _ bytes: Span<UInt8>) -> ByteRange? {
        self.index.firstSlot(named: name.span, in: bytes).map { self.index.slots[$0].value }
    }

    public func hasSDP(_ bytes: Span<UInt8>) -> Bool {
        let body = self.index.body(bytes)
        return body.count > 2 && bytes.equals(ByteRange(body.start, body.start + 2), "v=")
    }
}
