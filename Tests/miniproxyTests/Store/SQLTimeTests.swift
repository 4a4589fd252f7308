import Testing

@testable import miniproxy

@Suite("A moment in a table")
struct SQLTimeTests {
    @Test(
        "is written in UTC and read back",
        arguments: [
            (0, "1970-01-01 00:00:00"), (951_782_400, "2000-02-29 00:00:00"), (1_795_600_203, "2026-11-25 09:50:03"),
            (1_906_234_335, "2030-05-28 21:32:15"), (4_102_444_799, "2099-12-31 23:59:59"),
        ] as [(Int64, String)])
    func both(_ seconds: Int64, _ text: String) {
        let written = SQLTime.text(seconds)
        #expect(SQLTime.seconds(written) == seconds)
        #expect(String(decoding: written, as: UTF8.self) == text)
    }

    @Test("of every day from 1970 to 2100 is read back")
    func days() {
        for day in 0..<47_500 {
            let second = Int64(day) * 86_400 + 43_210
            #expect(SQLTime.seconds(SQLTime.text(second)) == second)
        }
    }

    @Test(
        "is no text of somebody's: nothing, or as far as it can be read",
        arguments: ["", "x", "2026-13-40 99:99:99", "-1"])
    func wrong(_ text: String) { #expect(SQLTime.seconds(Array(text.utf8)) ?? 0 == 0) }
}
