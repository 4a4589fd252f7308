import SIPKit
import SIPNet

/// One message on its way through the script: what came, what the script made of it, and what it wants done.
///
/// A shard has one and uses it for every message, so that nothing is allocated for a message in steady state. When a run
/// has to wait it is moved aside as a value (with a copy of the bytes) and a fresh one takes its place.
///
/// Methods on the message path are `mutating` also where they change nothing: one that only borrows `self` gets the
/// whole struct as a value, which is a copy for every call; a mutating one gets its address.
struct RouteContext {
    /// Which kind of block runs.
    var block = BlockKind.request

    // MARK: The message as it came

    /// Where the message lies: in the receive buffer, or in ``owned``.
    var memory = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
    /// The bytes of a run that waits, or of a message from a transaction.
    var owned: [UInt8] = []
    var index = MessageIndex()
    /// The Request-URI as it came, taken apart: several ask for it, so it is done once. See ``requestURIParts()``.
    private var requestURIRanges: URIRanges?
    /// What has been read of the message; what has not is `.unread`.
    private var core = CoreHeaders()
    var via: ViaRanges {
        get { self.core.via }
        set { self.core.via = newValue }
    }
    var from: AddressRanges { self.core.from }
    var to: AddressRanges { self.core.to }
    var cSeq: CSeq { self.core.cSeq }
    var callID: ByteRange { self.core.callID }
    var peer = Peer(SocketAddress(.anyV4, 0))
    /// The socket that it came in on.
    var destination = SocketAddress(.anyV4, 0)
    /// Wall clock in seconds since 1970, and the monotonic clock in nanoseconds.
    var wallTime: Int64 = 0
    var now: Int64 = 0

    // MARK: What the script made of it

    /// The Request-URI when it was rewritten; see ``withRequestURI``.
    var rewrittenURI: [UInt8] = []
    var isRewritten = false
    /// Where to send to, when that is not the Request-URI (`dst_uri`).
    var destinationURI: [UInt8] = []
    /// Changes that all branches get.
    var edits = MessageEdits()
    var flags: UInt32 = 0
    /// Flags of the branch that the Request-URI becomes.
    var ownBranchFlags: UInt32 = 0
    /// Branches besides the Request-URI.
    var appended = BranchList()
    /// Whether the Request-URI was given to a branch already (`append_branch()` without argument, a lookup).
    var isRequestURIUsed = false
    /// `force_rport()`.
    var forcesRport = false
    /// `set_reply_close()`, `set_reply_no_connect()`.
    var replyConnection = Peer.ReplyConnection()
    /// `drop` in a modern script.
    var isDropped = false
    /// Whether a record-route line was put in already.
    var isRecordRouted = false
    /// The edit that put it in, where it is ours to double.
    var recordRouteMark = MessageEdits.Mark.none
    /// The edit that put it in, and parameters for it (`add_rr_param`).
    var recordRouteLine = MessageEdits.Mark.none
    var recordRouteParameters: [UInt8] = []
    /// What the host names of its destinations stand for, where that had to be waited for.
    var resolved: [(request: ResolverRequest, resolution: Resolution)] = []
    /// Whether it has waited for names already.
    var isResumed = false
    /// Whether the Contact has the sender's real address already (`fix_nated_contact`).
    var isContactFixed = false
    /// From or To says somebody else than the message did (`uac_replace_from`): answers say what it did.
    var hasOtherIdentity = false
    /// The session description has the relay's ports already.
    var isMediaRelayed = false
    /// The edits that wrote them.
    var mediaEdits = MessageEdits.Stretch.none
    /// `set_advertised_address`, `set_advertised_port`; empty and 0 where they were not called.
    var advertisedHost: [UInt8] = []
    var advertisedPort: UInt16 = 0
    /// `force_send_socket()`.
    var sendSocket: SendSocket?
    /// Where the contact that the Request-URI, or the branch that is being sent, has been registered; the script's own
    /// choice comes first.
    var contactSocket: SendSocket?
    /// The route of RFC 3327 to the binding that the Request-URI is, and to the branch that is being sent.
    var path: [UInt8] = []
    var branchPath: [UInt8] = []
    /// Header lines for the next answer of our own (`append_to_reply`).
    var replyHeaders: [UInt8] = []
    var onReply: BlockID?
    var onFailure: BlockID?
    var onBranch: BlockID?
    /// `t_set_fr`, in milliseconds: how long to wait for a final answer to an INVITE, and for any answer; 0 as set.
    var inviteTimeout: Int32 = 0
    var replyTimeout: Int32 = 0
    var attributes = AttributeList()
    /// `$var(…)`: the script's own, for this message alone.
    var variables: [(name: [UInt8], value: ScriptValue)] = []
    /// `$rc`.
    var returnCode: Int32 = 1
    /// In a branch block: which branch, from 0.
    var branchNumber = 0
    /// How many messages came before this one, for `$mi`.
    var messageNumber = 0
    /// The credentials that were found good: the place of their line.
    var authorizedSlot: Int?
    /// The user whose credentials they are.
    var authorizedUser: [UInt8] = []
    /// The realm they are for.
    var authorizedRealm: [UInt8] = []
    /// The credentials were right but for the age of their nonce.
    var isNonceStale = false
    /// The lines of a 200 that waits until what it says is on the disk.
    var contactLines: [UInt8] = []

