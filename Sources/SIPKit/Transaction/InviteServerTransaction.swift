/// The server side of one INVITE transaction: RFC 3261 §17.2.1 with the Accepted state of RFC 6026 §7.1.
///
///     proceeding ──2xx──> accepted       repeats of INVITE are absorbed, further 2xx go out; L ends
///         └──300-699──> completed        G repeats the answer until ACK; H ends the wait
///                           └──ACK──> confirmed    I absorbs repeats of ACK
public struct InviteServerTransaction: Sendable, BitwiseCopyable {
    enum State: UInt8, Sendable, BitwiseCopyable { case proceeding, accepted, completed, confirmed, ended }

    private(set) var state = State.proceeding
    private let isReliable: Bool
    private var resendAfter = TimerInterval.zero
    /// Whether a response has been sent that can be repeated.
    private var hasAnswered = false

    public init(over isReliable: Bool) { self.isReliable = isReliable }

    /// The transaction user sends a response.
    ///
    /// - Returns: `false` where it comes too late (a final answer has been sent; a 2xx after a 2xx is allowed).
    public mutating func responded(
        status: Int, _ timers: borrowing TransactionTimers, _ actions: inout TransactionActions
    ) -> Bool {
        switch (self.state, status) {
        case (.proceeding, ..<200):
            self.hasAnswered = true
            actions.append(.sendResponse)
        case (.proceeding, 200..<300):
            self.state = .accepted
            actions.append(.sendResponse)
            actions.append(.start(.l, after: timers.linger))
        case (.accepted, 200..<300):
            actions.append(.sendResponse)
        case (.proceeding, 300...):
            self.state = .completed
            self.resendAfter = timers.t1
            actions.append(.sendResponse)
            if !self.isReliable { actions.append(.start(.g, after: timers.t1)) }
            actions.append(.start(.h, after: timers.ackTimeout))
        default:
            return false
        }
        return true
    }

    /// The INVITE has come once more.
    public mutating func receivedAgain(_ actions: inout TransactionActions) {
        switch self.state {
        case .proceeding: if self.hasAnswered { actions.append(.sendResponse) }
        case .completed: actions.append(.sendResponse)
        case .accepted, .confirmed, .ended: break
        }
    }

    public mutating func receivedAck(_ timers: borrowing TransactionTimers, _ actions: inout TransactionActions) {
        switch self.state {
        case .completed:
            self.state = .confirmed
            if !self.isReliable { actions.append(.stop(.g)) }
            actions.append(.stop(.h))
            actions.append(.start(.i, after: self.isReliable ? .zero : timers.t4))
        case .accepted:
            actions.append(.deliver)  // The ACK of a 2xx is not of this transaction; its user routes it.
        case .proceeding, .confirmed, .ended:
            break
        }
    }

    public mutating func fired(
        _ timer: TransactionTimer, _ timers: borrowing TransactionTimers, _ actions: inout TransactionActions
    ) {
        switch (self.state, timer) {
        case (.completed, .g):
            self.resendAfter = Swift.min(self.resendAfter * 2, timers.t2)
            actions.append(.sendResponse)
            actions.append(.start(.g, after: self.resendAfter))
        case (.completed, .h):
            self.state = .ended
            actions.append(.end(.timedOut))
        case (.confirmed, .i), (.accepted, .l):
            self.state = .ended
            actions.append(.end(.finished))
        default:
            break  // A timer of a state that has been left.
        }
    }

    /// Whether a final answer has been sent.
    public var isOver: Bool { self.state != .proceeding }
}
