import SIPKit

/// A clock that stands until it is moved: for tests and simulations.
public final class ManualClock: MonotonicClock {
    private var time: MonotonicTime

    public init(_ start: MonotonicTime = .zero) { self.time = start }

    public func now() -> MonotonicTime { self.time }

    public func advance(by duration: Duration) { self.time = self.time + Swift.max(duration, .zero) }

    /// Moves forward; an earlier time changes nothing.
    public func advance(to time: MonotonicTime) { self.time = Swift.max(self.time, time) }
}
