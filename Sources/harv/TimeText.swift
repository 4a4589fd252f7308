/// Times and numbers as the report writes them; no Foundation, since a report of a small file should not wait for it.
enum TimeText {
    struct Fields {
        var year: Int
        var month: Int
        var day: Int
        var hour: Int
        var minute: Int
        var second: Int
        var nanosecond: Int
    }

    static func fields(_ time: Int64) -> Fields {
        var seconds = time / 1_000_000_000
        var nanosecond = time % 1_000_000_000
        if nanosecond < 0 {
            nanosecond += 1_000_000_000
            seconds -= 1
        }
        var days = seconds / 86_400
        var rest = seconds % 86_400
        if rest < 0 {
            rest += 86_400
            days -= 1
        }
        // Days since 0000-03-01, in eras of 400 years.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = Int(dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
        let month = Int(shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9)
        let year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
        return Fields(
            year: year, month: month, day: day, hour: Int(rest / 3600), minute: Int(rest / 60 % 60),
            second: Int(rest % 60),
            nanosecond: Int(nanosecond))
    }

    /// Days from 1970-01-01 to a day of the Gregorian calendar.
    static func days(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return Int64(era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468)
    }

    static func date(_ time: Int64) -> String {
        let f = Self.fields(time)
        return "\(Self.pad(f.year, 4))-\(Self.pad(f.month, 2))-\(Self.pad(f.day, 2))"
    }

    static func clock(_ time: Int64) -> String {
        let f = Self.fields(time)
        return "\(Self.pad(f.hour, 2)):\(Self.pad(f.minute, 2)):\(Self.pad(f.second, 2))"
    }

    /// With microseconds, as ngrep prints them.
    static func preciseClock(_ time: Int64) -> String {
        "\(Self.clock(time)).\(Self.pad(Self.fields(time).nanosecond / 1000, 6))"
    }

    /// UTC in ISO 8601, with microseconds.
    static func iso(_ time: Int64) -> String { "\(Self.date(time))T\(Self.preciseClock(time))Z" }

    static func pad(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    /// `36 min`, `2 h 10 min`, `12 s`.
    static func span(_ nanoseconds: Int64) -> String {
        let seconds = (nanoseconds + 500_000_000) / 1_000_000_000
        if seconds < 120 { return "\(seconds) s" }
        let minutes = (seconds + 30) / 60
        if minutes < 120 { return "\(minutes) min" }
        if minutes < 48 * 60 {
            return minutes % 60 == 0 ? "\(minutes / 60) h" : "\(minutes / 60) h \(minutes % 60) min"
        }
        return "\(minutes / 1440) d \(minutes % 1440 / 60) h"
    }

    /// Seconds with six decimals: exact, for a single call.
    static func exactSeconds(_ nanoseconds: Int64) -> String {
        "\(nanoseconds / 1_000_000_000).\(Self.pad(Int(nanoseconds % 1_000_000_000 / 1000), 6))"
    }
}

/// Numbers in columns.
enum NumberText {
    /// With commas between groups of three digits.
    static func grouped(_ number: Int) -> String {
        let digits = Array(String(abs(number)).utf8)
        var output: [UInt8] = number < 0 ? [0x2D] : []
        for (place, digit) in digits.enumerated() {
            if place > 0, (digits.count - place) % 3 == 0 { output.append(0x2C) }
            output.append(digit)
        }
        return String(decoding: output, as: UTF8.self)
    }

    static func fixed(_ value: Double, _ decimals: Int) -> String {
        guard value.isFinite else { return "-" }
        var scale = 1.0
        for _ in 0..<decimals { scale *= 10 }
        let scaled = (abs(value) * scale).rounded()
        guard scaled < 1e18 else { return "-" }
        let whole = Int(scaled)
        let sign = value < 0 && whole > 0 ? "-" : ""
        guard decimals > 0 else { return "\(sign)\(whole)" }
        return "\(sign)\(whole / Int(scale)).\(TimeText.pad(whole % Int(scale), decimals))"
    }

    static func percent(_ value: Double?) -> String { value.map { "\(Self.fixed($0, 1)) %" } ?? "-" }

    static func left(_ text: String, _ width: Int) -> String {
        let count = text.unicodeScalars.count
        if count > width, width > 1 {
            return String(String.UnicodeScalarView(text.unicodeScalars.prefix(width - 1))) + "~"
        }
        return text + String(repeating: " ", count: max(0, width - count))
    }

    static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.unicodeScalars.count)) + text
    }

    /// `21.3 MB`.
    static func bytes(_ count: Int) -> String {
        switch count {
        case ..<10_000: "\(count) bytes"
        case ..<1_000_000: "\(Self.fixed(Double(count) / 1e3, 1)) kB"
        case ..<1_000_000_000: "\(Self.fixed(Double(count) / 1e6, 1)) MB"
        default: "\(Self.fixed(Double(count) / 1e9, 2)) GB"
        }
    }
}
