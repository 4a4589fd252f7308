/// What a transaction machine wants done. It sends nothing itself and holds no message: the driver keeps the bytes.
public enum TransactionAction: Equatable, Sendable {
    /// Send the request, as it was built, to where it went first.
    case sendRequest
    /// Send the ACK of this hop for a final answer of 300 or more (§17.1.1.3).
    case sendAck
    /// Send the last response once more, or for the first time.
    case sendResponse
    case start(TransactionTimer, after: TimerInterval)
    case stop(TransactionTimer)
    /// Hand the message that has just come in to the transaction user.
    case deliver
    case end(TransactionEnding)
}

public enum TransactionEnding: UInt8, Sendable {
    /// All has been said and the time for repeats is over.
    case finished
    /// Client: no answer. Server: no ACK.
    case timedOut
    case transportFailed
}

/// A list of at most eight actions that is handed in, filled and used again: nothing is allocated for an event.
public struct TransactionActions: Sendable {
    @usableFromInline var items = InlineArray<8, TransactionAction>(repeating: .deliver)
    public internal(set) var count = 0

    public init() {}

    @inline(__always)
    public mutating func clear() { self.count = 0 }

    public mutating func append(_ action: TransactionAction) {
        // No event of any machine asks for more than five actions.
        guard self.count < 8 else { return }
        self.items[self.count] = action
        self.count &+= 1
    }

    @inlinable @inline(__always)
    public subscript(place: Int) -> TransactionAction { self.items[place] }

    /// The actions as an array, for tests.
    public var list: [TransactionAction] { (0..<self.count).map { self.items[$0] } }
}
