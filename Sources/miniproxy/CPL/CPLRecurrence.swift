/// When a `<time>` of a time-switch holds: an interval that may come again (RFC 3880 §4.4, from iCalendar).
///
/// Times are seconds on the wall, or of UTC where the script's times end in `Z`.
struct CPLRecurrence: Sendable, Equatable {
    enum Frequency: String, Sendable, CaseIterable {
        case secondly, minutely, hourly, daily, weekly, monthly, yearly

        /// How long one of them is at most, in seconds: an interval is not longer, so that a day has to be looked for in
        /// two periods only.
        var longest: Int64 {
            switch self {
            case .secondly: 1
            case .minutely: 60
            case .hourly: 3_600
            case .daily: 86_400
            case .weekly: 7 * 86_400
            case .monthly: 31 * 86_400
            case .yearly: 366 * 86_400
            }
        }
    }

    /// A weekday, maybe the n-th of its month or year, from behind where it is negative.
    struct Weekday: Sendable, Equatable {
        var ordinal: Int
        /// 0 for Monday.
        var day: Int
    }

    var start: Int64
    var isUTC: Bool
    /// Seconds.
    var duration: Int64
    /// `nil`: once.
    var frequency: Frequency?
    var interval = 1
    /// The last second at which an interval may begin.
    var until: Int64?
    var count: Int?
    var bySecond: [Int] = []
    var byMinute: [Int] = []
    var byHour: [Int] = []
    var byDay: [Weekday] = []
    var byMonthDay: [Int] = []
    var byYearDay: [Int] = []
    var byWeekNumber: [Int] = []
    var byMonth: [Int] = []
    var bySetPosition: [Int] = []
    /// The day on which weeks begin; 0 for Monday.
    var weekStart = 0

    /// How many periods are looked through for a rule with `count`.
    static let periodLimit = 100_000

    /// - Parameters:
    ///   - utc: seconds since 1970.
    ///   - wall: the same on the clocks of the switch's zone.
    func holds(utc: Int64, wall: Int64) -> Bool {
        let now = self.isUTC ? utc : wall
        guard now >= self.start, self.duration > 0 else { return false }
        guard let frequency = self.frequency else { return now < self.start + self.duration }
        let current = self.period(of: now, frequency)
        if self.count != nil { return self.holdsCounted(now, current, frequency) }
        // The interval that covers now began in this period or, at most one length ago, in the one before; months and
        // years of different lengths make it one more.
        for period in Swift.max(0, current - 2)...Swift.max(0, current)
        where self.begins(in: period, frequency).contains(where: { self.covers($0, now) }) {
            return true
        }
        return false
    }

    private func covers(_ begin: Int64, _ now: Int64) -> Bool {
        begin >= self.start && begin <= now && now < begin + self.duration && begin <= self.until ?? .max
    }

    /// Counting needs every interval from the first.
    private func holdsCounted(_ now: Int64, _ current: Int64, _ frequency: Frequency) -> Bool {
        var left = self.count ?? 0
        var period: Int64 = 0
        while period <= current, period < Int64(Self.periodLimit) {
            for begin in self.begins(in: period, frequency) where begin >= self.start {
                guard left > 0, begin <= now else { return false }
                if self.covers(begin, now) { return true }
                left -= 1
            }
            period += 1
        }
        return false
    }

    // MARK: Periods

    /// The number of the period (counted in `interval`s from the first) in which a time lies.
    private func period(of time: Int64, _ frequency: Frequency) -> Int64 {
        let number: Int64
        switch frequency {
        case .secondly: number = time - self.start
        case .minutely: number = CPLClock.quotient(time, 60) - CPLClock.quotient(self.start, 60)
        case .hourly: number = CPLClock.quotient(time, 3_600) - CPLClock.quotient(self.start, 3_600)
        case .daily: number = Int64(Self.day(time) - Self.day(self.start))
        case .weekly: number = Int64(self.week(Self.day(time)) - self.week(Self.day(self.start))) / 7
        case .monthly:
            let (now, first) = (CPLClock.date(ofDay: Self.day(time)), CPLClock.date(ofDay: Self.day(self.start)))
            number = Int64((now.year - first.year) * 12 + now.month - first.month)
        case .yearly:
            number = Int64(
                CPLClock.date(ofDay: Self.day(time)).year - CPLClock.date(ofDay: Self.day(self.start)).year)
        }
        return CPLClock.quotient(number, Int64(self.interval))
    }

    private static func day(_ time: Int64) -> Int { Int(CPLClock.quotient(time, CPLClock.secondsOfDay)) }

    /// The first day of a day's week.
    private func week(_ day: Int) -> Int { day - CPLClock.remainder(CPLClock.weekday(ofDay: day) - self.weekStart, 7) }

    /// All times of one period at which the rule lets an interval begin, in order.
    private func begins(in period: Int64, _ frequency: Frequency) -> [Int64] {
        let steps = period * Int64(self.interval)
        let first = Self.day(self.start)
        let date = CPLClock.date(ofDay: first)
        var times: [Int64] = []
        switch frequency {
        case .secondly, .minutely, .hourly:
            let unit = frequency.longest
            let begin = CPLClock.quotient(self.start, unit) * unit + steps * unit
            guard self.isAllowed(day: Self.day(begin), .daily) else { return [] }
            times = self.times(within: begin, unit)
        case .daily: times = self.times(ofDays: [first + Int(steps)], .daily)
        case .weekly:
            let monday = self.week(first) + Int(steps) * 7
            times = self.times(ofDays: Array(monday..<(monday + 7)), .weekly)
        case .monthly:
            let month = date.year * 12 + date.month - 1 + Int(steps)
            let (year, number) = (month / 12, month % 12 + 1)
            let begin = CPLClock.day(year: year, month: number, day: 1)
            times = self.times(
                ofDays: Array(begin..<(begin + CPLClock.daysInMonth(year: year, month: number))), .monthly)
        case .yearly:
            let year = date.year + Int(steps)
            times = self.times(
                ofDays: Array(
                    CPLClock.day(year: year, month: 1, day: 1)..<CPLClock.day(year: year + 1, month: 1, day: 1)),
                .yearly)
        }
        guard !self.bySetPosition.isEmpty else { return times }
        return times.enumerated().filter { place, _ in
            self.bySetPosition.contains(place + 1) || self.bySetPosition.contains(place - times.count)
        }.map(\.element)
    }

