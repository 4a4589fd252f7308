import SIPKit

/// What was learned of other hosts in the last minutes, so that not every call learns it anew.
struct ReachableHosts {
    /// An address that did not answer stands at the end of its list for so long.
    static let silence = TimerInterval.seconds(30)
    /// An address that does not take TCP connections gets large requests by UDP for so long.
    static let withoutTCP = TimerInterval.seconds(600)
    private static let limit = 1_024

    private var silent: [SocketAddress: MonotonicTime] = [:]
    private var datagramsOnly: [SocketAddress: MonotonicTime] = [:]

    var isEmpty: Bool { self.silent.isEmpty }

    mutating func wasSilent(_ address: SocketAddress, now: MonotonicTime) {
        if self.silent.count >= Self.limit { self.silent.removeAll() }
        self.silent[address] = now.adding(nanoseconds: Self.silence.nanoseconds)
    }

    mutating func hasAnswered(_ address: SocketAddress) { self.silent[address] = nil }

    func isSilent(_ address: SocketAddress, now: MonotonicTime) -> Bool { (self.silent[address] ?? .zero) > now }

    mutating func refusesTCP(_ address: SocketAddress, now: MonotonicTime) {
        if self.datagramsOnly.count >= Self.limit { self.datagramsOnly.removeAll() }
        self.datagramsOnly[address] = now.adding(nanoseconds: Self.withoutTCP.nanoseconds)
    }

    func mayHaveTCP(_ address: SocketAddress, now: MonotonicTime) -> Bool {
        (self.datagramsOnly[address] ?? .zero) <= now
    }
}
