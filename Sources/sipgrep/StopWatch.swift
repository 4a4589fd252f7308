import Glibc
import SIPKit
import SIPTrace

/// Watches over `--stop`.
struct StopWatch {
    private let rule: StopRule
    private var first: Int64?
    private var messages = 0
    private var calls = ByteKeyTable()
    private var reading = MessageReading()
    private let began = StopWatch.now()
    private(set) var isOver = false

    init(_ rule: StopRule) { self.rule = rule }

    var isUsed: Bool { self.rule != StopRule() }

    /// A message was shown.
    mutating func note(_ origin: MessageOrigin, _ message: Span<UInt8>, saved: Int) {
        if self.first == nil { self.first = origin.time }
        self.messages += 1
        if let limit = self.rule.messages, self.messages >= limit { self.isOver = true }
        if let limit = self.rule.bytes, saved >= limit { self.isOver = true }
        if let limit = self.rule.duration, let first = self.first, origin.time - first >= limit { self.isOver = true }
        if let limit = self.rule.dialogs {
            self.reading.read(message)
            if self.reading.isReadable { _ = self.calls.insert(message, self.reading.callID) }
            if self.calls.count > limit { self.isOver = true }
        }
    }

    /// Time passes also when nothing comes.
    mutating func look() {
        if let limit = self.rule.duration, Self.now() - self.began >= limit { self.isOver = true }
    }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
