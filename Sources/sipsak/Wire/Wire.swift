import SIPKit

/// What the modes know of the network and of time. The real one is ``UDPWire``; tests play the other side.
protocol Wire: AnyObject {
    /// Where answers reach us.
    var local: SocketAddress { get }
    var transport: TransportProtocol { get }
    /// Get every message that passes.
    var copies: [any TrafficCopy] { get set }
    func now() -> MonotonicTime
    /// - Returns: when the datagram left, as well as it is known: round trips begin here.
    @discardableResult
    func send(_ bytes: [UInt8], to destination: SocketAddress) -> MonotonicTime
    /// The next thing that happens, or `.timeout` when nothing does until then.
    func next(until deadline: MonotonicTime) -> WireEvent
    /// The run is over: what was sent is on its way before the process ends.
    func close()
}

extension Wire {
    func close() {}
}

enum WireEvent {
    /// A datagram, stamped with the time when the kernel took it.
    case datagram([UInt8], from: SocketAddress, at: MonotonicTime)
    /// ICMP, our own kernel, or the end of a connection: what we sent there did not arrive, or no answer will come.
    case failed(SocketAddress, code: Int32)
    case timeout
    /// Ctrl-C.
    case interrupted
}
