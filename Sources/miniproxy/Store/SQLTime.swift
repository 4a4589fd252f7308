import SIPKit

/// Moments as tables have them: `2026-11-25 22:10:03`, always in UTC, so that no clock change makes one ambiguous.
///
/// Seconds 0 of 1970 stand for "never": a permanent contact.
enum SQLTime {
    static func text(_ seconds: Int64) -> [UInt8] {
        let bounded = Swift.min(Swift.max(seconds, 0), 253_402_300_799)
        let (year, month, day) = Self.date(ofDay: bounded / 86_400)
        let rest = bounded % 86_400
        var text: [UInt8] = []
        text.reserveCapacity(19)
        Self.append(year, digits: 4, to: &text)
        text.append(ASCII.minus)
        Self.append(month, digits: 2, to: &text)
        text.append(ASCII.minus)
        Self.append(day, digits: 2, to: &text)
        text.append(ASCII.space)
        Self.append(rest / 3_600, digits: 2, to: &text)
        text.append(ASCII.colon)
        Self.append(rest / 60 % 60, digits: 2, to: &text)
        text.append(ASCII.colon)
        Self.append(rest % 60, digits: 2, to: &text)
        return text
    }

    /// `nil` for anything that is no such text; plain seconds are taken too.
    static func seconds(_ text: [UInt8]) -> Int64? {
        let span = text.span
        guard text.count >= 19, text[4] == ASCII.minus else {
            return ASCII.number(span, ByteRange(0, text.count), limit: 1 << 40).map { Int64($0) }
        }
        func number(_ start: Int, _ end: Int) -> Int64? {
            ASCII.number(span, ByteRange(start, end), limit: 9_999).map { Int64($0) }
        }
        guard let year = number(0, 4), let month = number(5, 7), let day = number(8, 10), let hour = number(11, 13),
            let minute = number(14, 16), let second = number(17, 19)
        else { return nil }
        guard year >= 1970, (1...12).contains(month), (1...31).contains(day) else { return 0 }
        return Self.day(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second
    }

    private static func append(_ number: Int64, digits: Int, to text: inout [UInt8]) {
        var divisor: Int64 = digits == 4 ? 1000 : 10
        while divisor > 0 {
            text.append(ASCII.zero + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }

    /// Days since 1970, counted in eras of 400 years that begin on 1 March, so that the leap day ends its year.
    private static func day(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let ofEra = shifted - era * 400
        let ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
    }

    private static func date(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = day + 719_468
        let era = shifted / 146_097
        let ofEra = shifted - era * 146_097
        let year = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * year + year / 4 - year / 100)
        let month = (5 * ofYear + 2) / 153
        return (
            year + era * 400 + (month >= 10 ? 1 : 0), month < 10 ? month + 3 : month - 9,
            ofYear - (153 * month + 2) / 5 + 1
        )
    }
}
