import SIPKit

/// What a script's global and module parameters, and the command line, set.
struct ProxySettings: Sendable {
    /// `sip_warning`: Warning 392 on our own answers.
    var sipWarning = true
    /// `server_signature`, and its text.
    var serverSignature = true
    var serverName = "miniproxy"
    /// `server_header`: the whole line; empty for one with ``serverName``.
    var serverHeader: [UInt8] = []
    /// `reply_to_via`: answers go where the Via says, and not where the request came from.
    var repliesToVia = false
    /// `advertised_address`, `advertised_port`: what Via and Record-Route say for our socket; empty and 0 for the socket.
    var advertisedHost: [UInt8] = []
    var advertisedPort: UInt16 = 0
    var timers = TransactionTimers()
    /// `fr_inv_timer`: an INVITE that rings this long is given up (timer C).
    var inviteTimeout = TimerInterval.seconds(180)
    /// `fr_inv_timer_avp`, `fr_timer_avp`: AVPs with other times for a transaction, in seconds.
    var inviteTimeoutAttribute: AttributeList.Name? = .text(Array("callee_fr_inv_timer".utf8))
    var replyTimeoutAttribute: AttributeList.Name? = .text(Array("callee_fr_timer".utf8))
    /// acc
    var accounting = AccountingSettings()
    /// rr
    var appendFromTag = true
    var enableFullLooseRouting = false
    var addUserName = false
    /// maxfwd: a larger Max-Forwards is cut to this.
    var maxForwardsLimit = 70
    /// How many branches a request may have at one time, here and further on (RFC 5393 §5).
    var maxBreadth = 60
    /// registrar
    var registrar = RegistrarSettings()
    /// How many transactions at most; more requests are answered with 503.
    var transactionLimit = 1_000_000
    /// Over this many transactions, finished ones stay only ``hurriedLinger`` to absorb repeats.
    var hurriedAbove = 16_384
    var hurriedLinger = TimerInterval.seconds(5)
    /// auth
    var remotePartyID = RemotePartyIDSettings()
    /// `mhomed`: the kernel's routes choose the socket to send from.
    var isMultihomed = false
    /// `udp_mtu`: requests above this many bytes go over TCP where they would go over UDP; 0: never. `nil`: 1300, and on
    /// this machine itself never (RFC 3261 §18.1.1: the MTU of loopback is known).
    var udpMTU: Int?
    /// Databases: tables, columns, modes.
    var store = StoreSettings()
    /// mediaproxy, nathelper
    var media = MediaSettings()
    /// uac
    var uac = UACSettings()
    /// auth: a prefix of hosts that does not belong to the realm.
    var realmPrefix: [UInt8] = []
    /// mediaproxy, nathelper, nat_traversal: tests and keep-alives.
    var nat = NATSettings()
    /// nathelper's `received_avp`: where `fix_nated_register` leaves the sender's real address.
    var receivedAttribute = AttributeList.Name.number(42)
    /// auth: seconds until a nonce is stale.
    var nonceExpire: Int64 = 300
    /// auth: what nonces are made with, for servers that take one another's; empty for a secret of this process.
    var nonceSecret: [UInt8] = []
}

struct RegistrarSettings: Sendable {
    var defaultExpires: UInt32 = 3600
    var minExpires: UInt32 = 60
    /// 0: no limit.
    var maxExpires: UInt32 = 0
    var appendBranches = true
    var descTimeOrder = false
    var caseSensitive = false
    var useDomain = true
    /// 0: no limit of the script's; ``LocationTable`` has one of its own.
    var maxContacts = 0
    /// Seconds; 0 writes no Retry-After.
    var retryAfter = 0
    /// -1: none.
    var natFlag = -1
    /// The rank of a contact that names none, in thousandths; -1: none either.
    var defaultQ: Int16 = -1
    /// Of domains: `sip.` makes sip.example.org and example.org one.
    var realmPrefix: [UInt8] = []
    /// Path (RFC 3327) is kept with a contact and followed to it.
    var usesPath = true
    /// `received_avp`: where `save` finds the sender's real address; and the parameter that answers say it in.
    var receivedAttribute = AttributeList.Name.number(42)
    var receivedParameter = Array("received".utf8)
    /// Message and branch flags that are kept with a contact besides, a bit each.
    var keptFlags: UInt32 = 0
    var keptBranchFlags: UInt32 = 0
}
