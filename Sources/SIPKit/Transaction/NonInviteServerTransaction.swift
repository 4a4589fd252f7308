/// The server side of every other transaction: RFC 3261 §17.2.2.
///
///     trying ──1xx──> proceeding ──200-699──> completed       repeats get the last answer; J ends
public struct NonInviteServerTransaction: Sendable, BitwiseCopyable {
    enum State: UInt8, Sendable, BitwiseCopyable { case trying, proceeding, completed, ended }

    private(set) var state = State.trying
    private let isReliable: Bool

    public init(over isReliable: Bool) { self.isReliable = isReliable }

    /// - Returns: `false` where a final answer has been sent already.
    public mutating func responded(
        status: Int, _ timers: borrowing TransactionTimers, _ actions: inout TransactionActions
    ) -> Bool {
        switch self.state {
        case .trying, .proceeding:
            actions.append(.sendResponse)
            if status < 200 {
                self.state = .proceeding
            } else {
                self.state = .completed
                actions.append(.start(.j, after: self.isReliable ? .zero : timers.linger))
            }
            return true
        case .completed, .ended:
            return false
        }
    }

    /// The request has come once more.
    public func receivedAgain(_ actions: inout TransactionActions) {
        switch self.state {
        case .proceeding, .completed: actions.append(.sendResponse)
        case .trying, .ended: break
        }
    }

    public mutating func fired(_ timer: TransactionTimer, _ actions: inout TransactionActions) {
        guard self.state == .completed, timer == .j else { return }
        self.state = .ended
        actions.append(.end(.finished))
    }

    public var isOver: Bool { self.state == .completed || self.state == .ended }
}
