import SIPKit

/// Where a running proxy can be talked to.
struct ControlSettings: Sendable {
    /// Of the Unix socket with JSON-RPC; `nil` for none.
    var socket: String?
    /// Whether the path was asked for; one that nobody asked for may be somebody else's without harm.
    var isAsked = false
    /// Of SER's command FIFO; `nil` for none.
    var fifo: String?
    /// Where reply FIFOs have to lie.
    var fifoFolder = "/tmp"
    /// Permissions of socket and FIFO.
    var mode: UInt32 = 0o660
    /// Where Prometheus may ask over HTTP.
    var metrics: SocketAddress?
}
