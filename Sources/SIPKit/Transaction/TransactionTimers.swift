/// The times that the transaction machines use (RFC 3261 §17 table 4, RFC 6026 §7); every one can be set.
public struct TransactionTimers: Sendable, Equatable {
    /// Estimate of the round trip.
    public var t1 = TimerInterval.milliseconds(500)
    /// The longest interval between repeats of non-INVITE requests and INVITE responses.
    public var t2 = TimerInterval.seconds(4)
    /// How long the network may keep a message.
    public var t4 = TimerInterval.seconds(5)
    /// No answer at all: B and F. SER's `fr_timer`.
    public var requestTimeout = TimerInterval.seconds(32)
    /// No ACK: H.
    public var ackTimeout = TimerInterval.seconds(32)
    /// How long a finished transaction stays to absorb repeats over UDP: D, J, L, M. SER's `wt_timer` has 5 s.
    public var linger = TimerInterval.seconds(32)

    public init() {}

    /// Times that all follow from T1, as the RFC has them.
    public init(t1: TimerInterval, t2: TimerInterval = .seconds(4), t4: TimerInterval = .seconds(5)) {
        self.t1 = t1
        self.t2 = t2
        self.t4 = t4
        self.requestTimeout = t1 * 64
        self.ackTimeout = t1 * 64
        self.linger = t1 * 64
    }
}

/// The timers of RFC 3261 §17 and RFC 6026 under their letters.
public enum TransactionTimer: UInt8, Sendable, CaseIterable, BitwiseCopyable {
    /// INVITE client: repeat, give up, wait for repeats of a refusal, wait for repeats of a 2xx.
    case a, b, d, m
    /// Other clients: repeat, give up, wait for repeats.
    case e, f, k
    /// INVITE server: repeat the answer, give up waiting for ACK, wait for repeats of ACK, wait for repeats of INVITE.
    case g, h, i, l
    /// Other servers: wait for repeats.
    case j
}
