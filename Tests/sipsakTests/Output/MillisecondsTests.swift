import Testing

@testable import sipsak

@Suite("Times in milliseconds with three decimals")
struct MillisecondsTests {
    @Test(
        "are rounded to the nearest microsecond and never negative",
        arguments: [
            (0, "0.000"), (499, "0.000"), (500, "0.001"), (1_234_567, "1.235"), (10_000_000_000, "10000.000"),
            (-5, "0.000"),
        ])
    func text(_ nanoseconds: Int64, _ expected: String) {
        #expect(Milliseconds.text(nanoseconds: nanoseconds) == expected)
    }
}
