import SIPKit
import SIPTrace

/// `-g` on live input: follows the calls that matched, and remembers the others for a while, so that the messages
/// before the matching one are shown too.
///
/// Bounded in time, in messages and in bytes; what is forgotten is the oldest.
struct DialogFollower {
    private struct Held {
        var call: [UInt8]
        var message: CapturedMessage?
    }

    static let maximumHeld = 20_000
    static let maximumBytes = 16 << 20
    static let maximumCalls = 50_000
    /// A followed call is forgotten after ten minutes without a message.
    static let patience: Int64 = 600_000_000_000

    private let lookback: Int64
    private var followed: [[UInt8]: Int64] = [:]
    private var held: [Held] = []
    private var head = 0
    private var heldBytes = 0
    private var reading = MessageReading()

    /// - Parameter lookback: how long a message is remembered, in nanoseconds.
    init(lookback: Int64) { self.lookback = lookback }

    /// The remembered messages to show before this one, and whether this one is to be shown.
    mutating func take(
        _ origin: MessageOrigin, _ message: Span<UInt8>, isMatch: Bool
    ) -> (before: [CapturedMessage], isShown: Bool) {
        self.reading.read(message)
        let range = self.reading.callID
        guard !range.isEmpty else { return ([], isMatch) }
        let call = message.copy(range)
        if self.followed[call] != nil {
            self.followed[call] = origin.time
            return ([], true)
        }
        guard isMatch else {
            self.hold(CapturedMessage(origin, bytes: message.copy(ByteRange(0, message.count))), call)
            return ([], false)
        }
        if self.followed.count >= Self.maximumCalls { self.forgetOldCalls(origin.time) }
        self.followed[call] = origin.time
        return (self.release(call), true)
    }

    private mutating func hold(_ message: CapturedMessage, _ call: [UInt8]) {
        self.heldBytes += message.bytes.count
        self.held.append(Held(call: call, message: message))
        while self.head < self.held.count {
            let oldest = self.held[self.head].message
            let isOld = oldest.map { message.time - $0.time > self.lookback } ?? true
            let isTooMuch = self.heldBytes > Self.maximumBytes || self.held.count - self.head > Self.maximumHeld
            guard isOld || isTooMuch else { break }
            self.heldBytes -= oldest?.bytes.count ?? 0
            self.held[self.head] = Held(call: [], message: nil)
            self.head += 1
        }
        if self.head > 4096, self.head * 2 > self.held.count {
            self.held.removeFirst(self.head)
            self.head = 0
        }
    }

    private mutating func release(_ call: [UInt8]) -> [CapturedMessage] {
        var messages: [CapturedMessage] = []
        for index in self.head..<self.held.count where self.held[index].call == call {
            guard let message = self.held[index].message else { continue }
            messages.append(message)
            self.heldBytes -= message.bytes.count
            self.held[index] = Held(call: [], message: nil)
        }
        return messages
    }

    private mutating func forgetOldCalls(_ now: Int64) {
        self.followed = self.followed.filter { now - $0.value < Self.patience }
        if self.followed.count >= Self.maximumCalls { self.followed.removeAll(keepingCapacity: true) }
    }
}
