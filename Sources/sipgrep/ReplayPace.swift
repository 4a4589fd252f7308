import Glibc

/// `-D`: waits as long between two packets as there was between them when they were captured.
struct ReplayPace {
    private var previous: Int64?

    /// Gaps of more than this are cut: nobody waits for tomorrow's call.
    static let longestGap: Int64 = 3600 * 1_000_000_000

    /// - Parameter beforeWaiting: what is to be done before the first rest.
    /// - Returns: false when a signal came.
    mutating func wait(_ time: Int64, _ beforeWaiting: () -> Void) -> Bool {
        defer { self.previous = time }
        guard let previous = self.previous, time > previous else { return !SignalWatch.shouldEnd }
        var left = Swift.min(time - previous, Self.longestGap)
        beforeWaiting()
        while left > 0, !SignalWatch.shouldEnd {
            let part = Swift.min(left, 100_000_000)
            var rest = timespec(tv_sec: 0, tv_nsec: Int(part))
            nanosleep(&rest, nil)
            left -= part
        }
        return !SignalWatch.shouldEnd
    }
}
