import SIPKit
import SIPNet

/// The machine of a server transaction, of either kind.
enum ServerMachine: BitwiseCopyable {
    case invite(InviteServerTransaction)
    case other(NonInviteServerTransaction)

    var isOver: Bool {
        switch self {
        case .invite(let machine): machine.isOver
        case .other(let machine): machine.isOver
        }
    }
}

/// The machine of a client transaction, of either kind.
enum ClientMachine: BitwiseCopyable {
    case invite(InviteClientTransaction)
    case other(NonInviteClientTransaction)

    var isOver: Bool {
        switch self {
        case .invite(let machine): machine.isOver
        case .other(let machine): machine.isOver
        }
    }
}

extension ClientMachine {
    /// Whether a provisional answer has come and no final one.
    var isProceeding: Bool {
        switch self {
        case .invite(let machine): machine.isProceeding
        case .other(let machine): machine.isProceeding
        }
    }
}

/// A place in a slab, or none.
struct Place: BitwiseCopyable, Equatable {
    var number: UInt32
    var generation: UInt32
    static var none: Place { Place(number: .max, generation: 0) }
    var isNone: Bool { self.number == .max }
}

/// One request that was taken in: a server transaction and what it needs to be answered.
struct ServerRecord: BitwiseCopyable {
    var key: KeyedHash.Value
    /// The next record in the same chain of the table.
    var next: UInt32
    var machine: ServerMachine
    var method: SIPMethod
    /// The request as it came; freed with the final answer.
    var request: Buffer
    /// The last answer, for repeats.
    var response: Buffer
    var replyTo: Peer
    /// The socket it came in on.
    var destination: SocketAddress
    var firstBranch: UInt32
    var branchCount: UInt16
    /// Branches without a final answer.
    var pending: UInt16
    /// The last status that went upstream.
    var status: UInt16
    var isCanceled: Bool
    /// Its relaying waits for the addresses of host names.
    var isWaiting: Bool
    var forcesRport: Bool
    var flags: UInt32
    var onReply: Int32
    var onFailure: Int32
    var onBranch: Int32
    /// In milliseconds; 0 for what is set for all.
    var inviteTimeout: Int32
    var replyTimeout: Int32
    var repeatTimer: TimerWheel.Handle
    var endTimer: TimerWheel.Handle

    static var blank: ServerRecord {
        ServerRecord(
            key: KeyedHash.Value(high: 0, low: 0), next: .max, machine: .other(NonInviteServerTransaction(over: false)),
            method: .other, request: .empty, response: .empty, replyTo: Peer(SocketAddress(.anyV4, 0)),
            destination: SocketAddress(.anyV4, 0), firstBranch: .max, branchCount: 0, pending: 0, status: 0,
            isCanceled: false, isWaiting: false, forcesRport: false, flags: 0, onReply: -1, onFailure: -1, onBranch: -1,
            inviteTimeout: 0, replyTimeout: 0,
            repeatTimer: .none, endTimer: .none)
    }
}

/// One copy of a request that was sent on: a client transaction, and the CANCEL that may follow it.
struct BranchRecord: BitwiseCopyable {
    var server: Place
    /// The next branch of the same server transaction.
    var next: UInt32
    var machine: ClientMachine
    /// The request as it was sent: repeated, and what its ACK and CANCEL are made from.
    var request: Buffer
    /// The final answer of 300 or more, ready to go upstream, until the best one has been chosen.
    var response: Buffer
    var destination: Peer
    /// The final status; 0 while there is none.
    var status: UInt16
    var isInvite: Bool
    /// A CANCEL is to follow the first provisional answer.
    var wantsCancel: Bool
    /// The CANCEL's own transaction, once it was sent.
    var cancelMachine: NonInviteClientTransaction?
    var cancelRequest: Buffer
    var repeatTimer: TimerWheel.Handle
    var endTimer: TimerWheel.Handle
    /// Timer C.
    var ringTimer: TimerWheel.Handle
    var cancelRepeatTimer: TimerWheel.Handle
    var cancelEndTimer: TimerWheel.Handle

    static func blank(_ timers: TransactionTimers) -> BranchRecord {
        var actions = TransactionActions()
        return BranchRecord(
            server: .none, next: .max,
            machine: .other(NonInviteClientTransaction(over: true, timers, &actions)), request: .empty,
            response: .empty,
            destination: Peer(SocketAddress(.anyV4, 0)), status: 0, isInvite: false, wantsCancel: false,
            cancelMachine: nil, cancelRequest: .empty, repeatTimer: .none, endTimer: .none, ringTimer: .none,
            cancelRepeatTimer: .none, cancelEndTimer: .none)
    }
}

/// What a timer of the wheel means: which of a record's timers, packed into the wheel's token.
struct TimerToken: BitwiseCopyable {
    enum Kind: UInt8 {
        case server, branch, ring, cancel, parked, process
    }
    var kind: Kind
    var timer: TransactionTimer
    var place: Place

    var packed: UInt64 {
        UInt64(self.kind.rawValue) << 60 | UInt64(self.timer.rawValue) << 56
            | UInt64(self.place.generation & 0xFF_FFFF) << 32 | UInt64(self.place.number)
    }

    init(_ kind: Kind, _ timer: TransactionTimer, _ place: Place) {
        self.kind = kind
        self.timer = timer
        self.place = place
    }

    init?(packed: UInt64) {
        guard let kind = Kind(rawValue: UInt8(packed >> 60)),
            let timer = TransactionTimer(rawValue: UInt8(packed >> 56 & 15))
        else { return nil }
        self.kind = kind
        self.timer = timer
        self.place = Place(
            number: UInt32(truncatingIfNeeded: packed), generation: UInt32(truncatingIfNeeded: packed >> 32 & 0xFF_FFFF)
        )
    }
}
