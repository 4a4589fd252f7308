import SIPKit
import SIPNet
import Testing

@Suite("Memory network")
struct MemoryNetworkTests {
    private let here = SocketAddress(.loopbackV4, 1)
    private let there = SocketAddress(.loopbackV4, 2)

    @Test("delivers to who has the address, after the delay, in order")
    func delivers() {
        let network = MemoryNetwork(seed: 1, conditions: .init(delay: .milliseconds(5)...(.milliseconds(5))))
        let listener = Listener()
        network.attach(self.there, listener)
        for byte in 0..<3 as Range<UInt8> { network.send([byte], from: self.here, to: self.there) }
        network.run(until: MonotonicTime(milliseconds: 4))
        #expect(listener.heard == [])
        network.run(until: MonotonicTime(milliseconds: 5))
        #expect(listener.heard == [[0], [1], [2]])
        #expect(listener.times == Array(repeating: MonotonicTime(milliseconds: 5), count: 3))
        #expect(network.nextEvent == nil)
    }

    @Test("keeps what was sent to addresses nobody has")
    func unowned() {
        let network = MemoryNetwork(seed: 1)
        let listener = Listener()
        network.attach(self.there, listener)
        network.detach(self.there)
        network.send([7], from: self.here, to: self.there)
        network.run(until: MonotonicTime(milliseconds: 10))
        #expect(network.unowned.map(\.bytes) == [[7]])
        #expect(listener.heard == [])
    }

    @Test("loses, doubles and reorders about as many as it was told, and repeats itself by its seed")
    func faults() {
        func run(_ seed: UInt64) -> [[UInt8]] {
            let network = MemoryNetwork(
                seed: seed, conditions: .init(loss: 0.2, duplication: 0.1, reordering: 0.3))
            let listener = Listener()
            network.attach(self.there, listener)
            for number in 0..<1000 {
                network.send([UInt8(number / 256), UInt8(number % 256)], from: self.here, to: self.there)
                network.run(until: MonotonicTime(milliseconds: Int64(number)))
            }
            network.run(until: MonotonicTime(milliseconds: 100_000))
            return listener.heard
        }
        let heard = run(42)
        #expect((850...950).contains(heard.count), "800 + 100 of 1000")
        #expect(Set(heard).count < heard.count)
        #expect(heard != heard.sorted { $0.lexicographicallyPrecedes($1) })
        #expect(run(42) == heard)
        #expect(run(43) != heard)
    }

    @Test("drives the timers of its endpoints, and time stands between events")
    func timers() {
        let network = MemoryNetwork(seed: 1)
        let pinger = Pinger(network, self.here, self.there)
        network.attach(self.here, pinger)
        #expect(network.run(until: MonotonicTime(milliseconds: 2500)))
        #expect(network.sentCount == 3, "at 0, 1 and 2 seconds")
        #expect(network.now == MonotonicTime(milliseconds: 2500))
    }

    @Test("gives up on a storm that feeds itself")
    func storm() {
        let network = MemoryNetwork(seed: 1, conditions: .init(delay: .zero ... .zero))
        let echo = Echo(network)
        network.attach(self.there, echo)
        network.send([1], from: self.there, to: self.there)
        #expect(!network.run(until: MonotonicTime(milliseconds: 1), limit: 1000))
    }
}

private class Listener: MemoryNetwork.Endpoint {
    var heard: [[UInt8]] = []
    var times: [MonotonicTime] = []
    var nextDeadline: MonotonicTime? { nil }
    func receive(_ bytes: [UInt8], from source: SocketAddress, at local: SocketAddress, now: MonotonicTime) {
        self.heard.append(bytes)
        self.times.append(now)
    }
    func tick(now: MonotonicTime) {}
}

private final class Echo: MemoryNetwork.Endpoint {
    unowned let network: MemoryNetwork
    init(_ network: MemoryNetwork) { self.network = network }
    var nextDeadline: MonotonicTime? { nil }
    func receive(_ bytes: [UInt8], from source: SocketAddress, at local: SocketAddress, now: MonotonicTime) {
        self.network.send(bytes, from: local, to: source)
    }
    func tick(now: MonotonicTime) {}
}

private final class Pinger: MemoryNetwork.Endpoint {
    unowned let network: MemoryNetwork
    let own: SocketAddress
    let target: SocketAddress
    var nextDeadline: MonotonicTime? = .zero
    init(_ network: MemoryNetwork, _ own: SocketAddress, _ target: SocketAddress) {
        (self.network, self.own, self.target) = (network, own, target)
    }
    func receive(_ bytes: [UInt8], from source: SocketAddress, at local: SocketAddress, now: MonotonicTime) {}
    func tick(now: MonotonicTime) {
        self.network.send([1], from: self.own, to: self.target)
        self.nextDeadline = now + .seconds(1)
    }
}
