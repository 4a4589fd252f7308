import Testing

@testable import sipsak

@Suite("The ledger of a load")
struct LoadLedgerTests {
    let ms: Int64 = 1_000_000

    @Test("measures from the last send and from the plan, and frees the place of what was answered")
    func answered() {
        var ledger = LoadLedger(t1: .milliseconds(500), timeout: .seconds(32), limit: 1)
        let first = ledger.begin(planned: 0, at: 2 * self.ms)
        #expect(!ledger.hasRoom)
        let isOurs = ledger.answer(first, code: 200, at: 5 * self.ms)
        #expect(isOurs)
        #expect(ledger.times.max == .milliseconds(3))
        #expect(ledger.corrected.max == .milliseconds(5))
        #expect(ledger.lateness.max == .milliseconds(2))
        #expect(ledger.hasRoom && ledger.answered == 1)
        let second = ledger.begin(planned: 0, at: 0)
        #expect(second != first, "the same place, another generation")
        let again = ledger.answer(first, code: 200, at: 9 * self.ms)
        #expect(!again)
        #expect(ledger.strays == 1)
    }

    @Test("keeps waiting after a provisional answer")
    func provisional() {
        var ledger = LoadLedger(t1: .milliseconds(500), timeout: .seconds(32), limit: 1)
        let number = ledger.begin(planned: 0, at: 0)
        _ = ledger.answer(number, code: 180, at: self.ms)
        #expect(ledger.open == 1)
    }

    @Test("repeats at T1, 2·T1 … and gives up in time")
    func repeats() {
        var ledger = LoadLedger(t1: .milliseconds(500), timeout: .seconds(4), limit: 10)
        let number = ledger.begin(planned: 0, at: 0)
        var sent: [Int64] = []
        var now: Int64 = 0
        while ledger.open > 0 {
            now = ledger.nextDue
            var again: [UInt64] = []
            ledger.due(at: now, &again)
            if again == [number] { sent.append(now / self.ms) }
        }
        #expect(sent == [500, 1500, 3500])
        #expect(now == 4000 * self.ms)
        #expect(ledger.lost == 1)
        #expect(ledger.retransmissions == 3)
    }

    @Test("finds nothing for numbers it never gave out")
    func strangers() {
        var ledger = LoadLedger(t1: .milliseconds(500), timeout: .seconds(4), limit: 10)
        for number in [0, 1, UInt64.max, 1 << 32] as [UInt64] {
            let isOurs = ledger.answer(number, code: 200, at: 0)
            #expect(!isOurs)
        }
    }
}

@Suite("The pace of an open loop")
struct LoadPaceTests {
    @Test("is steady, or climbs in a straight line, and begins at once")
    func due() throws {
        let steady = try #require(LoadPace("1000", seconds: 2))
        #expect(steady.due(at: 0) == 1)
        #expect(steady.due(at: 1_000_000_000) == 1001)
        #expect(steady.due(at: 9_000_000_000) == 2000)
        let climbing = try #require(LoadPace("0..1000", seconds: 2))
        #expect(climbing.due(at: 1_000_000_000) == 251)
        #expect(climbing.due(at: 2_000_000_000) == 1000)
    }

    @Test("names for each request the moment from which it is due")
    func times() throws {
        for text in ["1000", "100..5000", "5000..100"] {
            let pace = try #require(LoadPace(text, seconds: 2))
            for number in stride(from: 0, to: pace.total - 1, by: 97) {
                let at = pace.time(of: number)
                #expect(pace.due(at: at + 1000) >= number + 1, "\(text) \(number)")
                #expect(pace.due(at: at - 1000) <= number + 1, "\(text) \(number)")
            }
        }
    }

    @Test(
        "is refused where it is no number",
        arguments: ["", "..", "a", "1..b", "-5", "1.5", "0", "999999999", "1..2..3"])
    func refused(_ text: String) {
        #expect(LoadPace(text, seconds: 1) == nil)
    }
}
