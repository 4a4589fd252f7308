import SIPKit
import SIPTrace

/// What the screen shows: every message that was kept, by call.
///
/// Bounded in bytes: beyond the limit the oldest calls lose their messages and leave the list, and are counted.
final class CallStore {
    struct Message {
        var origin: MessageOrigin
        var bytes: [UInt8]
        /// `INVITE (SDP)`, `200 OK`.
        var label: String
        var note: String
        var isRequest: Bool
        var status: Int
        var isRepeated: Bool
        var call: Int
        var lint: [String]
    }

    struct Call {
        var messages: [Int] = []
        /// Whether any message matched what the command line asks for.
        var isWanted = false
        var isForgotten = false
        var bytes = 0
    }

    /// What a message costs besides its bytes.
    static let overhead = 400
    static let maximumCalls = 200_000

    private(set) var messages: [Message] = []
    private(set) var calls: [Call] = []
    private(set) var tracker: DialogTracker
    private(set) var bytes = 0
    /// Calls that made room for others; messages without a Call-ID, which no call can show.
    private(set) var forgotten = 0
    private(set) var orphans = 0
    let limit: Int
    private var oldest = 0
    private var reading = MessageReading()

    /// - Parameter limit: bytes that the messages may take.
    init(limit: Int) {
        self.limit = limit
        self.tracker = DialogTracker(maximumDialogs: Self.maximumCalls)
    }

    var count: Int { self.calls.count - self.forgotten }

    func take(_ origin: MessageOrigin, _ message: Span<UInt8>, isWanted: Bool) {
        self.reading.read(message)
        guard let (number, isRepeated) = self.tracker.take(origin, message, self.reading) else {
            self.orphans += 1
            return
        }
        while self.calls.count <= number { self.calls.append(Call()) }
        if isWanted { self.calls[number].isWanted = true }
        guard !self.calls[number].isForgotten else { return }
        let cost = message.count + Self.overhead
        self.calls[number].messages.append(self.messages.count)
        self.calls[number].bytes += cost
        self.bytes += cost
        self.messages.append(
            Message(
                origin: origin, bytes: message.copy(ByteRange(0, message.count)),
                label: FlowCall.label(message, self.reading), note: FlowCall.note(message, self.reading),
                isRequest: self.reading.isReadable && self.reading.isRequest,
                status: self.reading.isReadable ? self.reading.status : 0, isRepeated: isRepeated, call: number,
                lint: MessageLint.findings(message, self.reading, isTruncated: origin.isTruncated)))
        while self.bytes > self.limit, self.oldest < number { self.forgetOldest() }
    }

    private func forgetOldest() {
        let number = self.oldest
        self.oldest += 1
        guard !self.calls[number].isForgotten else { return }
        for index in self.calls[number].messages {
            self.messages[index].bytes = []
            self.messages[index].label = ""
            self.messages[index].note = ""
            self.messages[index].lint = []
        }
        self.bytes -= self.calls[number].bytes
        self.calls[number] = Call(isWanted: false, isForgotten: true)
        self.forgotten += 1
    }

    /// Begins anew.
    func clear() {
        self.messages = []
        self.calls = []
        self.tracker = DialogTracker(maximumDialogs: Self.maximumCalls)
        self.bytes = 0
        self.forgotten = 0
        self.oldest = 0
    }

    func record(_ call: Int) -> DialogRecord { self.tracker.records[call] }
    func callID(_ call: Int) -> String { Printable.text(self.tracker.callID(call)) }
    func from(_ call: Int) -> String { Printable.text(self.tracker.fromUser(call)) }
    func to(_ call: Int) -> String { Printable.text(self.tracker.toUser(call)) }

    /// The calls that belong together with this one, by the headers that tie calls, over any number of steps.
    func legs(of call: Int, correlators: [String]) -> [Int] {
        var set = DialogSet(correlators: correlators)
        for message in self.messages where !message.bytes.isEmpty {
            let bytes = message.bytes
            set.note(bytes.span, isMatch: message.call == call)
        }
        return self.calls.indices.filter { number in
            guard let first = self.calls[number].messages.first else { return false }
            let bytes = self.messages[first].bytes
            return number == call || set.contains(bytes.span)
        }
    }

    /// One call, or several in the order of time, as a ladder.
    func flow(_ calls: [Int]) -> (places: [SocketAddress], messages: [Int]) {
        let messages = calls.flatMap { self.calls[$0].messages }.sorted {
            (self.messages[$0].origin.time, $0) < (self.messages[$1].origin.time, $1)
        }
        var places: [SocketAddress] = []
        for index in messages {
            for place in [self.messages[index].origin.source, self.messages[index].origin.destination]
            where !places.contains(place) && places.count < FlowCall.maximumPlaces { places.append(place) }
        }
        return (places, messages)
    }
}
