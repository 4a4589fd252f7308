/// The client side of every other transaction: RFC 3261 §17.1.2.
///
///     trying ──1xx──> proceeding         E repeats the request, at T2 once there was a 1xx
///        └───200-699──┴─> completed      F ends the wait; K absorbs repeats of the answer
public struct NonInviteClientTransaction: Sendable, BitwiseCopyable {
    enum State: UInt8, Sendable, BitwiseCopyable { case trying, proceeding, completed, ended }

    private(set) var state = State.trying
    private let isReliable: Bool
    private var resendAfter: TimerInterval

    public init(over isReliable: Bool, _ timers: borrowing TransactionTimers, _ actions: inout TransactionActions) {
        self.isReliable = isReliable
        self.resendAfter = timers.t1
        actions.append(.sendRequest)
        if !isReliable { actions.append(.start(.e, after: timers.t1)) }
        actions.append(.start(.f, after: timers.requestTimeout))
    }

    /// Whether a provisional answer has come and no final one.
    public var isProceeding: Bool { self.state == .proceeding }

    public mutating func received(
        status: Int, _ timers: borrowing TransactionTimers, _ actions: inout TransactionActions
    ) {
        switch self.state {
        case .trying, .proceeding:
            if status < 200 {
                self.state = .proceeding
                actions.append(.deliver)
                return
            }
            self.state = .completed
            if !self.isReliable { actions.append(.stop(.e)) }
            actions.append(.stop(.f))
            actions.append(.start(.k, after: self.isReliable ? .zero : timers.t4))
            actions.append(.deliver)
        case .completed, .ended:
            break
        }
    }

    public mutating func fired(
        _ timer: TransactionTimer, _ timers: borrowing TransactionTimers, _ actions: inout TransactionActions
    ) {
        switch (self.state, timer) {
        case (.trying, .e), (.proceeding, .e):
            self.resendAfter = self.state == .proceeding ? timers.t2 : Swift.min(self.resendAfter * 2, timers.t2)
            actions.append(.sendRequest)
            actions.append(.start(.e, after: self.resendAfter))
        case (.trying, .f), (.proceeding, .f):
            self.state = .ended
            actions.append(.end(.timedOut))
        case (.completed, .k):
            self.state = .ended
            actions.append(.end(.finished))
        default:
            break  // A timer of a state that has been left.
        }
    }

    public mutating func transportFailed(_ actions: inout TransactionActions) {
        guard self.state == .trying || self.state == .proceeding else { return }
        self.state = .ended
        actions.append(.end(.transportFailed))
    }

    public var isOver: Bool { self.state != .trying && self.state != .proceeding }
}
