import SIPKit
import Testing

@testable import sipsak

@Suite("Round-trip times")
struct LatencySamplesTests {
    @Test("give exact percentiles while they are few")
    func exact() {
        var samples = LatencySamples()
        for value in [4, 1, 3, 2] as [Int64] { samples.add(nanoseconds: value * 1_000_000) }
        #expect(samples.min == .milliseconds(1) && samples.max == .milliseconds(4))
        #expect(samples.mean == .microseconds(2500))
        #expect(samples.percentile(50) == .milliseconds(2))
        #expect(samples.percentile(99) == .milliseconds(4))
        #expect(samples.percentile(0) == .milliseconds(1))
        #expect(samples.count(upTo: .milliseconds(2)) == 2)
    }

    @Test("stay within half a percent when there are many, in bounded memory")
    func many() {
        var samples = LatencySamples()
        for value in 1...100_000 as ClosedRange<Int64> { samples.add(nanoseconds: value * 1000) }
        #expect(samples.count == 100_000)
        for (percent, expected) in [(50.0, 50_000.0), (90, 90_000), (99.9, 99_900)] {
            let found = Double(samples.percentile(percent).wholeNanoseconds) / 1000
            #expect(abs(found - expected) / expected < 0.005)
        }
        #expect(samples.percentile(100) == .milliseconds(100))
    }

    @Test("none at all gives zeros, and strange values do not trap")
    func strange() {
        var samples = LatencySamples()
        #expect(samples.min == .zero && samples.percentile(50) == .zero && samples.deviation == .zero)
        for _ in 0..<3000 { for value in [Int64.min, -1, 0, 255, 256, Int64.max] { samples.add(nanoseconds: value) } }
        #expect(samples.percentile(100).wholeNanoseconds == Int64.max)
        #expect(samples.percentile(1) == .zero)
    }
}
