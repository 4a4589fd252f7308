import Glibc

/// Times of day in the local time zone, the conversion kept for a second: neighbours share it.
struct LocalClock {
    private var second = Int64.min
    private var parts = tm()

    mutating func parts(of second: Int64) -> tm {
        if second != self.second {
            var time = time_t(second)
            localtime_r(&time, &self.parts)
            self.second = second
        }
        return self.parts
    }
}
