internal import SIPKit

/// The clock of a text trace: reads ngrep's times and turns them into nanoseconds since 1970.
///
/// `-t` prints local time without a zone: it is taken as UTC, shifted by ``zoneOffset``. `-T` prints the time since
/// the block before, `-T -T` since the first: those count from 1970-01-01, so that lengths are right and dates are not.
struct TextTime: Sendable, Codable {
    /// What the times of this trace are.
    enum Kind: Sendable, Codable { case none, absolute, sincePrevious, sinceFirst }

    private struct DateText: Codable {
        var first: UInt64
        var tens: UInt8
        var ones: UInt8
    }

    private(set) var kind = Kind.none
    /// Seconds to take from the printed time to get UTC.
    var zoneOffset: Int64 = 0
    private var previous: Int64 = 0
    private var dateKey: UInt32 = 0
    /// The date of ``midnight`` as it was written: its first eight bytes and its last two.
    private var dateText = DateText(first: 0, tens: 0, ones: 0)
    private var midnight: Int64 = 0
    private var steps = 0
    private var lastRelative: Int64 = -1

    /// Whether `+S.u` times of the first blocks only rise, so that they count from the first block.
    ///
    /// A reader looks through its first window and says so here; the text itself does not tell.
    var relativeIsSinceFirst = false

    /// Nanoseconds since 1970 fit into 64 bits for these years.
    static let years = 1700...2250

    /// `YYYY/MM/DD HH:MM:SS.uuuuuu` at the cursor; moves past it.
    @_lifetime(cursor: copy cursor)
    mutating func absolute(_ cursor: inout ByteCursor) -> Int64? {
        let bytes = cursor.bytes
        let at = cursor.offset
        guard cursor.remaining >= 19,
            bytes[unchecked: at &+ 4] == ASCII.slash || bytes[unchecked: at &+ 4] == ASCII.minus,
            let year = Self.digits(bytes, at, 4), let month = Self.digits(bytes, at &+ 5, 2),
            let day = Self.digits(bytes, at &+ 8, 2), bytes[unchecked: at &+ 10] == ASCII.space,
            let hour = Self.digits(bytes, at &+ 11, 2), let minute = Self.digits(bytes, at &+ 14, 2),
            let second = Self.digits(bytes, at &+ 17, 2), Self.years.contains(year), (1...12).contains(month),
            (1...31).contains(day), hour < 24, minute < 60, second < 61
        else { return nil }
        cursor.offset = at &+ 19
        let fraction = Self.fraction(&cursor)
        let key = UInt32(year * 10_000 + month * 100 + day)
        if key != self.dateKey {
            self.dateKey = key
            self.midnight = Self.daysSince1970(year, month, day) * 86_400
        }
        self.dateText = DateText(
            first: bytes.word(at: at), tens: bytes[unchecked: at &+ 8], ones: bytes[unchecked: at &+ 9])
        self.kind = .absolute
        let seconds = self.midnight + Int64(hour * 3600 + minute * 60 + second) - self.zoneOffset
        self.previous = seconds * 1_000_000_000 + fraction
        return self.previous
    }

    /// `YYYY/MM/DD HH:MM:SS.uuuuuu` of the day that was read last; `nil` for everything else. 26 bytes must be there.
    @inline(__always)
    func usual(_ bytes: Span<UInt8>, _ at: Int) -> Int64? {
        guard self.dateKey != 0, bytes.word(at: at) == self.dateText.first,
            bytes[unchecked: at &+ 8] == self.dateText.tens,
            bytes[unchecked: at &+ 9] == self.dateText.ones, bytes[unchecked: at &+ 10] == ASCII.space,
            bytes[unchecked: at &+ 19] == ASCII.dot
        else { return nil }
        // `HH:MM:SS` as one number: digits have become 0 to 9 and colons 0, or the test below sees a high bit.
        let clock = bytes.word(at: at &+ 11) ^ 0x3030_3A30_303A_3030
        let fraction = bytes.word(at: at &+ 18) &>> 16 ^ 0x3030_3030_3030
        guard (clock | clock &+ 0x7676_7F76_767F_7676) & 0x8080_8080_8080_8080 == 0,
            (fraction | fraction &+ 0x7676_7676_7676) & 0x8080_8080_8080 == 0
        else { return nil }
        let hour = (clock & 0xF) &* 10 &+ (clock &>> 8 & 0xF)
        let minute = (clock &>> 24 & 0xF) &* 10 &+ (clock &>> 32 & 0xF)
        let second = (clock &>> 48 & 0xF) &* 10 &+ (clock &>> 56)
        guard hour < 24, minute < 60, second < 61 else { return nil }
        var micros: UInt64 = 0
        for place: UInt64 in 0..<6 { micros = micros &* 10 &+ (fraction &>> (place &* 8) & 0xF) }
        let seconds = self.midnight &+ Int64(hour &* 3600 &+ minute &* 60 &+ second) &- self.zoneOffset
        return seconds &* 1_000_000_000 &+ Int64(micros) &* 1000
    }

    /// Goes on from a time that ``usual(_:_:)`` has read.
    @inline(__always)
    mutating func take(_ time: Int64) {
        self.kind = .absolute
        self.previous = time
    }

    /// `+S.uuuuuu` at the cursor; moves past it.
    @_lifetime(cursor: copy cursor)
    mutating func relative(_ cursor: inout ByteCursor) -> Int64? {
        guard cursor.skip(ASCII.plus), let seconds = cursor.takeNumber(limit: UInt64(UInt32.max)) else { return nil }
        let fraction = Self.fraction(&cursor)
        self.steps += 1
        // The first difference of `-T` on an old file is an unsigned wrap of some 2^32 seconds: no time at all.
        let step = seconds > 0xF000_0000 ? 0 : Int64(seconds) * 1_000_000_000 + fraction
        if self.relativeIsSinceFirst {
            self.kind = .sinceFirst
            self.previous = step
        } else {
            self.kind = .sincePrevious
            if self.steps > 1 { self.previous &+= step }
        }
        return self.previous
    }

    @_lifetime(cursor: copy cursor)
    private static func fraction(_ cursor: inout ByteCursor) -> Int64 {
        guard cursor.skip(ASCII.dot) else { return 0 }
        var value: Int64 = 0
        var scale: Int64 = 1_000_000_000
        while let byte = cursor.peek, ASCII.isDigit(byte) {
            if scale > 1 {
                scale /= 10
                value += Int64(byte - ASCII.zero) * scale
            }
            _ = cursor.next()
        }
        return value
    }

    @inline(__always)
    private static func digits(_ bytes: Span<UInt8>, _ at: Int, _ count: Int) -> Int? {
        var value = 0
        for place in at..<at &+ count {
            let digit = bytes[unchecked: place] &- ASCII.zero
            guard digit < 10 else { return nil }
            value = value &* 10 &+ Int(digit)
        }
        return value
    }

    /// Days from 1970-01-01 in the Gregorian calendar.
    static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
        // Years that begin in March put the leap day at their end; 400 years are 146,097 days.
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return Int64(era * 146_097 + dayOfEra - 719_468)
    }
}
