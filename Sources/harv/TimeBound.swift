import SIPKit

/// A point in a trace's time as people write it: `14:00`, `2026-03-02 14:00:00`, `-2h` before the end, or seconds since
/// 1970.
enum TimeBound: Equatable {
    /// Nanoseconds since 1970.
    case absolute(Int64)
    /// Nanoseconds since midnight of the trace's first day.
    case clock(Int64)
    /// Nanoseconds before the trace's end.
    case beforeEnd(Int64)

    init?(_ text: String) {
        if text.hasPrefix("-"), let length = Self.length(String(text.dropFirst())) {
            self = .beforeEnd(length)
            return
        }
        if let seconds = Self.number(text, limit: 9_000_000_000) {
            self = .absolute(Int64(seconds) * 1_000_000_000)
            return
        }
        let parts = text.split(whereSeparator: { $0 == " " || $0 == "T" })
        if parts.count == 1, let clock = Self.clock(String(parts[0])) {
            self = .clock(clock)
            return
        }
        let date = (parts.first ?? "").split(whereSeparator: { $0 == "-" || $0 == "/" }).map(String.init)
        guard date.count == 3, let year = Self.number(date[0], limit: 9999),
            let month = Self.number(date[1], limit: 12),
            let day = Self.number(date[2], limit: 31), year >= 1970, month > 0, day > 0
        else { return nil }
        guard let clock = parts.count == 2 ? Self.clock(String(parts[1])) : 0 else { return nil }
        self = .absolute(TimeText.days(year, month, day) * 86_400_000_000_000 + clock)
    }

    var needsTrace: Bool { if case .absolute = self { false } else { true } }

    func time(first: Int64, last: Int64) -> Int64 {
        switch self {
        case .absolute(let time): time
        case .clock(let clock): first / 86_400_000_000_000 * 86_400_000_000_000 + clock
        case .beforeEnd(let length): last - length
        }
    }

    private static func number(_ text: String, limit: UInt64) -> Int? { SessionFacts.number(text, limit: limit) }

    /// `14:00` and `14:00:30`.
    private static func clock(_ text: String) -> Int64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map {
            Self.number(String($0), limit: 59)
        }
        guard (2...3).contains(parts.count), let hour = parts[0], hour < 24, let minute = parts[1] else { return nil }
        guard let second = parts.count == 3 ? parts[2] : 0 else { return nil }
        return Int64(hour * 3600 + minute * 60 + second) * 1_000_000_000
    }

    /// `90s`, `5m`, `2h`, `1d`, in nanoseconds; a number alone is seconds.
    static func length(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let last = text.last else { return nil }
        let unit = units[last]
        guard let number = Self.number(unit == nil ? text : String(text.dropLast()), limit: 1_000_000) else {
            return nil
        }
        return Int64(number) * (unit ?? 1) * 1_000_000_000
    }
}
