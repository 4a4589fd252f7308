import SIPKit

/// Tells when somebody has set the wall clock: it has gone on by another amount than the monotonic one.
///
/// Contacts end at moments of the wall clock, because a database has them as such. When that is set, the moments go with
/// it, so that a contact lasts as long as its phone was told: nobody is lost when the clock goes a month ahead, and
/// nobody stays for ever when it goes back.
struct ClockWatch {
    /// Seconds; less is what NTP does all the time, and a contact may last so much longer or shorter.
    static let tolerance: Int64 = 5
    private var offset: Int64?

    /// - Parameters:
    ///   - wall: seconds since 1970.
    ///   - now: the same moment on the clock that nobody sets.
    /// - Returns: by how many seconds the clock was set since the last call; 0 mostly.
    mutating func jump(wall: Int64, now: MonotonicTime) -> Int64 {
        let offset = wall &- now.nanoseconds / 1_000_000_000
        defer { self.offset = offset }
        guard let before = self.offset else { return 0 }
        let jump = offset &- before
        return jump.magnitude >= Self.tolerance.magnitude ? jump : 0
    }
}
