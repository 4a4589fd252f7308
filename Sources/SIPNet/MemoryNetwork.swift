import SIPKit

/// Datagrams between endpoints that exist only in memory, with the faults of a real network and a clock of its own.
///
/// Everything that happens follows from the seed and from what the endpoints do, so a failing run is run again by its
/// seed. Time passes only in `run`, from one arrival or timer to the next.
///
/// ```swift
/// let network = MemoryNetwork(seed: seed, conditions: .init(loss: 0.1, reordering: 0.2))
/// network.attach(address, endpoint)           // the endpoint's `receive` may call `network.send`
/// network.run(until: .init(milliseconds: 64_000))
/// ```
public final class MemoryNetwork {
    /// Who is at an address.
    public protocol Endpoint: AnyObject {
        /// A datagram has arrived. What it causes is sent with `network.send`.
        func receive(_ bytes: [UInt8], from source: SocketAddress, at local: SocketAddress, now: MonotonicTime)
        /// When `tick` wants to be called next, `nil` for not at all. Asked again after each event.
        var nextDeadline: MonotonicTime? { get }
        func tick(now: MonotonicTime)
    }

    /// What the network does to a datagram. Shares are between 0 and 1.
    public struct Conditions: Sendable {
        public var loss: Double
        public var duplication: Double
        /// How many are held back by up to four times the longest delay, so that later ones overtake them.
        public var reordering: Double
        public var delay: ClosedRange<Duration>

        public init(
            loss: Double = 0, duplication: Double = 0, reordering: Double = 0,
            delay: ClosedRange<Duration> = .milliseconds(1)...(.milliseconds(1))
        ) {
            self.loss = loss
            self.duplication = duplication
            self.reordering = reordering
            self.delay = delay
        }
    }

    public enum Fate: Equatable, Sendable {
        case delivered, lost
        /// Nobody has the address.
        case unowned
    }

    /// One copy of a datagram and what became of it.
    public struct Record: Equatable, Sendable {
        public let bytes: [UInt8]
        public let source: SocketAddress
        public let destination: SocketAddress
        public let sent: MonotonicTime
        /// When it arrived or was lost.
        public let ended: MonotonicTime
        public let fate: Fate
    }

    private struct Flight {
        let bytes: [UInt8]
        let source: SocketAddress
        let destination: SocketAddress
        let sent: MonotonicTime
        let arrival: MonotonicTime
        let number: UInt64
    }

    public private(set) var now: MonotonicTime
    /// May change in the middle of a run: a network that breaks and heals.
    public var conditions: Conditions
    public let seed: UInt64

    /// What became of every datagram, in the order in which it happened, up to `recordLimit`.
    public private(set) var records: [Record] = []
    public private(set) var sentCount = 0
    private let recordLimit: Int

    private var random: SplitMix64
    private var endpoints: [SocketAddress: any Endpoint] = [:]
    /// In order of attachment, so that ticks at the same time have an order that does not depend on hashing.
    private var order: [SocketAddress] = []
    /// A binary heap by arrival, then by number.
    private var flights: [Flight] = []
    private var nextNumber: UInt64 = 0

    public init(
        seed: UInt64, conditions: Conditions = Conditions(), start: MonotonicTime = .zero, recordLimit: Int = 1_000_000
    ) {
        self.seed = seed
        self.random = SplitMix64(seed: seed)
        self.conditions = conditions
        self.now = start
        self.recordLimit = recordLimit
    }

    // MARK: Endpoints

    /// Gives an address to an endpoint, in place of who had it. One endpoint may have several.
    public func attach(_ address: SocketAddress, _ endpoint: any Endpoint) {
        if self.endpoints.updateValue(endpoint, forKey: address) == nil { self.order.append(address) }
    }

    public func detach(_ address: SocketAddress) {
        self.endpoints[address] = nil
        self.order.removeAll { $0 == address }
    }

    /// What was sent to addresses that nobody had when it arrived.
    public var unowned: [Record] { self.records.filter { $0.fate == .unowned } }

    // MARK: Sending

