/// Which dialog a message belongs to: Call-ID and both tags (RFC 3261 §12).
///
/// The two tags are kept in one order whatever the direction, so that requests of both sides and their answers have
/// one identifier. Compared as bytes.
public struct DialogID: Hashable, Sendable {
    public let callID: [UInt8]
    /// The tag that is smaller byte by byte; empty while a dialog has only one.
    public let firstTag: [UInt8]
    public let secondTag: [UInt8]

    public init(callID: [UInt8], tags: ([UInt8], [UInt8])) {
        self.callID = callID
        let inOrder = tags.0.lexicographicallyPrecedes(tags.1)
        self.firstTag = inOrder ? tags.0 : tags.1
        self.secondTag = inOrder ? tags.1 : tags.0
    }

    /// - Throws: ``ParseError`` where From, To or Call-ID are missing or broken.
    public init(of message: SIPMessage) throws(ParseError) {
        guard let callID = message.first(.callID), !callID.isEmpty else { throw ParseError(.missing, "Call-ID") }
        let from = try message.from()
        let to = try message.to()
        self.init(callID: Array(message[callID]), tags: (Array(message[from.tag]), Array(message[to.tag])))
    }

    /// Whether both sides have named themselves: before the first answer with a tag there is no dialog (§12.1).
    public var isComplete: Bool { !self.firstTag.isEmpty && !self.secondTag.isEmpty }
}
