/// The client side of one INVITE transaction: RFC 3261 §17.1.1 with the Accepted state of RFC 6026 §7.2.
///
///     calling ──1xx──> proceeding        A repeats the request (not over a reliable transport)
///        │ │               │ │           B ends the wait in calling; later the user's timer C does
///        │ └──2xx──> accepted <─┘ 2xx    every 2xx goes up, repeats and forks too; M ends
///        └──3xx-6xx─> completed <┘       ACK to each repeat; D ends
///
/// The machine sends nothing and reads no clock: it answers each event with the actions to take, in order.
public struct InviteClientTransaction: Sendable, BitwiseCopyable {
    enum State: UInt8, Sendable, BitwiseCopyable { case calling, proceeding, accepted, completed, ended }

    private(set) var state = State.calling
    private let isReliable: Bool
    private var resendAfter: TimerInterval

    /// Begins the transaction with its request.
    public init(over isReliable: Bool, _ timers: borrowing TransactionTimers, _ actions: inout TransactionActions) {
        self.isReliable = isReliable
        self.resendAfter = timers.t1
        actions.append(.sendRequest)
        if !isReliable { actions.append(.start(.a, after: timers.t1)) }
        actions.append(.start(.b, after: timers.requestTimeout))
    }

    /// A response has come.
    public mutating func received(
        status: Int, _ timers: borrowing TransactionTimers, _ actions: inout TransactionActions
    ) {
        switch (self.state, status) {
        case (.calling, ..<200):
            self.state = .proceeding
            if !self.isReliable { actions.append(.stop(.a)) }
            actions.append(.stop(.b))
            actions.append(.deliver)
        case (.proceeding, ..<200):
            actions.append(.deliver)
        case (.calling, 200..<300), (.proceeding, 200..<300):
            if self.state == .calling {
                if !self.isReliable { actions.append(.stop(.a)) }
                actions.append(.stop(.b))
            }
            self.state = .accepted
            actions.append(.start(.m, after: timers.linger))
            actions.append(.deliver)
        case (.accepted, 200..<300):
            actions.append(.deliver)
        case (.calling, 300...), (.proceeding, 300...):
            if self.state == .calling {
                if !self.isReliable { actions.append(.stop(.a)) }
                actions.append(.stop(.b))
            }
            self.state = .completed
            actions.append(.sendAck)
            actions.append(.start(.d, after: self.isReliable ? .zero : timers.linger))
            actions.append(.deliver)
        case (.completed, 300...):
            actions.append(.sendAck)
        default:
            break  // A provisional after the final answer, a refusal after a 2xx: nothing to do.
        }
    }

    public mutating func fired(_ timer: TransactionTimer, _ actions: inout TransactionActions) {
        switch (self.state, timer) {
        case (.calling, .a):
            self.resendAfter = self.resendAfter * 2
            actions.append(.sendRequest)
            actions.append(.start(.a, after: self.resendAfter))
        case (.calling, .b):
            self.state = .ended
            actions.append(.end(.timedOut))
        case (.completed, .d), (.accepted, .m):
            self.state = .ended
            actions.append(.end(.finished))
        default:
            break  // A timer of a state that has been left.
        }
    }

    /// The transport has said that the request cannot be sent.
    public mutating func transportFailed(_ actions: inout TransactionActions) {
        guard self.state == .calling || self.state == .proceeding else { return }
        self.state = .ended
        actions.append(.end(.transportFailed))
    }

    /// Whether a final answer has come or the machine has given up.
    public var isOver: Bool { self.state != .calling && self.state != .proceeding }
    /// Whether a provisional answer has come, so that a CANCEL may follow (§9.1).
    public var isProceeding: Bool { self.state == .proceeding }
}
