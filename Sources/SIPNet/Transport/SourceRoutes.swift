import Glibc
import SIPKit
import Synchronization

/// From which of our addresses the kernel sends to another: what its routing table says, remembered for a minute.
public final class SourceRoutes: Sendable {
    private struct Entry {
        var source: IPAddress?
        var end: MonotonicTime
    }
    private static let limit = 4_096
    private static let seconds: Int64 = 60
    private let entries = Mutex<[IPAddress: Entry]>([:])

    public init() {}

    /// - Returns: `nil` where no route leads there.
    public func source(for destination: IPAddress, now: MonotonicTime) -> IPAddress? {
        self.entries.withLock { entries in
            if let known = entries[destination], known.end > now { return known.source }
            if entries.count >= Self.limit { entries.removeAll() }
            let source = Self.ask(destination)
            entries[destination] = Entry(source: source, end: now.adding(milliseconds: Self.seconds * 1_000))
            return source
        }
    }

    /// Connecting a datagram socket sends nothing and chooses the source.
    private static func ask(_ destination: IPAddress) -> IPAddress? {
        let family = destination.family == .v4 ? AF_INET : AF_INET6
        let descriptor = socket(family, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let isConnected = SocketAddress(destination, 5060).withSystemAddress { connect(descriptor, $0, $1) == 0 }
        guard isConnected else { return nil }
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let status = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard status == 0 else { return nil }
        return withUnsafePointer(to: &storage) { SocketAddress(system: UnsafeRawPointer($0))?.ip }
    }
}