    // MARK: What it wants

    var effects: [Effect] = []
    /// The first of them that has not been carried out.
    var nextEffect = 0
    /// The user's script whose targets a relay is for; kept with the transaction then.
    var callProcess: CPLProcess?
    /// The body of the next answer of our own.
    var replyBody: [UInt8] = []
    /// Texts of the effects: reasons, header lines, log lines.
    var texts: [UInt8] = []

    // MARK: What the shard knows

    /// The key under which the request is looked for and kept, once it was computed.
    var transactionKey: KeyedHash.Value?
    /// The transaction that this message belongs to, in its shard's table.
    var transaction: UInt32?
    /// For a CANCEL or an ACK: the INVITE transaction it is for.
    var inviteTransaction: UInt32?
    /// In onreply and failure blocks: the reply's status, or the winning one.
    var status = 0
    /// In onreply and failure blocks: the caller has hung up.
    var isCanceled = false
    /// In failure blocks: some branch, and the winning one, got no answer at all.
    var hasTimedOut = false
    var hasWinnerTimedOut = false
    /// In failure blocks: the branch that was asked for credentials, where that is why it failed; and the edit that has
    /// answered the last such branch.
    var challenged: ChallengedBranch?
    var answeredChallenge = MessageEdits.Stretch.none
    /// A question left by a function that answered `.ask`.
    var question: Question?
    /// Notes the way through the script while that is traced; `nil` otherwise.
    var recorder: RouteRecorder?
    /// The error that `sl_reply_error` reports.
    var failure = RouteFailure.none
    let shared: ProxyState

    private static var enoughTexts: Int { 4_096 }

    init(shared: ProxyState) {
        self.shared = shared
        self.effects.reserveCapacity(8)
        self.texts.reserveCapacity(2 * Self.enoughTexts)
    }

    /// The message's bytes.
    var bytes: Span<UInt8> {
        @_lifetime(borrow self) get { self.memory.span }
    }

    /// Makes the context ready for the next message; all memory is kept.
    mutating func reset() {
        self.requestURIRanges = nil
        self.isRewritten = false
        if !self.rewrittenURI.isEmpty { self.rewrittenURI = [] }
        if !self.destinationURI.isEmpty { self.destinationURI = [] }
        if !self.edits.isEmpty { self.edits.clear() }
        self.flags = 0
        self.ownBranchFlags = 0
        self.appended.clear()
        self.isRequestURIUsed = false
        self.forcesRport = false
        self.replyConnection = []
        self.isDropped = false
        self.isRecordRouted = false
        self.recordRouteMark = .none
        self.recordRouteLine = .none
        if !self.recordRouteParameters.isEmpty { self.recordRouteParameters = [] }
        if !self.resolved.isEmpty { self.resolved = [] }
        self.isResumed = false
        self.isContactFixed = false
        if !self.advertisedHost.isEmpty { self.advertisedHost = [] }
        self.advertisedPort = 0
        if self.sendSocket != nil { self.sendSocket = nil }
        if self.contactSocket != nil { self.contactSocket = nil }
        if !self.path.isEmpty { self.path = [] }
        if !self.branchPath.isEmpty { self.branchPath = [] }
        self.isMediaRelayed = false
        self.mediaEdits = .none
        self.hasOtherIdentity = false
        if !self.replyHeaders.isEmpty { self.replyHeaders.removeAll(keepingCapacity: true) }
        self.onReply = nil
        self.onFailure = nil
        self.onBranch = nil
        self.inviteTimeout = 0
        self.replyTimeout = 0
        self.isCanceled = false
        self.hasTimedOut = false
        self.hasWinnerTimedOut = false
        if self.challenged != nil { self.challenged = nil }
        self.answeredChallenge = .none
        self.attributes.clear()
        if !self.variables.isEmpty { self.variables.removeAll() }
        self.authorizedSlot = nil
        if !self.authorizedUser.isEmpty { self.authorizedUser.removeAll() }
        if !self.authorizedRealm.isEmpty { self.authorizedRealm.removeAll() }
        if !self.contactLines.isEmpty { self.contactLines = [] }
        self.isNonceStale = false
        // One at a time: there are one or two, and throwing all away at once costs more.
        while !self.effects.isEmpty { self.effects.removeLast() }
        self.nextEffect = 0
        if self.callProcess != nil { self.callProcess = nil }
        if !self.replyBody.isEmpty { self.replyBody = [] }
        // Ranges say what belongs to this message, so what earlier ones left stays until there is much of it.
        if self.texts.count > Self.enoughTexts { self.texts.removeAll(keepingCapacity: true) }
        self.transactionKey = nil
        self.transaction = nil
        self.inviteTransaction = nil
        self.status = 0
        if self.recorder != nil { self.recorder = nil }
        self.failure = .none
    }

