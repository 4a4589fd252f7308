import NIOCore
import Synchronization

/// Where NIO's threads put what has arrived, for the loop that owns the transport.
///
/// It is bounded by making the senders wait: when it is full, the connections that fill it are not read any more until
/// the loop has taken what lies here.
final class StreamInbox: Sendable {
    private struct State {
        var events: [StreamEvent] = []
        var paused: [any Channel] = []
    }
    private let state = Mutex(State())
    private let limit: Int
    private let wake: @Sendable () -> Void

    init(limit: Int, wake: @escaping @Sendable () -> Void) {
        self.limit = limit
        self.wake = wake
    }

    func put(_ event: StreamEvent) {
        let isFirst = self.state.withLock { state in
            state.events.append(event)
            return state.events.count == 1
        }
        if isFirst { self.wake() }
    }

    /// Stops reading this channel when there is no room.
    func pauseWhenFull(_ channel: any Channel) {
        let isFull = self.state.withLock { state in
            guard state.events.count >= self.limit else { return false }
            state.paused.append(channel)
            return true
        }
        if isFull { channel.setOption(.autoRead, value: false).whenFailure { _ in } }
    }

    /// Everything that has come, in order.
    func take() -> [StreamEvent] {
        let (events, paused) = self.state.withLock { state in
            defer {
                state.events = []
                state.paused = []
            }
            return (state.events, state.paused)
        }
        for channel in paused { channel.setOption(.autoRead, value: true).whenFailure { _ in } }
        return events
    }
}
