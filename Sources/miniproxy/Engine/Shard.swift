import SIPKit
import SIPNet

/// One loop's part of the proxy: its transactions, its timers, its memory. Synchronous: bytes in, bytes out.
///
///     receive(bytes, from) ─> request ──> repeat: answered from the table
///                                    └──> script ─> effects: reply, relay, forward, cancel
///                          └> response ─> branch by our Via ─> fork ─> best answer upstream
///     tick(now)            ─> timers fire
///     outbox               ─> what the front end sends before it calls `sent()`
///
/// Whatever drives it (UDP endpoint, simulation) calls only these four, from one thread.
///
/// Its methods are `mutating` also where they change nothing: a method that only borrows `self` gets the whole struct
/// as a value, which is a copy for every call; a mutating one gets its address.
struct Shard: ~Copyable {
    let number: UInt8
    let state: ProxyState
    let policy: Policy
    let sockets: [ListenSocket]
    let codec: BranchCodec
    /// The lines with which our own answers end: Server where it is wanted, Content-Length.
    let replyEnd: [UInt8]
    let transactionSecret: KeyedHash
    let tagSecret: KeyedHash

    var context: RouteContext
    var servers: Slab<ServerRecord>
    var branches: Slab<BranchRecord>
    var table = TransactionTable()
    /// Attributes of transactions that have any.
    var attributes: [UInt32: AttributeList] = [:]
    /// What the script has changed in the requests of transactions that may be sent again.
    var keptEdits: [UInt32: KeptEdits] = [:]
    /// Transactions whose answers get the From and To of the request back.
    var otherIdentities: Set<UInt32> = []
    /// Users' scripts that have taken calls over, by transaction.
    var processes: [UInt32: CPLProcess] = [:]
    /// Runs that wait for an answer.
    var parked: [UInt32: ParkedRun] = [:]
    var parkCount: UInt32 = 0
    /// The keys of the requests that wait: their repeats are absorbed.
    var parkedKeys: Set<KeyedHash.Value> = []
    /// Questions that nobody has taken up yet; the front end takes them.
    var questions: [PendingQuestion] = []
    /// Host names that somebody has to resolve; the front end takes them.
    var lookups: [PendingLookup] = []
    /// Branches that are pings, with what they ask; and when the next ones are due.
    var probes: [UInt32: [UInt8]] = [:]
    var nextProbes = MonotonicTime.zero
    /// Branches whose final answer is with a reply block that waits: repeats of it are absorbed meanwhile.
    var held: Set<UInt32> = []
    /// Where a branch goes when its first destination fails (RFC 3263 §4.3); few have any.
    var alternatives: [UInt32: [Peer]] = [:]
    var names = ServerNames()
    /// Hosts of Contacts that resolve nowhere, and the connection that leads there: see ``rememberFlow(_:_:)``.
    var flows: [[UInt8]: Peer] = [:]
    var hosts = ReachableHosts()
    /// The transports of our sockets, the dearest first.
    let transports: [TransportProtocol]
    var pool = BufferPool()
    var wheel: TimerWheel
    var fired: [UInt64] = []
    var actions = TransactionActions()
    /// A second table of ranges, for messages that are looked at besides the one in work.
    var sideIndex = MessageIndex()
    /// Where texts of our own are put together.
    var scratch = TextBuffer(capacity: 4096)
    var now = MonotonicTime.zero
    var statistics = ProxyStatistics()
    var nextFailureWalk = MonotonicTime.zero
    var refusals: RefusalBudget

    /// What is to be sent; the front end empties it with ``sent()``.
    var outbox: UnsafeBufferPointer<Outgoing> { mutating get { self.outgoing.elements } }
    private var outgoing = Batch<Outgoing>(capacity: 256)

    init(number: UInt8, state: ProxyState, policy: Policy, sockets: [ListenSocket], start: MonotonicTime) {
        self.number = number
        self.state = state
        self.policy = policy
        self.sockets = sockets
        self.transports = [.udp, .tcp, .tls, .ws, .wss].filter { wanted in
            sockets.contains { $0.transport == wanted }
        }
        self.codec = BranchCodec(secret: KeyedHash(key: state.secrets.branches))
        var replyEnd: [UInt8] = []
        if state.settings.serverSignature {
            if state.settings.serverHeader.isEmpty {
                replyEnd.append("Server: ")
                replyEnd.append(contentsOf: state.settings.serverName.utf8)
            } else {
                // One line, whatever the script wrote.
                replyEnd += state.settings.serverHeader.filter { $0 >= ASCII.space }
            }
            replyEnd.append("\r\n")
        }
        replyEnd.append("Content-Length: 0\r\n")
        self.replyEnd = replyEnd
        self.transactionSecret = KeyedHash(key: state.secrets.transactions)
        self.tagSecret = KeyedHash(key: state.secrets.tags)
        self.context = RouteContext(shared: state)
        self.refusals = RefusalBudget(secret: KeyedHash(key: state.secrets.tags))
        self.servers = Slab(blank: .blank, limit: state.settings.transactionLimit)
        self.branches = Slab(blank: .blank(state.settings.timers), limit: state.settings.transactionLimit * 2)
        self.wheel = TimerWheel(start: start, granularity: .milliseconds(10), capacity: 4096, maximum: 8_000_000)
        self.now = start
    }

