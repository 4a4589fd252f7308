import Foundation

/// Days and seconds of the calendar that a script counts in.
enum CPLClock {
    static func knows(zone: String) -> Bool { TimeZone(identifier: zone) != nil }

    /// The seconds that clocks on the wall have counted since 1970-01-01 00:00 on them.
    ///
    /// - Parameters:
    ///   - time: seconds since 1970 in UTC.
    ///   - zone: a name of IANA; `nil`, and a name that has gone since the script was read, is the server's own zone.
    static func wallSeconds(_ time: Int64, zone: String?) -> Int64 {
        let place = zone.flatMap { TimeZone(identifier: $0) } ?? TimeZone.current
        return time + Int64(place.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(time))))
    }

    /// Seconds since 1970 of a time that clocks on the wall show here, `2026-11-25T10:00:00`; `nil` for what is none.
    static func seconds(local text: String) -> Int64? {
        let parts = text.split(whereSeparator: { "-T:".contains($0) }).map { Int($0) }
        guard parts.count == 6, text.utf8.count == 19, let year = parts[0], let month = parts[1], let day = parts[2],
            let hour = parts[3], let minute = parts[4], let second = parts[5], (1970...9999).contains(year),
            (1...12).contains(month), (1...Self.daysInMonth(year: year, month: month)).contains(day),
            (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second)
        else { return nil }
        let days = Int64(Self.day(year: year, month: month, day: day))
        let wall = days * Self.secondsOfDay + Int64(hour * 3600 + minute * 60 + second)
        // Twice, since the zone may count otherwise then than now.
        let guess = wall - (Self.wallSeconds(wall, zone: nil) - wall)
        return wall - (Self.wallSeconds(guess, zone: nil) - guess)
    }

    static let secondsOfDay: Int64 = 86_400

    /// The day, counted from 1970-01-01, of a date of the Gregorian calendar.
    static func day(year: Int, month: Int, day: Int) -> Int {
        // The year begins in March here, so that the odd day is its last.
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let ofEra = year - era * 400
        let ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
    }

    /// The date of a day counted from 1970-01-01.
    static func date(ofDay number: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = number + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let ofEra = shifted - era * 146_097
        let year = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * year + year / 4 - year / 100)
        let month = (5 * ofYear + 2) / 153
        return (
            year + era * 400 + (month < 10 ? 0 : 1), month < 10 ? month + 3 : month - 9,
            ofYear - (153 * month + 2) / 5 + 1
        )
    }

    /// 0 for Monday to 6 for Sunday.
    static func weekday(ofDay number: Int) -> Int { Self.remainder(number + 3, 7) }

    static func daysInMonth(year: Int, month: Int) -> Int {
        let next =
            month == 12 ? Self.day(year: year + 1, month: 1, day: 1) : Self.day(year: year, month: month + 1, day: 1)
        return next - Self.day(year: year, month: month, day: 1)
    }

    /// Division that rounds down, also below zero.
    static func quotient(_ number: Int64, _ by: Int64) -> Int64 {
        number >= 0 ? number / by : -((-number + by - 1) / by)
    }
    static func remainder(_ number: Int, _ by: Int) -> Int { ((number % by) + by) % by }
}
