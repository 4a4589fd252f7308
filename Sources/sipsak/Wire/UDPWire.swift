import Glibc
import SIPKit
import SIPNet

/// The network over one UDP socket: answers come to the port that requests leave from.
///
/// Times are right to a few microseconds: a request is stamped by the driver that sends it (where that is not told at
/// once, by us just before), an answer by the kernel when it came in, however late we read it.
final class UDPWire: Wire {
    let local: SocketAddress
    let transport = TransportProtocol.udp
    private let endpoint: UDPEndpoint
    private let clock = SystemClock()
    private let interrupts: SignalWatch?
    private var batch: [(bytes: [UInt8], source: SocketAddress, at: MonotonicTime)] = []
    private var taken = 0
    /// Get every datagram that passes.
    var copies: [any TrafficCopy] = []

    /// - Parameters:
    ///   - address: what to bind to; a wildcard address for "any".
    ///   - advertised: the address that goes into messages when bound to a wildcard.
    ///   - codePoint: the DSCP of what is sent.
    init(
        bind address: SocketAddress, advertised: IPAddress, watchesInterrupts: Bool = false, codePoint: UInt8? = nil
    ) throws(SocketError) {
        var options = UDPEndpoint.Options()
        options.timestamps = true
        options.sendTimestamps = true
        options.reportsErrors = true
        options.trafficClass = codePoint.map { $0 << 2 }
        self.endpoint = try UDPEndpoint(bind: address, options: options)
        self.local = SocketAddress(advertised, self.endpoint.localAddress.port)
        self.interrupts = watchesInterrupts ? try SignalWatch([SIGINT]) : nil
    }

    /// The address that this host would use to reach another one; `nil` when there is no way.
    static func route(to destination: SocketAddress) -> IPAddress? {
        let any = SocketAddress(destination.ip.family == .v4 ? .anyV4 : .anyV6, 0)
        return try? UDPEndpoint(bind: any, connect: destination).localAddress.ip
    }

    func now() -> MonotonicTime { self.clock.now() }

    @discardableResult
    func send(_ bytes: [UInt8], to destination: SocketAddress) -> MonotonicTime {
        self.endpoint.enqueue(copying: bytes, to: destination)
        let before = self.now()
        self.endpoint.flush()
        // The driver's stamp, where it tells at once; it lies between these two looks at the clock.
        let left = self.endpoint.takeSendTime().map { self.clock.moment(ofDate: $0) }
        for copy in self.copies { copy.add(bytes, from: self.local, to: destination, over: .udp, at: nil) }
        guard let left, left >= before, left <= self.now() else { return before }
        return left
    }

    func next(until deadline: MonotonicTime) -> WireEvent {
        while true {
            if self.taken < self.batch.count {
                let arrival = self.batch[self.taken]
                self.taken += 1
                return .datagram(arrival.bytes, from: arrival.source, at: arrival.at)
            }
            self.fill()
            if self.taken < self.batch.count { continue }
            if let error = self.endpoint.nextError() { return .failed(error.destination, code: error.code) }
            let wait = deadline.nanoseconds(since: self.now())
            if wait <= 0 { return .timeout }
            if self.waitForInput(nanoseconds: wait) { return .interrupted }
        }
    }

    private func fill() {
        self.batch.removeAll(keepingCapacity: true)
        self.taken = 0
        let received = self.endpoint.receive()
        guard !received.isEmpty else { return }
        let now = self.now()
        for index in 0..<received.count {
            let datagram = received[index]
            // The kernel's stamp is a date; a clock that was set in between must not make an answer negative or old.
            let stamp = datagram.timestamp == 0 ? now : self.clock.moment(ofDate: datagram.timestamp)
            let arrived = Swift.min(Swift.max(stamp, now.adding(nanoseconds: -60_000_000_000)), now)
            self.batch.append((Array(datagram.bytes), datagram.source, arrived))
            for copy in self.copies {
                copy.add(
                    Array(datagram.bytes), from: datagram.source, to: self.local, over: .udp,
                    at: datagram.timestamp == 0 ? nil : datagram.timestamp)
            }
        }
    }

    /// - Returns: whether Ctrl-C came.
    private func waitForInput(nanoseconds: Int64) -> Bool {
        var descriptors = [pollfd(fd: self.endpoint.descriptor, events: Int16(POLLIN), revents: 0)]
        if let watch = self.interrupts {
            descriptors.append(pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0))
        }
        // Rounded up: a timer fires at most a millisecond late and never early.
        let milliseconds = Swift.min((nanoseconds + 999_999) / 1_000_000, 3_600_000)
        let result = poll(&descriptors, nfds_t(descriptors.count), Int32(milliseconds))
        guard result > 0, descriptors.count == 2, descriptors[1].revents != 0 else { return false }
        return self.interrupts?.next() != nil
    }
}