    public func send(_ bytes: [UInt8], from source: SocketAddress, to destination: SocketAddress) {
        self.sentCount += 1
        // Every datagram takes the same three numbers from the generator, whatever befalls it: changing one share then
        // does not change the fate of all later datagrams.
        let (lossy, doubled, held) = (self.share(), self.share(), self.share())
        let delays = (self.delay(), self.delay())
        let isHeld = held < self.conditions.reordering
        let longest = self.conditions.delay.upperBound.wholeNanoseconds
        if lossy < self.conditions.loss {
            self.record(
                Flight(
                    bytes: bytes, source: source, destination: destination, sent: self.now, arrival: self.now, number: 0
                ),
                .lost)
        } else {
            let extra = isHeld ? Int64(held / self.conditions.reordering * Double(longest) * 4) : 0
            self.launch(bytes, source, destination, after: delays.0.adding(nanoseconds: extra).nanoseconds)
        }
        if doubled < self.conditions.duplication {
            self.launch(bytes, source, destination, after: delays.1.nanoseconds)
        }
    }

    private func share() -> Double { Double.random(in: 0..<1, using: &self.random) }

    private func delay() -> MonotonicTime {
        let range = self.conditions.delay
        return MonotonicTime(
            nanoseconds: Int64.random(
                in: range.lowerBound.wholeNanoseconds...range.upperBound.wholeNanoseconds, using: &self.random))
    }

    private func launch(_ bytes: [UInt8], _ source: SocketAddress, _ destination: SocketAddress, after delay: Int64) {
        self.nextNumber += 1
        self.push(
            Flight(
                bytes: bytes, source: source, destination: destination, sent: self.now,
                arrival: self.now.adding(nanoseconds: Swift.max(0, delay)), number: self.nextNumber))
    }

    private func record(_ flight: Flight, _ fate: Fate) {
        guard self.records.count < self.recordLimit else { return }
        self.records.append(
            Record(
                bytes: flight.bytes, source: flight.source, destination: flight.destination, sent: flight.sent,
                ended: self.now, fate: fate))
    }

    // MARK: Time

    /// When the next thing happens; `nil` when all is quiet.
    public var nextEvent: MonotonicTime? {
        let ticks = self.order.compactMap { self.endpoints[$0]?.nextDeadline }
        return (ticks + self.flights.prefix(1).map(\.arrival)).min().map { Swift.max($0, self.now) }
    }

    /// Lets happen what happens up to `end`, and stops there.
    ///
    /// - Parameter limit: after how many events the run is given up: a storm that feeds itself ends.
    /// - Returns: whether the end was reached within the limit.
    @discardableResult
    public func run(until end: MonotonicTime, limit: Int = 10_000_000) -> Bool {
        var events = 0
        while let next = self.nextEvent, next <= end {
            guard events < limit else { return false }
            events += 1
            self.now = next
            self.step()
        }
        self.now = Swift.max(self.now, end)
        return true
    }

    /// All ticks of this moment, or else one arrival.
    private func step() {
        var ticked: [ObjectIdentifier] = []
        for address in self.order {
            guard let endpoint = self.endpoints[address], !ticked.contains(ObjectIdentifier(endpoint)) else { continue }
            guard let deadline = endpoint.nextDeadline, deadline <= self.now else { continue }
            ticked.append(ObjectIdentifier(endpoint))
            endpoint.tick(now: self.now)
        }
        guard ticked.isEmpty, let flight = self.pop(notAfter: self.now) else { return }
        if let endpoint = self.endpoints[flight.destination] {
            self.record(flight, .delivered)
            endpoint.receive(flight.bytes, from: flight.source, at: flight.destination, now: self.now)
        } else {
            self.record(flight, .unowned)
        }
    }

    // MARK: Heap

    private func isEarlier(_ one: Int, _ other: Int) -> Bool {
        let (first, second) = (self.flights[one], self.flights[other])
        return first.arrival == second.arrival ? first.number < second.number : first.arrival < second.arrival
    }

    private func push(_ flight: Flight) {
        self.flights.append(flight)
        var at = self.flights.count - 1
        while at > 0, self.isEarlier(at, (at - 1) / 2) {
            self.flights.swapAt(at, (at - 1) / 2)
            at = (at - 1) / 2
        }
    }

    private func pop(notAfter now: MonotonicTime) -> Flight? {
        guard let first = self.flights.first, first.arrival <= now, let last = self.flights.popLast() else {
            return nil
        }
        guard !self.flights.isEmpty else { return first }
        self.flights[0] = last
        var at = 0
        while true {
            var least = at
            for child in [2 * at + 1, 2 * at + 2] where child < self.flights.count && self.isEarlier(child, least) {
                least = child
            }
            guard least != at else { return first }
            self.flights.swapAt(at, least)
            at = least
        }
    }
}
