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
    }

    public var kind: Kind
    public var callID: [UInt8]
    /// For people: which way, how much.
    public var sentence: String
}
