import SIPKit
import Testing

@Suite("Date (RFC 3261 §20.17)")
struct SIPDateTests {
    @Test(
        "is read and written",
        arguments: [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Sat, 13 Nov 2010 23:29:00 GMT", 1_289_690_940),
            ("Tue, 29 Feb 2000 12:00:01 GMT", 951_825_601), ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
            ("Wed, 31 Dec 1969 23:59:59 GMT", -1), ("Mon, 01 Jan 1900 00:00:00 GMT", -2_208_988_800),
        ] as [(String, Int64)])
    func roundTrips(text: String, seconds: Int64) throws {
        #expect(try roundTrip(text, as: SIPDate.self).secondsSince1970 == seconds)
        #expect(SIPDate(secondsSince1970: seconds).text == text)
    }

    @Test("of every day of four centuries comes back")
    func everyDay() throws {
        for day in stride(from: -25_567, to: 120_000, by: 1) {
            let date = SIPDate(secondsSince1970: Int64(day) * 86_400 + 3_661)
            #expect(try SIPDate(parsing: date.text) == date)
        }
    }

    @Test("that nobody can write stays within what can be written", arguments: [Int64.min, .max])
    func extremes(seconds: Int64) throws {
        #expect(throws: Never.self) { try SIPDate(parsing: SIPDate(secondsSince1970: seconds).text) }
    }

    @Test(
        "that is none is refused",
        arguments: [
            ("Fri, 01 Jan 2010 16:00:00 EST", ParseError.Kind.unsupported),
            ("Fri, 30 Feb 2010 16:00:00 GMT", .outOfRange),
            ("Fri, 00 Jan 2010 16:00:00 GMT", .outOfRange), ("Fri, 29 Feb 1900 16:00:00 GMT", .outOfRange),
            ("Fri, 01 Foo 2010 16:00:00 GMT", .malformed), ("Fri, 01 Jan 2010 24:00:00 GMT", .outOfRange),
            ("now", .malformed), ("", .malformed),
            ("Fri 01 Jan 2010 16:00:00 GMT", .malformed), ("Fri, 01 Jan 2010 16:00 GMT", .malformed),
            ("Fri, 01 Jan 99999999999999999999 16:00:00 GMT", .outOfRange),
        ])
    func refused(text: String, kind: ParseError.Kind) {
        #expect(throws: ParseError(kind, "Date")) { try SIPDate(parsing: text) }
    }
}