    /// The times of a transaction that begins or ends now: under load, finished ones make room sooner.
    var timers: TransactionTimers {
        mutating get {
            var timers = self.state.settings.timers
            if self.servers.liveCount > self.state.settings.hurriedAbove {
                timers.linger = Swift.min(timers.linger, self.state.settings.hurriedLinger)
            }
            return timers
        }
    }

    // MARK: The front end's calls

    /// Takes in one datagram, or one message of a stream.
    ///
    /// The bytes are looked at only during the call.
    mutating func receive(
        _ bytes: UnsafeBufferPointer<UInt8>, from peer: Peer, to destination: SocketAddress, now: MonotonicTime,
        wallTime: Int64
    ) {
        // Keep-alives of one to four octets (line ends, zeros) and STUN are not SIP and not a fault.
        guard bytes.count > 4, bytes[0] > 3 else { return }
        self.now = now
        self.context.memory = bytes
        self.context.peer = peer
        self.context.destination = destination
        self.context.wallTime = wallTime
        self.context.now = now.nanoseconds
        do throws(ParseError) {
            try self.context.index.parse(bytes.span)
        } catch {
            self.statistics.malformed += 1
            return
        }
        self.context.reset()
        if self.context.index.isRequest {
            self.statistics.requests += 1
            self.handleRequest()
        } else {
            self.statistics.responses += 1
            self.handleResponse()
        }
    }

    /// Lets timers fire whose time has come.
    mutating func tick(_ now: MonotonicTime, wallTime: Int64) {
        self.now = now
        self.context.now = now.nanoseconds
        self.context.wallTime = wallTime
        if !self.fired.isEmpty { self.fired.removeAll(keepingCapacity: true) }
        self.wheel.advance(to: now, &self.fired)
        for place in 0..<self.fired.count {
            if let token = TimerToken(packed: self.fired[place]) { self.fire(token) }
        }
    }

    /// When ``tick(_:wallTime:)`` has something to do next.
    var nextDeadline: MonotonicTime? { self.wheel.nextDeadline }

    /// Everything in the outbox has gone out: its memory may be used again.
    mutating func sent() {
        self.outgoing.clear()
        self.pool.recycle()
    }

    // MARK: Sending

    mutating func send(_ buffer: Buffer, to peer: Peer) {
        guard let memory = buffer.memory else { return }
        self.outgoing.append(Outgoing(memory: memory, count: Int(buffer.count), peer: peer))
    }

    /// Puts ``scratch`` into memory of its own.
    mutating func buffer(ofScratch: Void = ()) -> Buffer {
        guard let buffer = self.pool.take(self.scratch.count), let memory = buffer.memory else { return .empty }
        let text = UnsafeRawBufferPointer(self.scratch.bytes)
        if let start = text.baseAddress { memory.copyMemory(from: start, byteCount: text.count) }
        return buffer
    }

    // MARK: Timers

    mutating func arm(_ kind: TimerToken.Kind, _ timer: TransactionTimer, _ place: Place, after: TimerInterval)
        -> TimerWheel.Handle
    {
        self.wheel.arm(
            token: TimerToken(kind, timer, place).packed, at: self.now.adding(nanoseconds: after.nanoseconds))
    }

    mutating func place(server number: UInt32) -> Place {
        Place(number: number, generation: self.servers.generation(number))
    }
    mutating func place(branch number: UInt32) -> Place {
        Place(number: number, generation: self.branches.generation(number))
    }

    private mutating func fire(_ token: TimerToken) {
        switch token.kind {
        case .server:
            guard self.servers.isLive(token.place.number, generation: token.place.generation) else { return }
            self.serverTimerFired(token.place.number, token.timer)
        case .branch:
            guard self.branches.isLive(token.place.number, generation: token.place.generation) else { return }
            self.branchTimerFired(token.place.number, token.timer)
        case .ring:
            guard self.branches.isLive(token.place.number, generation: token.place.generation) else { return }
            self.ringTimerFired(token.place.number)
        case .cancel:
            guard self.branches.isLive(token.place.number, generation: token.place.generation) else { return }
            self.cancelTimerFired(token.place.number, token.timer)
        case .parked:
            self.parkingTimerFired(token.place.number)
        case .process:
            guard self.servers.isLive(token.place.number, generation: token.place.generation) else { return }
            self.processTimerFired(token.place.number)
        }
    }
}
