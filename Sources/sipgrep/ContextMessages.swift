import SIPKit
import SIPTrace

/// `--before N`: the last messages that did not match, kept until one does.
struct ContextMessages {
    static let maximum = 1000
    static let maximumBytes = 8 << 20

    private let limit: Int
    private var held: [CapturedMessage] = []
    private var bytes = 0

    init(limit: Int) { self.limit = limit }

    mutating func hold(_ origin: MessageOrigin, _ message: Span<UInt8>) {
        guard self.limit > 0 else { return }
        self.held.append(CapturedMessage(origin, bytes: message.copy(ByteRange(0, message.count))))
        self.bytes += message.count
        while let oldest = self.held.first, self.held.count > self.limit || self.bytes > Self.maximumBytes {
            self.bytes -= oldest.bytes.count
            self.held.removeFirst()
        }
    }

    /// What was kept, the oldest first; nothing is kept twice.
    mutating func take() -> [CapturedMessage] {
        defer { (self.held, self.bytes) = ([], 0) }
        return self.held
    }
}
