import Synchronization

/// Turns the route trace on and off while the proxy runs: for the command line and for `ctl trace`.
///
/// Whoever wants traces gives a filter and a closure and gets a number to stop them by. While nobody does, a message
/// costs one look at `isOn`.
final class TraceSwitch: Sendable {
    typealias Receiver = @Sendable (RouteTrace) -> Void

    private struct State {
        var receivers: [(number: Int, filter: TraceFilter, receive: Receiver)] = []
        var last = 0
    }

    private let state = Mutex(State())
    private let counted = Atomic<Int>(0)

    /// Whether anybody wants traces.
    @inline(__always) var isOn: Bool { self.counted.load(ordering: .relaxed) > 0 }

    /// Hands every trace that the filter admits to `receive`, on the thread of the loop that made it: it has to be quick.
    ///
    /// - Returns: the number for ``stop(_:)``.
    func start(_ filter: TraceFilter = TraceFilter(), _ receive: @escaping Receiver) -> Int {
        self.state.withLock { state in
            state.last += 1
            state.receivers.append((state.last, filter, receive))
            self.counted.store(state.receivers.count, ordering: .relaxed)
            return state.last
        }
    }

    func stop(_ number: Int) {
        self.state.withLock { state in
            state.receivers.removeAll { $0.number == number }
            self.counted.store(state.receivers.count, ordering: .relaxed)
        }
    }

    func publish(_ trace: RouteTrace, from: String, to: String) {
        let receivers = self.state.withLock { state in
            state.receivers.filter { $0.filter.admits(trace, from: from, to: to) }.map(\.receive)
        }
        for receive in receivers { receive(trace) }
    }
}