    /// Reads the values that every request needs, and judges whether it is in order (``MessageSanity`` has the rules).
    ///
    /// - Returns: what is wrong. Values up to there have been read, the others are `.unread`.
    mutating func readRequest() -> MessageSanity.Verdict? {
        self.core = CoreHeaders()
        return MessageSanity.read(self.memory.span, self.index, into: &self.core)
    }

    /// The judgement over everything else of a request that has been read.
    mutating func judgeRequest() -> MessageSanity.Verdict? {
        let verdict = MessageSanity.judge(self.memory.span, self.index, &self.core, needsEmptyLine: true)
        self.requestURIRanges = self.core.requestURI
        return verdict
    }

    /// Reads what every response needs: top Via and CSeq. From and To have to be there, and are read when a script
    /// looks at them.
    ///
    /// - Throws: ``ParseError`` for a missing or broken header.
    mutating func readResponse() throws(ParseError) {
        let bytes = self.memory.span
        var cursor = ByteCursor(bytes, self.index.first(.via) ?? .none)
        self.core.via = try ViaRanges(parsing: &cursor)
        cursor = ByteCursor(bytes, self.index.first(.cSeq) ?? .none)
        self.core.cSeq = try CSeq(parsing: &cursor)
        guard self.index.contains(.from), self.index.contains(.to), self.index.contains(.callID) else {
            throw ParseError(.missing, "From, To or Call-ID")
        }
    }

    /// Reads the rest of a response for a script.
    mutating func readResponseAddresses() throws(ParseError) {
        let bytes = self.memory.span
        var cursor = ByteCursor(bytes, self.index.first(.from) ?? .none)
        self.core.from = try AddressRanges(parsing: &cursor)
        cursor = ByteCursor(bytes, self.index.first(.to) ?? .none)
        self.core.to = try AddressRanges(parsing: &cursor)
        self.core.callID = self.index.first(.callID) ?? .none
    }

    /// The parts of the Request-URI as it came; `nil` where it is no URI.
    mutating func requestURIParts() -> URIRanges? {
        if let known = self.requestURIRanges { return known }
        guard let parts = try? URIRanges(parsing: self.memory.span, self.index.requestURI) else { return nil }
        self.requestURIRanges = parts
        return parts
    }
}

/// Why a command that routes has failed: what `sl_reply_error` says (FUNCTIONS.md §1).
enum RouteFailure: Int, Sendable {
    case none = 0
    case unspecified = 1
    case unresolvable = 478
    case badURI = 479
    case sendFailed = 477
    case badRequest = 400
    case tooManyBranches = 500

    /// The status and the phrase, without the `(N/SL)` behind it.
    var reply: (status: Int, reason: StaticString, number: Int) {
        switch self {
        case .none, .unspecified: (500, "I'm terribly sorry, server error occurred", 1)
        case .unresolvable: (478, "Unresolvable destination", 478)
        case .badURI: (479, "Regretfully, we were not able to process the URI", 479)
        case .sendFailed: (477, "Unfortunately error on sending to next hop occurred", 477)
        case .badRequest: (400, "Bad Request", 400)
        case .tooManyBranches: (500, "Forking capacity exceeded", 500)
        }
    }
}
