import SIPKit

/// What happened on a connection; ``StreamTransport/takeEvents()`` has them in their order.
public enum StreamEvent: Sendable {
    /// Messages can travel both ways; handshakes are done.
    case opened(StreamConnection)
    /// One whole message.
    case message(StreamConnection, [UInt8])
    /// The stream cannot be cut into messages any more. The head, as far as it came, may be answered at once (400, 413);
    /// the connection is then closed.
    case refused(StreamConnection, head: [UInt8], ParseError)
    /// It ended. Whatever was sent and not yet on its way is lost.
    case closed(StreamConnection, StreamError, wasOpen: Bool)
}
