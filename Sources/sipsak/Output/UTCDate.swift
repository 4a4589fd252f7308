/// Dates as ISO 8601 writes them, in UTC.
enum UTCDate {
    /// `2026-11-21T03:44:12.123456Z` from nanoseconds since 1970.
    static func text(nanoseconds: Int64) -> String {
        self.text(seconds: nanoseconds / 1_000_000_000, nanoseconds: nanoseconds % 1_000_000_000)
    }

    /// From seconds since 1970: certificates end in years that nanoseconds cannot count.
    static func text(seconds second: Int64, nanoseconds rest: Int64 = 0) -> String {
        let (days, time) = (second / 86_400, second % 86_400)
        // Days to a date of the proleptic Gregorian calendar, in eras of 400 years that begin on 1 March.
        let shifted = days + 719_468
        let era = shifted / 146_097
        let day = shifted - era * 146_097
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
        let ofYear = day - (365 * year + year / 4 - year / 100)
        let month = (5 * ofYear + 2) / 153
        let date = ofYear - (153 * month + 2) / 5 + 1
        let calendar = month < 10 ? month + 3 : month - 9
        let full = era * 400 + year + (calendar <= 2 ? 1 : 0)
        return "\(Self.pad(full, 4))-\(Self.pad(calendar, 2))-\(Self.pad(date, 2))T"
            + "\(Self.pad(time / 3600, 2)):\(Self.pad(time / 60 % 60, 2)):\(Self.pad(time % 60, 2)).\(Self.pad(rest / 1000, 6))Z"
    }

    private static func pad(_ number: Int64, _ count: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: Swift.max(0, count - digits.utf8.count)) + digits
    }
}
