import SIPKit
import SIPTrace

/// Packets without a message that somebody wants all the same (media of a call, empty packets), kept for a moment between
/// the decoder, which finds them, and the presenter, which shows them.
final class OtherPackets {
    private var waiting: [(origin: MessageOrigin, payload: [UInt8], reason: Ignored)] = []

    func add(_ origin: MessageOrigin, _ payload: Span<UInt8>, _ reason: Ignored) {
        self.waiting.append((origin, payload.copy(ByteRange(0, payload.count)), reason))
    }

    @inline(__always)
    var isEmpty: Bool { self.waiting.isEmpty }

    func hand(to presenter: inout Presenter) {
        for (origin, payload, reason) in self.waiting { presenter.takeOther(origin, payload.span, reason) }
        self.waiting.removeAll(keepingCapacity: true)
    }
}
