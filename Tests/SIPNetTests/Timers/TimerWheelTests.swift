import SIPKit
import SIPNet
import Testing

@Suite("Timer wheel")
struct TimerWheelTests {
    private func at(_ milliseconds: Int64) -> MonotonicTime { MonotonicTime(milliseconds: milliseconds) }

    @Test("fires a timer when its time has come, once, and not before")
    func firesOnce() {
        var wheel = TimerWheel(start: .zero, granularity: .milliseconds(10))
        var fired: [UInt64] = []
        _ = wheel.arm(token: 7, after: .milliseconds(500), now: .zero)

        wheel.advance(to: self.at(499), &fired)
        #expect(fired == [])
        wheel.advance(to: self.at(500), &fired)
        #expect(fired == [7])
        wheel.advance(to: self.at(100_000), &fired)
        #expect(fired == [7])
        let left = wheel.count
        #expect(left == 0)
    }

    @Test("rounds a deadline up to its tick")
    func roundsUp() {
        var wheel = TimerWheel(start: .zero, granularity: .milliseconds(10))
        var fired: [UInt64] = []
        _ = wheel.arm(token: 1, at: self.at(501))
        wheel.advance(to: self.at(509), &fired)
        #expect(fired == [])
        wheel.advance(to: self.at(510), &fired)
        #expect(fired == [1])
    }

    @Test("fires what is already due on the next tick")
    func pastDeadline() {
        var wheel = TimerWheel(start: .zero, granularity: .milliseconds(10))
        var fired: [UInt64] = []
        wheel.advance(to: self.at(1000), &fired)
        _ = wheel.arm(token: 1, at: self.at(3))
        let next = wheel.nextDeadline
        #expect(next == self.at(1010))
        wheel.advance(to: self.at(1010), &fired)
        #expect(fired == [1])
    }

    @Test("a cancelled timer stays silent, and its handle means nothing afterwards")
    func cancels() {
        var wheel = TimerWheel(start: .zero)
        var fired: [UInt64] = []
        let first = wheel.arm(token: 1, after: .seconds(1), now: .zero)
        let cancelled = wheel.cancel(first)
        #expect(cancelled)
        let cancelledTwice = wheel.cancel(first)
        #expect(!cancelledTwice)
        let second = wheel.arm(token: 2, after: .seconds(1), now: .zero)
        #expect(first != second, "the place is used again, under another name")
        let cancelledLate = wheel.cancel(first)
        #expect(!cancelledLate)
        let movedLate = wheel.move(first, to: self.at(1))
        #expect(!movedLate)
        wheel.advance(to: self.at(1000), &fired)
        #expect(fired == [2])
        let isArmed = wheel.isArmed(second)
        #expect(!isArmed)
        let cancelledNone = wheel.cancel(.none)
        #expect(!cancelledNone)
    }

    @Test("refuses more timers than its maximum, and counts them")
    func bounded() {
        var wheel = TimerWheel(start: .zero, capacity: 1, maximum: 3)
        let handles = (0..<5).map { wheel.arm(token: UInt64($0), after: .seconds(1), now: .zero) }
        let armed = wheel.count
        #expect(armed == 3)
        let refused = wheel.refused
        #expect(refused == 2)
        #expect(handles[3] == .none && handles[4] == .none)
        wheel.cancel(handles[0])
        let again = wheel.arm(token: 9, after: .seconds(1), now: .zero)
        #expect(again != .none)
    }

    @Test("crosses every level: from a tick to some decades")
    func levels() {
        for seconds in [1, 64, 4096, 3600 * 24, 3600 * 24 * 365 * 20] as [Int64] {
            var wheel = TimerWheel(start: .zero, granularity: .milliseconds(1))
            var fired: [UInt64] = []
            _ = wheel.arm(token: 1, at: self.at(seconds * 1000))
            wheel.advance(to: self.at(seconds * 1000 - 1), &fired)
            #expect(fired == [], "\(seconds) s")
            wheel.advance(to: self.at(seconds * 1000), &fired)
            #expect(fired == [1], "\(seconds) s")
        }
    }

