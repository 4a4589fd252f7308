import SIPKit

/// What is wrong with the media of a call as far as the capture shows it.
public struct MediaFinding: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        /// Packets one way only, although both sides wanted to send.
        case oneWay = "one-way"
        /// Both sides announced where they listen, and nothing went there.
        case noMedia = "no-media"
        /// Packets flow, and all of them are digital silence.
        case silent
        /// Media came long after the call was answered.
        case late = "late-media"
        /// A description names an address that media does not come from, or that its reader cannot reach: an address
        /// translation on the way that nobody took care of.
        case addressTranslation = "nat"
    }

    public var kind: Kind
    public var callID: [UInt8]
    /// For people: which way, how much.
    public var sentence: String
}
