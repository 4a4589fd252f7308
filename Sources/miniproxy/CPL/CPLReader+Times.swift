import SIPKit

/// The attributes of `<time>` (RFC 3880 §4.4).
extension CPLReader {
    func recurrence(_ element: XMLElement) throws(CPLError) -> CPLRecurrence {
        try self.check(
            element,
            attributes: [
                "dtstart", "dtend", "duration", "freq", "until", "count", "interval", "bysecond", "byminute", "byhour",
                "byday", "bymonthday", "byyearday", "byweekno", "bymonth", "wkst", "bysetpos",
            ])
        let (start, isUTC) = try self.dateTime("dtstart", try self.required("dtstart", element), element)
        let duration: Int64
        switch (element["dtend"], element["duration"]) {
        case (let end?, nil):
            let (time, isEndUTC) = try self.dateTime("dtend", end, element)
            guard isEndUTC == isUTC else { throw CPLError("dtstart and dtend both end in Z, or neither", at: element) }
            guard time > start else { throw CPLError("dtend of <time> is after its dtstart", at: element) }
            duration = time - start
        case (nil, let text?): duration = try self.duration(text, element)
        default: throw CPLError("<time> has either dtend= or duration=", at: element)
        }
        var rule = CPLRecurrence(start: start, isUTC: isUTC, duration: duration)
        guard let word = element["freq"] else {
            for name in ["until", "count", "interval", "byday"] where element[name] != nil {
                throw CPLError("\(name)= needs freq=", at: element)
            }
            return rule
        }
        guard let frequency = CPLRecurrence.Frequency(rawValue: word.lowercased()) else {
            let words = CPLRecurrence.Frequency.allCases.map(\.rawValue).joined(separator: ", ")
            throw CPLError("freq of <time> is one of \(words), here it is \"\(word)\"", at: element)
        }
        rule.frequency = frequency
        rule.interval = try self.number("interval", element, in: 1...1_000_000) ?? 1
        if let text = element["until"] { rule.until = try self.until(text, element) }
        rule.count = try self.number("count", element, in: 1...1_000_000)
        if rule.until != nil, rule.count != nil { throw CPLError("<time> has until= or count=, not both", at: element) }
        rule.bySecond = try self.numbers("bysecond", element, 0...59, signed: false)
        rule.byMinute = try self.numbers("byminute", element, 0...59, signed: false)
        rule.byHour = try self.numbers("byhour", element, 0...23, signed: false)
        rule.byMonthDay = try self.numbers("bymonthday", element, 1...31, signed: true)
        rule.byYearDay = try self.numbers("byyearday", element, 1...366, signed: true)
        rule.byWeekNumber = try self.numbers("byweekno", element, 1...53, signed: true)
        rule.byMonth = try self.numbers("bymonth", element, 1...12, signed: false)
        rule.bySetPosition = try self.numbers("bysetpos", element, 1...366, signed: true)
        rule.byDay = try self.weekdays(element)
        if let text = element["wkst"] {
            guard let day = Self.weekday(text.utf8) else {
                throw CPLError(
                    "wkst of <time> is one of MO, TU, WE, TH, FR, SA, SU, here it is \"\(text)\"", at: element)
            }
            rule.weekStart = day
        }
        guard rule.duration <= frequency.longest * Int64(rule.interval) else {
            throw CPLError("the interval of <time> is longer than the time after which it comes again", at: element)
        }
        return rule
    }

    // MARK: Values

    /// `YYYYMMDDThhmmss`, with `Z` behind it for UTC.
    private func dateTime(
        _ name: String, _ text: String, _ element: XMLElement
    ) throws(CPLError) -> (time: Int64, isUTC: Bool) {
        var bytes = Array(text.utf8)
        let isUTC = bytes.last == UInt8(ascii: "Z") || bytes.last == UInt8(ascii: "z")
        if isUTC { bytes.removeLast() }
        guard bytes.count == 15, bytes[8] | 0x20 == UInt8(ascii: "t"), let day = Self.day(bytes[..<8]),
            let clock = Self.clock(bytes[9...])
        else {
            throw CPLError(
                "\(name) of <time> is a date and a time such as 20060102T090000, here it is \"\(text)\"", at: element)
        }
        return (Int64(day) * CPLClock.secondsOfDay + clock, isUTC)
    }

    /// A date alone lasts to its end.
    private func until(_ text: String, _ element: XMLElement) throws(CPLError) -> Int64 {
        let bytes = Array(text.utf8)
        if bytes.count == 8, let day = Self.day(bytes[...]) { return Int64(day + 1) * CPLClock.secondsOfDay - 1 }
        return try self.dateTime("until", text, element).time
    }