    @Test("takes any number as a deadline")
    func extremes() {
        var wheel = TimerWheel(start: MonotonicTime(nanoseconds: .min), granularity: .milliseconds(1))
        var fired: [UInt64] = []
        let never = wheel.arm(token: 1, at: .distantFuture)
        _ = wheel.arm(token: 2, at: MonotonicTime(nanoseconds: .min))
        wheel.advance(to: .zero, &fired)
        #expect(fired.contains(2))
        wheel.advance(to: .distantFuture, &fired)
        let isLeft = wheel.isArmed(never)
        let left = wheel.count
        #expect(left == (isLeft ? 1 : 0))
        let late = wheel.arm(token: 3, at: .distantFuture)
        #expect(late != .none)
    }

    @Test("does what a sorted list does, whatever is armed, moved, cancelled and skipped", arguments: 0..<30)
    func equalsNaive(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed))
        let tick: Int64 = [1, 10, 20][seed % 3]
        var now = Int64.random(in: 0...1_000_000, using: &random)
        let start = now
        var wheel = TimerWheel(start: self.at(now), granularity: .milliseconds(tick), capacity: 4)
        var naive = NaiveTimers(start: start, tick: tick)
        var handles: [UInt64: TimerWheel.Handle] = [:]
        var token: UInt64 = 0

        for step in 0..<600 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                token += 1
                let spans: [Int64] = [10, 700, 40_000, 4_000_000, 3_000_000_000]
                let span = spans.randomElement(using: &random) ?? 10
                let deadline = now + Int64.random(in: -5...span, using: &random)
                handles[token] = wheel.arm(token: token, at: self.at(deadline))
                naive.arm(token, deadline, now)
            case 5:
                let chosen = UInt64.random(in: 0...token, using: &random)
                guard let handle = handles[chosen] else { continue }
                let cancelled = wheel.cancel(handle)
                let wasArmed = naive.cancel(chosen)
                #expect(cancelled == wasArmed, "seed \(seed), step \(step)")
            case 6:
                let chosen = UInt64.random(in: 0...token, using: &random)
                guard let handle = handles[chosen] else { continue }
                let deadline = now + Int64.random(in: -5...50_000, using: &random)
                let moved = wheel.move(handle, to: self.at(deadline))
                let expected = naive.move(chosen, deadline, now)
                #expect(moved == expected, "seed \(seed), step \(step)")
            default:
                let jumps: [Int64] = [0, 3, 100, 5_000, 300_000, 1_000_000_000]
                let jump = jumps.randomElement(using: &random) ?? 0
                now += Int64.random(in: 0...jump, using: &random)
                var fired: [UInt64] = []
                wheel.advance(to: self.at(now), &fired)
                let expected = naive.advance(to: now)
                #expect(fired.map { naive.tickOf[$0] } == expected.map { naive.tickOf[$0] }, "order, seed \(seed)")
                #expect(fired.sorted() == expected.sorted(), "seed \(seed), step \(step)")
            }
            let armed = wheel.count
            #expect(armed == naive.armed.count)
            if let earliest = naive.armed.values.min() {
                let deadline = wheel.nextDeadline
                let next = try #require(deadline)
                #expect(next <= self.at(start + earliest * tick), "never later than the first deadline")
                #expect(next > self.at(now - tick), "and not in the past")
            } else {
                let next = wheel.nextDeadline
                #expect(next == nil)
            }
        }
    }
}

/// The plain thing that the wheel is compared with: ticks in a dictionary, sorted when time passes.
private struct NaiveTimers {
    let start: Int64
    let tick: Int64
    var armed: [UInt64: Int64] = [:]
    var tickOf: [UInt64: Int64] = [:]

    private func tick(_ deadline: Int64, _ now: Int64) -> Int64 {
        max((deadline - self.start + self.tick - 1) / self.tick, (now - self.start) / self.tick + 1)
    }

    mutating func arm(_ token: UInt64, _ deadline: Int64, _ now: Int64) {
        self.armed[token] = self.tick(deadline, now)
        self.tickOf[token] = self.armed[token]
    }

    mutating func cancel(_ token: UInt64) -> Bool { self.armed.removeValue(forKey: token) != nil }

    mutating func move(_ token: UInt64, _ deadline: Int64, _ now: Int64) -> Bool {
        guard self.armed[token] != nil else { return false }
        self.arm(token, deadline, now)
        return true
    }

    mutating func advance(to now: Int64) -> [UInt64] {
        let due = self.armed.filter { $0.value <= (now - self.start) / self.tick }
        for token in due.keys { self.armed[token] = nil }
        return due.sorted { $0.value < $1.value }.map(\.key)
    }
}
