/// A moment as the Date header writes it: `Sat, 13 Nov 2010 23:29:00 GMT` and nothing else (RFC 3261 §20.17).
///
/// It is kept as seconds since 1970, so the weekday is always right when it is written and does not matter when read.
public struct SIPDate: HeaderValue, BitwiseCopyable {
    public var secondsSince1970: Int64

    public init(secondsSince1970: Int64) { self.secondsSince1970 = secondsSince1970 }

    private static let days: [StaticString] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months: [StaticString] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// - Throws: ``ParseError`` "Date": `.outOfRange` for a 30 February, `.unsupported` for a zone other than GMT.
    public init(parsing cursor: inout ByteCursor) throws(ParseError) {
        let element = "Date"
        _ = try cursor.requireToken(of: element, "a weekday")
        guard cursor.skip(ASCII.comma) else {
            throw ParseError(.malformed, element, expected: "`,`", found: cursor.rest, at: cursor.offset)
        }
        let day = Int(try cursor.requireNumber(of: element, limit: 31))
        let name = try cursor.requireToken(of: element, "a month")
        guard let month = Self.months.firstIndex(where: { name.equalsIgnoringCase(Array("\($0)".utf8)) }) else {
            throw ParseError(.malformed, element, expected: "a month", found: name, at: cursor.offset)
        }
        let year = Int(try cursor.requireNumber(of: element, limit: 9_999))
        var clock: [Int] = []
        for (place, limit) in ([23, 59, 60] as [UInt64]).enumerated() {
            if place > 0, !cursor.skip(ASCII.colon) {
                throw ParseError(.malformed, element, expected: "`:`", found: cursor.rest, at: cursor.offset)
            }
            clock.append(Int(try cursor.requireNumber(of: element, limit: limit)))
        }
        let zone = try cursor.requireToken(of: element, "GMT")
        guard zone.equalsIgnoringCase(Array("gmt".utf8)) else {
            throw ParseError(.unsupported, element, expected: "GMT", found: zone, at: cursor.offset)
        }
        guard year >= 1900, day >= 1, day <= Self.length(of: month, in: year) else {
            throw ParseError(.outOfRange, element, expected: "a day of the month", at: cursor.offset)
        }
        try cursor.endHeader(of: element)
        let date = Self.dayNumber(year: year, month: month + 1, day: day)
        self.secondsSince1970 = Int64(date * 86_400 + clock[0] * 3_600 + clock[1] * 60 + clock[2])
    }

    public func write(to output: inout ByteWriter) {
        // Years 1900 to 9999: what the grammar can write.
        let seconds = Swift.min(Swift.max(self.secondsSince1970, -2_208_988_800), 253_402_300_799)
        let day = Int(seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400)
        let rest = Int(seconds) - day * 86_400
        let date = Self.date(of: day)
        output.write(Self.days[((day % 7) + 7) % 7])
        output.write(", " as StaticString)
        Self.write(date.day, to: &output)
        output.write(byte: ASCII.space)
        output.write(Self.months[date.month - 1])
        output.write(byte: ASCII.space)
        output.write(number: date.year)
        output.write(byte: ASCII.space)
        Self.write(rest / 3_600, to: &output)
        output.write(byte: ASCII.colon)
        Self.write(rest / 60 % 60, to: &output)
        output.write(byte: ASCII.colon)
        Self.write(rest % 60, to: &output)
        output.write(" GMT" as StaticString)
    }

    private static func write(_ number: Int, to output: inout ByteWriter) {
        if number < 10 { output.write(byte: ASCII.zero) }
        output.write(number: number)
    }

    private static func length(of month: Int, in year: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return month == 1 && isLeap ? 29 : [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month]
    }

    /// Days since 1970, counted from 1 March so that the leap day is the last of its year.
    private static func dayNumber(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    private static func date(of dayNumber: Int) -> (year: Int, month: Int, day: Int) {
        let day = dayNumber + 719_468
        let era = day / 146_097
        let dayOfEra = day - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }
}
