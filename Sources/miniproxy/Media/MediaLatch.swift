import SIPKit

/// Whose packets a port of the relay takes, and where it sends.
///
/// A phone behind NAT announces an address that nobody can reach; where it really is shows in its first packet. Whoever
/// sends that first packet gets the call's audio, so it is believed only
/// - from an address that the signalling names: the one in the session description, or the one the message came from,
/// - while a window is open that begins with an offer or an answer,
/// - and once. From then on nobody else is heard and nothing goes anywhere else.
struct MediaLatch: Sendable, Equatable {
    enum Verdict: Equatable {
        case accepted
        /// Accepted, and from now on the only one.
        case learned
        case refused
    }

    /// What the session description says; `nil` on hold and before there was one.
    private(set) var announced: SocketAddress?
    /// Where the message with the description came from.
    private(set) var signalling: IPAddress?
    /// The one source that is heard.
    private(set) var source: SocketAddress?
    private(set) var windowEnd = MonotonicTime.zero
    /// The client sends from another port than it listens on: what it announces stays the target.
    private(set) var isAsymmetric = false

    /// Where packets go: to the learned address, before that to the announced one if it can be the phone's own.
    var target: SocketAddress? {
        if self.isAsymmetric { return self.announced }
        if let source = self.source { return source }
        guard let announced = self.announced else { return nil }
        // 10.0.0.5 of somebody who is seen as 198.51.100.7 is somebody else's 10.0.0.5 here.
        return announced.ip.isPrivate && announced.ip != self.signalling ? nil : announced
    }

    /// A description has come. The same address as before changes nothing (a session that is refreshed or resumed).
    mutating func announce(
        _ address: SocketAddress?, from signalling: IPAddress?, isAsymmetric: Bool, window: TimerInterval,
        now: MonotonicTime
    ) {
        self.isAsymmetric = isAsymmetric
        guard let address else { return }
        if address == self.announced, signalling == self.signalling, self.source != nil { return }
        self.announced = address
        self.signalling = signalling
        self.source = nil
        self.windowEnd = now.adding(nanoseconds: window.nanoseconds)
    }

    mutating func receive(from sender: SocketAddress, now: MonotonicTime) -> Verdict {
        if let source = self.source { return sender == source ? .accepted : .refused }
        guard let announced = self.announced else { return .refused }
        let isExpected =
            sender == announced
            || now <= self.windowEnd && (sender.ip == announced.ip || sender.ip == self.signalling)
        guard isExpected else { return .refused }
        self.source = sender
        return .learned
    }

    /// RTCP comes from where RTP comes from: once one is known, the other is not believed from elsewhere.
    mutating func expect(host: IPAddress) {
        guard self.source == nil, let announced = self.announced else { return }
        self.signalling = host
        if announced.ip != host, !self.isAsymmetric { self.announced = SocketAddress(host, announced.port) }
    }
}
