import Glibc
import SIPNet
import Synchronization

/// Where whoever asks for figures and the loops that have them meet: a loop's figures are its own, and it hands a copy out
/// when it is woken for that.
final class StatisticsDesk: Sendable {
    private struct Seat {
        var waker: Waker
        var isWanted = false
        var figures: LoopFigures?
    }
    private let seats = Mutex<[Seat]>([])
    /// The figures are there.
    private let served = WorkQueue<Bool>(limit: 64)

    /// A loop takes its seat, before it begins.
    func take(waker: Waker) -> Int {
        self.seats.withLock { seats in
            seats.append(Seat(waker: waker))
            return seats.count - 1
        }
    }

    /// A loop gives its figures, if somebody wants them.
    func serve(_ seat: Int, _ figures: () -> LoopFigures) {
        let isWanted = self.seats.withLock { $0[seat].isWanted }
        guard isWanted else { return }
        let figures = figures()
        self.seats.withLock { seats in
            seats[seat].isWanted = false
            seats[seat].figures = figures
        }
        _ = self.served.put(true)
    }

    /// Asks all loops and waits for them, a second at most; one that hangs is left out. From one thread at a time.
    func collect() -> [LoopFigures] {
        self.seats.withLock { seats in
            for place in seats.indices {
                seats[place].isWanted = true
                seats[place].figures = nil
                seats[place].waker.wake()
            }
        }
        while self.seats.withLock({ $0.contains { $0.figures == nil } }) {
            if self.served.take(most: 1, within: 1).isEmpty { break }
        }
        return self.seats.withLock { $0.compactMap(\.figures) }
    }
}

/// What one loop has counted, and has now.
struct LoopFigures: Sendable {
    var statistics: ProxyStatistics
    var transactions: Int
    var waiting: Int
    /// The thread that it runs on.
    var thread: Int32

    init(_ shard: borrowing Shard) {
        self.statistics = shard.statistics
        self.transactions = shard.servers.liveCount
        self.waiting = shard.parked.count
        self.thread = DetachedThread.number()
    }
}
