/// Steps of a minute and more in the times of a trace that was busy up to there.
struct ClockJumps: Sendable, Equatable, Codable {
    private(set) var count = 0
    private(set) var furthest: Int64 = 0
    private var minute: Int64 = 0
    private var inMinute = 0

    /// Looks at the step from one message to the next, in nanoseconds.
    @inline(__always)
    mutating func note(from last: Int64, to time: Int64) {
        let step = time &- last
        if step >= 60_000_000_000 { self.judge(step) }
        let minute = time / 60_000_000_000
        self.inMinute = minute == self.minute ? self.inMinute &+ 1 : 1
        self.minute = minute
    }

    private mutating func judge(_ step: Int64) {
        // A hundred messages in the minute before it: such a trace does not fall silent by itself.
        guard self.inMinute >= 100 else { return }
        self.count += 1
        self.furthest = max(self.furthest, step)
    }
}
