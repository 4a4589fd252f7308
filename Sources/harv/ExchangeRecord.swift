import SIPKit
import SIPTrace

/// One message of a trace as harv remembers it: when, between whom, what it was, and which part it plays.
///
/// Fixed in size; the message's bytes stand in its ``Conversation`` as long as that is open, and are read again there
/// when a rule wants more than the record has.
struct ExchangeRecord: Sendable, Codable {
    /// The message's number in the input, from 1.
    var number: UInt32
    var time: Int64
    var source: SocketAddress
    var destination: SocketAddress
    var transport: TransportProtocol
    /// 0 in a request.
    var status: UInt16
    /// The CSeq's method, which for a request is its own.
    var method: SIPMethod
    var cSeq: UInt32
    var viaCount: UInt8
    var passage: Kind
    /// The place in the conversation of the message that this one repeats or copies; its own place for a first one.
    var original: Int32
    var endToEnd: UInt64
    var topBranch: UInt64
    var bottomBranch: UInt64
    var fromTag: UInt64
    var toTag: UInt64
    /// Where the bytes stand in the conversation; empty when they were not kept.
    var start: Int32
    var length: Int32
    /// The route label (P-hint), as a number of the summary's table; 0 without one.
    var hint: UInt16
    /// The User-Agent or Server, as a number of the agents' table; 0 without one.
    var agent: UInt32
    var traits: Traits
    /// -1 where there is none.
    var maxForwards: Int16
    /// What the SDP says, where it is of the plainest kind.
    var sketch = SessionSketch()

    enum Kind: UInt8, Sendable, Codable { case first, relayed, repeated, duplicate }

    /// What a rule asks first, before it reads anything.
    struct Traits: OptionSet, Sendable, Codable {
        let rawValue: UInt32
        static let hasBody = Traits(rawValue: 1 << 0)
        static let hasSession = Traits(rawValue: 1 << 1)
        static let hasCredentials = Traits(rawValue: 1 << 2)
        static let isCut = Traits(rawValue: 1 << 3)
        static let isMangled = Traits(rawValue: 1 << 4)
        static let hasRoute = Traits(rawValue: 1 << 5)
        static let hasRecordRoute = Traits(rawValue: 1 << 6)
        static let hasWarning = Traits(rawValue: 1 << 7)
        /// A mandatory header is missing, or the CSeq does not fit.
        static let isIncomplete = Traits(rawValue: 1 << 8)
        /// The top Via's branch lacks RFC 3261's cookie.
        static let hasOldBranch = Traits(rawValue: 1 << 9)
        /// The top Via names a private address.
        static let hasPrivateVia = Traits(rawValue: 1 << 10)
        /// The top Via names another address than the one the packet came from.
        static let hasOtherVia = Traits(rawValue: 1 << 11)
        /// The top Via names the address the packet came from, with another port.
        static let hasOtherPort = Traits(rawValue: 1 << 12)
        static let hasDate = Traits(rawValue: 1 << 13)
        /// Which of the two headers with credentials.
        static let hasAuthorization = Traits(rawValue: 1 << 14)
        static let hasProxyAuthorization = Traits(rawValue: 1 << 15)
        static let hasSessionExpires = Traits(rawValue: 1 << 16)
        /// The Request-URI or the first Route of a request with several Vias names a transport.
        static let namesTransport = Traits(rawValue: 1 << 17)
        /// A challenge that says that the nonce was stale.
        static let isStale = Traits(rawValue: 1 << 18)
        /// The second Via has no `received`.
        static let lacksReceived = Traits(rawValue: 1 << 19)
        /// A relayed copy whose Contact may name a private or local address.
        static let hasPrivateContact = Traits(rawValue: 1 << 20)
        /// The first Route has no `lr`.
        static let hasStrictRoute = Traits(rawValue: 1 << 23)
        /// A relayed copy whose session description may name a private or local address for media.
        static let hasPrivateMedia = Traits(rawValue: 1 << 21)
        /// A session description whose codecs may be described wrongly.
        static let hasOddCodecs = Traits(rawValue: 1 << 22)

        // What is no mark of a conversation (``Marks`` has room for those above).

        /// It came to a server, and not from that server: known when the conversation is over.
        static let isIn = Traits(rawValue: 1 << 24)
        /// It left a server, and not for that server.
        static let isOut = Traits(rawValue: 1 << 25)
        /// A device's own request in which one address may have been rewritten and another not.
        static let mayBeHalfRewritten = Traits(rawValue: 1 << 26)
        /// A challenge whose Warning names two hosts.
        static let namesTwoHosts = Traits(rawValue: 1 << 27)
    }

    /// Max-Forwards, `nil` where there is none.
    var hops: Int? { self.maxForwards < 0 ? nil : Int(self.maxForwards) }
    var isRequest: Bool { self.status == 0 }
    var isProvisional: Bool { self.status >= 100 && self.status < 200 }
    var isFinal: Bool { self.status >= 200 }
    var isSuccess: Bool { self.status >= 200 && self.status < 300 }
    /// Whether it was seen for the first time.
    var isFirst: Bool { self.passage == .first }
    /// 401 and 407.
    var isChallenge: Bool { self.status == 401 || self.status == 407 }
    var isSelf: Bool { self.source == self.destination }

    func isRequest(_ method: SIPMethod) -> Bool { self.status == 0 && self.method == method }
    func isAnswer(to method: SIPMethod) -> Bool { self.status != 0 && self.method == method }
}
