import SIPKit

/// Why a connection could not be opened, or ended.
public enum StreamError: Error, Equatable, Sendable {
    /// The system's errno: ECONNREFUSED, EHOSTUNREACH, ECONNRESET ...
    case system(Int32)
    /// What was waited for: "connection", "TLS handshake", "message" ...
    case timedOut(String)
    /// The handshake failed; a sentence says how.
    case tls(String)
    /// The peer's certificate is not accepted; a sentence says why.
    case certificate(String)
    /// The other side does not speak SIP over WebSocket, or broke its rules.
    case webSocket(String)
    /// The bytes cannot be cut into messages.
    case framing(ParseError)
    /// The peer does not read what we send.
    case sendQueueFull
    /// A limit of ours: "connections", "connections of this source".
    case tooMany(String)
    case closedByPeer
    case closedByUs
    case other(String)
}

extension StreamError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .system(let code): SocketError.text(of: code)
        case .timedOut(let what): "no \(what) in time"
        case .tls(let text): "TLS: \(text)"
        case .certificate(let text): "certificate: \(text)"
        case .webSocket(let text): "WebSocket: \(text)"
        case .framing(let error): error.description
        case .sendQueueFull: "the peer does not read what is sent"
        case .tooMany(let what): "too many \(what)"
        case .closedByPeer: "closed by the peer"
        case .closedByUs: "closed by us"
        case .other(let text): text
        }
    }
}
