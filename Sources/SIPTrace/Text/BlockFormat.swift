internal import SIPKit

/// One format of text: finds the next message (or log line) from where the reader stands.
protocol BlockFormat: Sendable, Codable {
    init(_ context: TextContext)
    mutating func next(_ lines: inout LineReader) -> TextBlock?
    var statistics: TextStatistics { get }
    /// What the report has to say about the whole file.
    var note: String? { get }
}

extension BlockFormat {
    var note: String? { nil }
}

/// One message of a text, or one line of a server's log.
struct TextBlock: Sendable {
    var origin = MessageOrigin(
        time: 0, source: SocketAddress(.anyV4, 0), destination: SocketAddress(.anyV4, 0), transport: .udp, frame: 0)
    var bytes: [UInt8] = []
    var hasTime = true
    var hasDate = true
    var repairs: TextRepairs = []
    var log: ServerLogRecord? = nil
}