    private func times(ofDays days: [Int], _ frequency: Frequency) -> [Int64] {
        let clock = self.start - Int64(Self.day(self.start)) * CPLClock.secondsOfDay
        let hours = self.byHour.isEmpty ? [Int(clock / 3_600)] : self.byHour
        let minutes = self.byMinute.isEmpty ? [Int(clock / 60 % 60)] : self.byMinute
        let seconds = self.bySecond.isEmpty ? [Int(clock % 60)] : self.bySecond
        var times: [Int64] = []
        for day in days where self.isAllowed(day: day, frequency) {
            for hour in hours {
                for minute in minutes {
                    for second in seconds {
                        times.append(
                            Int64(day) * CPLClock.secondsOfDay + Int64(hour * 3_600 + minute * 60 + second))
                    }
                }
            }
        }
        return times
    }

    /// The times inside one hour, minute or second.
    private func times(within begin: Int64, _ unit: Int64) -> [Int64] {
        let clock = Int(begin - Int64(Self.day(begin)) * CPLClock.secondsOfDay)
        guard self.byHour.isEmpty || self.byHour.contains(clock / 3_600) else { return [] }
        if unit < 3_600, !self.byMinute.isEmpty, !self.byMinute.contains(clock / 60 % 60) { return [] }
        if unit < 60 {
            return self.bySecond.isEmpty || self.bySecond.contains(clock % 60) ? [begin] : []
        }
        let startSecond = Int(self.start - CPLClock.quotient(self.start, 60) * 60)
        let seconds = self.bySecond.isEmpty ? [startSecond] : self.bySecond
        if unit == 60 { return seconds.map { begin + Int64($0) } }
        let startMinute = Int(CPLClock.quotient(self.start, 60) - CPLClock.quotient(self.start, 3_600) * 60)
        let minutes = self.byMinute.isEmpty ? [startMinute] : self.byMinute
        return minutes.flatMap { minute in seconds.map { begin + Int64(minute * 60 + $0) } }
    }

    // MARK: Days

    /// Whether the rule's parts for days let this one be; what they leave open is as in the first interval.
    private func isAllowed(day: Int, _ frequency: Frequency) -> Bool {
        let date = CPLClock.date(ofDay: day)
        let first = CPLClock.date(ofDay: Self.day(self.start))
        if !self.byMonth.isEmpty, !self.byMonth.contains(date.month) { return false }
        let days = CPLClock.daysInMonth(year: date.year, month: date.month)
        if !self.byMonthDay.isEmpty, !self.byMonthDay.contains(where: { $0 == date.day || $0 == date.day - days - 1 }) {
            return false
        }
        let newYear = CPLClock.day(year: date.year, month: 1, day: 1)
        let daysOfYear = CPLClock.day(year: date.year + 1, month: 1, day: 1) - newYear
        let yearDay = day - newYear + 1
        if !self.byYearDay.isEmpty,
            !self.byYearDay.contains(where: { $0 == yearDay || $0 == yearDay - daysOfYear - 1 })
        {
            return false
        }
        if !self.byWeekNumber.isEmpty {
            let (number, weeks) = self.weekNumber(day)
            guard self.byWeekNumber.contains(where: { $0 == number || $0 == number - weeks - 1 }) else { return false }
        }
        if !self.byDay.isEmpty {
            let weekday = CPLClock.weekday(ofDay: day)
            let isOfMonth = frequency == .monthly || !self.byMonth.isEmpty
            let (place, length) = isOfMonth ? (date.day, days) : (yearDay, daysOfYear)
            let fits = self.byDay.contains { wanted in
                guard wanted.day == weekday else { return false }
                if wanted.ordinal == 0 || (frequency != .monthly && frequency != .yearly) { return true }
                return wanted.ordinal > 0
                    ? (place - 1) / 7 + 1 == wanted.ordinal : (length - place) / 7 + 1 == -wanted.ordinal
            }
            guard fits else { return false }
        }
        let namesDay = !self.byMonthDay.isEmpty || !self.byYearDay.isEmpty || !self.byDay.isEmpty
        switch frequency {
        case .weekly where !namesDay, .yearly where !namesDay && !self.byWeekNumber.isEmpty:
            return CPLClock.weekday(ofDay: day) == CPLClock.weekday(ofDay: Self.day(self.start))
        case .monthly where !namesDay: return date.day == first.day
        case .yearly where !namesDay:
            return date.day == first.day && (!self.byMonth.isEmpty || date.month == first.month)
        default: return true
        }
    }

    /// The number of a day's week in the year that has most of its days, and how many weeks that year has.
    private func weekNumber(_ day: Int) -> (number: Int, weeks: Int) {
        let year = CPLClock.date(ofDay: self.week(day) + 3).year
        // Week 1 is the one with January 4th.
        let one = self.week(CPLClock.day(year: year, month: 1, day: 4))
        let next = self.week(CPLClock.day(year: year + 1, month: 1, day: 4))
        return ((self.week(day) - one) / 7 + 1, (next - one) / 7)
    }
}
