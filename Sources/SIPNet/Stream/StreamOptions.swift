import Glibc
import SIPKit

/// What a ``StreamTransport`` allows and how long it waits.
///
/// Each limit is what stands between a stranger and our memory: half-open connections, slow senders and readers that do
/// not read end here (`docs/limits.md`).
public struct StreamOptions: Sendable {
    /// Head and body of one message.
    public var framing = StreamFramer.Limits()
    /// From the first packet to a connection that can carry messages: TCP, TLS and WebSocket handshakes together.
    public var openTimeout = Duration.seconds(10)
    /// From the first byte of a message to its last; for who connected to us also until the first message begins.
    public var messageTimeout = Duration.seconds(20)
    /// Without a message or keep-alive either way. RFC 5626 §4.4.1 has clients ping every 95 to 120 s; those that do not
    /// register anew within the hour.
    public var idleTimeout = Duration.seconds(3_700)
    /// Bytes that may wait for a peer that does not read; beyond that the connection is closed.
    public var sendQueue = 1 << 20
    /// Connections in all. Never more than the process may have descriptors, less a reserve.
    public var connections = 65_536
    /// Connections that one source address may have opened to us.
    public var connectionsPerSource = 8_192
    /// Events that may wait in the inbox before reading pauses.
    public var inbox = 4_096
    /// The path that a WebSocket client asks for.
    public var webSocketPath = "/"
    /// The `Origin` that a WebSocket client sends; `nil` for none.
    public var webSocketOrigin: String?
    /// NIO's threads.
    public var threads = 1

    public init() {}

    /// Lets the process have as many descriptors as the system allows it at most: a connection is one.
    public static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    /// How many connections the process can have at all.
    var affordableConnections: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return self.connections }
        return Swift.min(self.connections, Swift.max(16, Int(clamping: limit.rlim_cur) - 128))
    }
}
