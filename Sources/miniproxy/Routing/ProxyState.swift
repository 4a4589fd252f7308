import SIPKit
import SIPNet

/// What all messages share: who we are, where users are, what was set. One for the process.
///
/// Read mostly, and only by the loop that owns it so far; tables with writers of their own lock themselves.
final class ProxyState: Sendable {
    let selves: SelfAddresses
    let settings: ProxySettings
    let location: LocationTables
    /// Users that were given on the command line: name to HA1 for a realm is computed when asked.
    let users: UserList
    let nonces: NonceBook
    /// Wrong passwords of late.
    let guesses: GuessBook
    /// An HA1 that nobody has: compared with for users that do not exist.
    let decoy: [UInt8]
    /// Secrets of this process: transactions, branches, tags.
    let secrets: ProxySecrets
    /// What is known of the database, and kept from it.
    let persistence: Persistence
    /// Of the process, for `$pp` and Warning 392.
    let processID: Int32
    /// Who wants to see the way of messages through the script.
    let tracing = TraceSwitch()
    /// Carries the media of calls; `nil` where the script asks for none.
    let media: MediaRelay?
    /// An engine of others that carries it instead, for the functions of rtpproxy.
    let rtpproxy: RTPProxyClient?
    /// Whose NAT is kept open because the script has said so (`nat_keepalive`); `nil` where it never does.
    let keepAlives: KeepAliveBook?
    /// The User-Agents whose phones send media from another port than they listen on.
    let asymmetricMedia: [PatternMatcher]
    /// The same for SIP: the port in their Contact is the right one.
    let asymmetricSignalling: [PatternMatcher]

    /// For the tags and Call-IDs of keep-alives: nobody's who sees only them.
    let pingTag: String

    /// Writes and mails what users' call processing scripts want noted; `nil` where that is the log's business.
    let notes: CPLNoteWriter?

    /// Knows the addresses of host names; without it each is a question to the front end.
    let resolver: Resolver?
    /// Knows which connections there are; without it, any may be.
    let connections: (any ConnectionDirectory)?
    /// Knows from which address packets leave.
    let routes = SourceRoutes()

    init(
        selves: SelfAddresses, settings: ProxySettings, location: LocationTables, users: UserList, nonces: NonceBook,
        decoy: [UInt8], secrets: ProxySecrets, processID: Int32 = 1, media: MediaRelay? = nil,
        rtpproxy: RTPProxyClient? = nil, keepAlives: KeepAliveBook? = nil, asymmetricMedia: [PatternMatcher] = [],
        asymmetricSignalling: [PatternMatcher] = [], notes: CPLNoteWriter? = nil,
        resolver: Resolver? = nil,
        connections: (any ConnectionDirectory)? = nil, persistence: Persistence = .none
    ) {
        self.selves = selves
        self.settings = settings
        self.location = location
        self.users = users
        self.nonces = nonces
        self.guesses = GuessBook(secret: KeyedHash(key: secrets.tags))
        self.decoy = decoy
        self.secrets = secrets
        self.persistence = persistence
        self.processID = processID
        var hash = KeyedHash(key: secrets.tags)
        let purpose = Array("keep-alive".utf8)
        hash.combine(purpose.span, ByteRange(0, purpose.count))
        self.pingTag = String(hash.value.low, radix: 16)
        self.media = media
        self.rtpproxy = rtpproxy
        self.keepAlives = keepAlives
        self.asymmetricMedia = asymmetricMedia
        self.asymmetricSignalling = asymmetricSignalling
        self.notes = notes
        self.resolver = resolver
        self.connections = connections
    }
}

/// Random numbers drawn once at start, by the rim.
struct ProxySecrets: Sendable {
    var transactions: (UInt64, UInt64)
    var branches: (UInt64, UInt64)
    var tags: (UInt64, UInt64)
}
