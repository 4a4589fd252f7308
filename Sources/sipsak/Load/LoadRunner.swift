import Glibc
import SIPKit
import SIPNet

/// Puts a load on a server and counts what comes back: open loop with a pace, or closed loop with a number of requests on
/// their way at once. One connected socket, whole batches, nothing built per message.
final class LoadRunner {
    enum Plan: Equatable {
        case open(LoadPace)
        /// `total` requests, as many at once as the ledger has room for.
        case closed(total: Int)
    }

    private let endpoint: UDPEndpoint
    private let template: LoadTemplate
    private let clock = SystemClock()
    private let interrupts: SignalWatch?
    private let plan: Plan
    private(set) var ledger: LoadLedger
    /// Copies of the template, one for each datagram between two flushes.
    private let copies: UnsafeMutablePointer<UInt8>
    private var used = 0
    private static let batch = 64
    /// How long an open loop sleeps between two looks: send lateness against wake-ups.
    private static let quantum: Int64 = 300_000

    private(set) var isInterrupted = false
    private(set) var refused: Int32?
    private(set) var elapsed: Duration = .zero
    /// Told about once a second, for a progress line.
    var progress: ((LoadLedger, Duration) -> Void)?

    init(
        endpoint: UDPEndpoint, template: LoadTemplate, plan: Plan, ledger: LoadLedger, interrupts: SignalWatch?
    ) {
        self.endpoint = endpoint
        self.template = template
        self.plan = plan
        self.ledger = ledger
        self.interrupts = interrupts
        self.copies = .allocate(capacity: Self.batch * template.bytes.count)
        for index in 0..<Self.batch {
            (self.copies + index * template.bytes.count).initialize(from: template.bytes, count: template.bytes.count)
        }
    }

    deinit { self.copies.deallocate() }

    func run() {
        let start = self.clock.now().nanoseconds
        var planned = 0
        var again: [UInt64] = []
        var lastProgress = start
        while !self.isInterrupted {
            let now = self.clock.now().nanoseconds
            let isDone = self.sendNew(start, now, &planned)
            again.removeAll(keepingCapacity: true)
            if self.ledger.nextDue <= now { self.ledger.due(at: now, &again) }
            for number in again { self.send(number) }
            self.flush()
            if isDone, self.ledger.open == 0 { break }
            if self.receive() == 0 { self.wait(start, planned, isDone) }
            if now - lastProgress > 250_000_000 {
                lastProgress = now
                self.progress?(self.ledger, .nanoseconds(now - start))
            }
            if self.interrupts?.next() != nil { self.isInterrupted = true }
        }
        self.elapsed = .nanoseconds(self.clock.now().nanoseconds - start)
        self.ledger.abandon()
    }

    // MARK: Sending

    /// Sends what is due; whether the plan has nothing more.
    private func sendNew(_ start: Int64, _ now: Int64, _ planned: inout Int) -> Bool {
        switch self.plan {
        case .open(let pace):
            let due = pace.due(at: now - start)
            while planned < due, self.ledger.hasRoom {
                self.send(self.ledger.begin(planned: start + pace.time(of: planned), at: self.clock.now().nanoseconds))
                planned += 1
            }
            return now - start >= pace.length
        case .closed(let total):
            while planned < total, self.ledger.hasRoom {
                self.send(self.ledger.begin(planned: now, at: now))
                planned += 1
                if self.used == 0 { break }
            }
            return planned >= total
        }
    }

    @inline(__always)
    private func send(_ number: UInt64) {
        let copy = self.copies + self.used * self.template.bytes.count
        self.template.number(number, in: copy)
        self.endpoint.enqueue(borrowing: UnsafeBufferPointer(start: copy, count: self.template.bytes.count))
        self.used += 1
        if self.used == Self.batch { self.flush() }
    }

    private func flush() {
        guard self.used > 0 else { return }
        self.endpoint.flush()
        self.used = 0
    }

    // MARK: Receiving

    private func receive() -> Int {
        let batch = self.endpoint.receive()
        guard !batch.isEmpty else {
            while let error = self.endpoint.nextError() { self.refused = error.code }
            return 0
        }
        // The kernel's stamps are dates; one pair of readings a batch turns them into our time.
        let offset = self.clock.now().nanoseconds - self.clock.unixNanoseconds()
        for index in 0..<batch.count {
            let datagram = batch[index]
            guard let (number, code) = self.template.match(UnsafeBufferPointer(datagram.bytes)) else {
                self.ledger.countStray()
                continue
            }
            _ = self.ledger.answer(number, code: code, at: datagram.timestamp + offset)
        }
        return batch.count
    }

    private func wait(_ start: Int64, _ planned: Int, _ isDone: Bool) {
        let now = self.clock.now().nanoseconds
        var until = Swift.min(self.ledger.nextDue, now + 100_000_000)
        if case .open(let pace) = self.plan, !isDone {
            // Answers wait in the kernel with their stamps, so sleeping does not change what is measured.
            until = Swift.min(until, Swift.max(start + pace.time(of: planned), now + Self.quantum))
            let sleep = Swift.max(0, until - now)
            var time = timespec(tv_sec: Int(sleep / 1_000_000_000), tv_nsec: Int(sleep % 1_000_000_000))
            nanosleep(&time, nil)
            return
        }
        var descriptor = pollfd(fd: self.endpoint.descriptor, events: Int16(POLLIN), revents: 0)
        let wait = Swift.max(0, until - now)
        poll(&descriptor, 1, Int32(clamping: (wait + 999_999) / 1_000_000))
    }
}
