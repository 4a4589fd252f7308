import SIPKit

/// Something that somebody who runs a server wants to know about; sipgrep reports it and does nothing else.
struct Alert: Sendable, Equatable {
    enum Kind: String, Sendable, CaseIterable {
        /// A program that looks for SIP servers.
        case scan
        /// Password after password.
        case bruteforce
        /// User after user.
        case enumeration = "enum"
        case flood
        /// Credentials that others can use.
        case digest
        /// The same number under one prefix after another.
        case fraud
        case malformed
    }

    var kind: Kind
    var source: IPAddress
    /// Nanoseconds since 1970 of the message that proved it.
    var time: Int64
    /// How many messages are behind it.
    var count: Int
    var evidence: String

    var sentence: String { "\(self.kind.rawValue) from \(self.source): \(self.evidence)" }
}
