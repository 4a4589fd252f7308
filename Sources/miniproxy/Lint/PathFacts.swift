/// What is known about a request at one point of one way through the script: what tests have shown, what was done.
struct PathFacts: Hashable {
    /// The methods that it can still have.
    var methods = Methods.all
    var toTag = Truth.unknown
    var isRouted = Truth.unknown
    var target = Target.unknown
    /// Somebody was asked who may answer for the sender: credentials, a list of peers, an address.
    var isVouchedFor = false
    /// Its From names a domain of ours, which anybody can write.
    var isClaimed = false
    var isAuthorized = false
    var isConsumed = false
    var countsHops = false
    var limitsLength = false
    var isRecordRouted = false
    var isAnswered = false
    var isRelayed = false
    var testsNAT = false
    var mediaRelays: UInt8 = 0
    /// Flags whose value is known, and their values. A request begins with none set.
    var knownFlags = UInt32.max
    var flags: UInt32 = 0

    enum Truth: UInt8, Hashable { case unknown, yes, no }

    enum Target: UInt8, Hashable {
        case unknown
        /// `uri==myself`, `is_uri_host_local()`.
        case ours
        case foreign
        /// The contact of a registered user, a gateway of the script's choice.
        case chosen
    }

    struct Methods: OptionSet, Hashable {
        let rawValue: UInt16

        static let names = [
            "INVITE", "ACK", "BYE", "CANCEL", "REGISTER", "REFER", "OPTIONS", "MESSAGE", "SUBSCRIBE", "NOTIFY",
        ]
        static let all = Methods(rawValue: 1 << UInt16(Self.names.count + 1) - 1)
        static let invite = Methods(rawValue: 1)
        static let ack = Methods(rawValue: 2)
        static let register = Methods(rawValue: 16)
        static let refer = Methods(rawValue: 32)
        /// What belongs to a call that exists, and can harm nobody alone.
        static let following = Methods(rawValue: 2 | 4 | 8)
        static let other = Methods(rawValue: 1 << UInt16(Self.names.count))

        init(rawValue: UInt16) { self.rawValue = rawValue }

        /// A method by its name, and a list of them with `|`.
        init(_ text: [UInt8]) {
            var bits: UInt16 = 0
            for part in text.split(separator: UInt8(ascii: "|")) {
                let name = String(decoding: part, as: UTF8.self).uppercased()
                bits |= Self.names.firstIndex(of: name).map { 1 << UInt16($0) } ?? Self.other.rawValue
            }
            self.rawValue = bits
        }
    }
}