    private static func day(_ digits: ArraySlice<UInt8>) -> Int? {
        guard let number = Self.number(digits) else { return nil }
        let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100)
        guard (1900...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= CPLClock.daysInMonth(year: year, month: month)
        else { return nil }
        return CPLClock.day(year: year, month: month, day: day)
    }

    private static func clock(_ digits: ArraySlice<UInt8>) -> Int64? {
        guard let number = Self.number(digits) else { return nil }
        let (hour, minute, second) = (number / 10_000, number / 100 % 100, number % 100)
        guard hour < 24, minute < 60, second < 60 else { return nil }
        return Int64(hour * 3_600 + minute * 60 + second)
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        let bytes = Array(digits)
        return ASCII.number(bytes.span, ByteRange(0, bytes.count), limit: 99_999_999).map { Int($0) }
    }

    /// `PT8H30M`, `P1D`, `P2W`.
    private func duration(_ text: String, _ element: XMLElement) throws(CPLError) -> Int64 {
        let wrong = CPLError(
            "duration of <time> is as in PT8H30M, P1D or P2W, here it is \"\(text)\"", at: element)
        var rest = Array(text.utf8)[...]
        if rest.first == ASCII.plus { rest = rest.dropFirst() }
        guard rest.first == UInt8(ascii: "P") else { throw wrong }
        rest = rest.dropFirst()
        var units: [UInt8: Int64] = [UInt8(ascii: "W"): 604_800, UInt8(ascii: "D"): 86_400]
        var total: Int64 = 0
        while let first = rest.first {
            if first == UInt8(ascii: "T") {
                units = [UInt8(ascii: "H"): 3_600, UInt8(ascii: "M"): 60, UInt8(ascii: "S"): 1]
                rest = rest.dropFirst()
                continue
            }
            let digits = rest.prefix { ASCII.isDigit($0) }
            rest = rest.dropFirst(digits.count)
            guard let number = Self.number(digits), number <= 1_000_000, let unit = rest.first.flatMap({ units[$0] })
            else {
                throw wrong
            }
            units[rest.first ?? 0] = nil
            rest = rest.dropFirst()
            total += Int64(number) * unit
        }
        guard total > 0 else { throw wrong }
        return total
    }

    private func numbers(
        _ name: String, _ element: XMLElement, _ range: ClosedRange<Int>, signed: Bool
    ) throws(CPLError) -> [Int] {
        guard let text = element[name] else { return [] }
        var numbers: [Int] = []
        for part in Array(text.utf8).split(separator: ASCII.comma, omittingEmptySubsequences: false) {
            var digits = part
            var sign = 1
            if signed, let first = part.first, first == ASCII.minus || first == ASCII.plus {
                sign = first == ASCII.minus ? -1 : 1
                digits = part.dropFirst()
            }
            guard let number = Self.number(digits), range.contains(number) else {
                throw CPLError(
                    "\(name) of <time> is a list of numbers from \(range.lowerBound) to \(range.upperBound), parted by commas, here it is \"\(text)\"",
                    at: element)
            }
            numbers.append(sign * number)
        }
        return numbers.sorted()
    }

    private func weekdays(_ element: XMLElement) throws(CPLError) -> [CPLRecurrence.Weekday] {
        guard let text = element["byday"] else { return [] }
        var days: [CPLRecurrence.Weekday] = []
        for part in Array(text.utf8).split(separator: ASCII.comma, omittingEmptySubsequences: false) {
            let wrong = CPLError(
                "byday of <time> is a list such as MO,TU,WE or 1SU,-1FR, parted by commas, here it is \"\(text)\"",
                at: element)
            guard part.count >= 2, let day = Self.weekday(part.suffix(2)) else { throw wrong }
            var digits = part.dropLast(2)
            var ordinal = 0
            if !digits.isEmpty {
                let isNegative = digits.first == ASCII.minus
                if isNegative || digits.first == ASCII.plus { digits = digits.dropFirst() }
                guard let number = Self.number(digits), (1...53).contains(number) else { throw wrong }
                ordinal = isNegative ? -number : number
            }
            days.append(CPLRecurrence.Weekday(ordinal: ordinal, day: day))
        }
        return days
    }

    private static func weekday(_ text: some Collection<UInt8>) -> Int? {
        ["MO", "TU", "WE", "TH", "FR", "SA", "SU"].firstIndex(
            of: String(decoding: Array(text), as: UTF8.self).uppercased())
    }
}
