import SIPKit

/// Gets a copy of every message that we send and receive: `--pcap`, `--hep`.
protocol TrafficCopy: AnyObject {
    /// - Parameter nanoseconds: when it passed, since 1970; `nil` is now.
    func add(
        _ payload: [UInt8], from source: SocketAddress, to destination: SocketAddress,
        over transport: TransportProtocol,
        at nanoseconds: Int64?)
    var hasFailed: Bool { get }
}
