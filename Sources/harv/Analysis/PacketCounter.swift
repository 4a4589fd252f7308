import SIPKit
import SIPTrace

/// Counts packets by method, code, label and agent, and looks at nothing else: for `--classic=raw`, where a message that
/// passes twice counts twice.
struct PacketCounter {
    private(set) var summary = Summary()
    private var index = MessageIndex()
    private let seed: UInt64

    init(seed: UInt64) { self.seed = seed }

    mutating func take(_ payload: Span<UInt8>) {
        guard (try? self.index.parse(payload)) != nil else {
            self.summary.messages.malformed += 1
            return
        }
        if !self.index.isRequest {
            self.summary.messages.addResponse(self.index.statusCode, .first, to: .other)
        } else if self.index.method == .other {
            self.summary.messages.addOther(Printable.text(payload.copy(self.index.methodRange)), .first)
        } else {
            self.summary.messages.addRequest(self.index.method, .first)
        }
        if let server = self.index.first(.server) { self.countAgent(payload, server, isServer: true) }
        if let userAgent = self.index.first(.userAgent) { self.countAgent(payload, userAgent, isServer: false) }
        if let hint = self.index.first(.pHint) { _ = self.summary.hints.number(payload, hint, isRepeat: false) }
    }

    private mutating func countAgent(_ payload: Span<UInt8>, _ range: ByteRange, isServer: Bool) {
        let number = self.summary.agents.number(payload, range, seed: self.seed)
        self.summary.agents.count(number, isServer: isServer, isFirst: true)
    }

    mutating func note(_ note: MessageBatch.Note) {
        if case .input(let input, let text, _, _) = note {
            self.summary.inputs.append(input)
            self.summary.text.add(text)
        }
    }

    mutating func notePartial() { self.summary.isPartial = true }
}
