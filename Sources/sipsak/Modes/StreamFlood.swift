import Glibc
import SIPKit
import SIPNet

/// `-F` over a connection: the same requests one behind another, as fast as the peer reads. Over UDP ``FloodMode`` sends.
struct StreamFlood {
    let session: Session

    func run() throws -> ExitStatus {
        let session = self.session
        guard session.wire.transport == .tcp else {
            throw UsageError("a flood goes over udp or tcp, not \(session.wire.transport.parameterName) (-F, -E)")
        }
        let descriptor = try Self.connect(session.destination)
        defer { close(descriptor) }
        let total = session.options.end ?? 0x7FFF_FFFF
        let watch = try? SignalWatch([SIGINT])
        let clock = SystemClock()
        let start = clock.now()
        var sent = 0
        while sent < total, watch?.next() == nil {
            var next = 10
            while next <= sent + 1 { next *= 10 }
            var block = FloodBlock(session, firstNumber: sent + 1)
            let end = Swift.min(total, next - 1)
            while sent < end {
                let count = Swift.min(end - sent, block.capacity)
                block.number(from: sent + 1, count: count)
                guard block.sendAll(count, to: descriptor) else {
                    session.console.err("connection lost: \(SocketText.error(errno))\n")
                    return .unconnected
                }
                sent += count
                if watch?.next() != nil { return FloodMode(session: session).finish(sent, clock.now() - start) }
            }
        }
        return FloodMode(session: session).finish(sent, clock.now() - start)
    }

    /// A socket of its own, that waits: the peer's window is the only brake.
    private static func connect(_ address: SocketAddress) throws(SocketError) -> Int32 {
        let family = address.ip.family == .v4 ? AF_INET : AF_INET6
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw SocketError("open a TCP socket", code: errno) }
        guard address.withSystemAddress({ Glibc.connect(descriptor, $0, $1) }) == 0 else {
            let code = errno
            close(descriptor)
            throw SocketError("connect to", address, code: code)
        }
        return descriptor
    }
}
