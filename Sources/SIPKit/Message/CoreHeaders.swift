/// What every element that works on a message reads from it: read once by ``MessageSanity`` and kept.
///
/// All coordinates are in the message. In a response everything but the top Via may be missing.
public struct CoreHeaders: Sendable, BitwiseCopyable {
    /// The top Via; its `host` is empty where there is none.
    public var via: ViaRanges
    public var from: AddressRanges
    public var to: AddressRanges
    public var cSeq: CSeq
    public var callID = ByteRange.none
    /// `nil` where the request has none.
    public var maxForwards: MaxForwards? = nil
    /// `nil` for a response, or where the Request-URI could not be read.
    public var requestURI: URIRanges? = nil

    /// Where the values of Content-Length and Max-Forwards stand; empty where there are none.
    var contentLength = ByteRange.none
    var maxForwardsValue = ByteRange.none

    public init() {
        self.via = .unread
        self.from = .unread
        self.to = .unread
        self.cSeq = CSeq(0, .other)
    }
}
