import NIOCore
import SIPKit
import Synchronization

/// The course of one connection, from the first packet to the event that tells of its end.
///
/// Belongs to its channel's thread. The handlers of the pipeline report to it; it keeps the time and tells the inbox.
final class ConnectionLife {
    private enum Phase { case connecting, shaking, open, over }

    let connection: StreamConnection
    let channel: any Channel
    let options: StreamOptions
    private let shared: StreamTransport.Shared
    private var phase: Phase
    /// The first thing that went wrong.
    private var reason: StreamError?
    /// What is waited for, for the words of a timeout.
    private var waitingFor: String
    private var deadline: NIODeadline
    private var timer: Scheduled<Void>?
    private var timerAt = NIODeadline.distantFuture
    private let began = NIODeadline.now()
    private var connectedAt: NIODeadline?

    init(_ connection: StreamConnection, _ channel: any Channel, _ shared: StreamTransport.Shared) {
        self.connection = connection
        self.channel = channel
        self.shared = shared
        self.options = shared.options
        self.phase = connection.isInbound ? .shaking : .connecting
        self.waitingFor = connection.isInbound ? "handshake" : "connection"
        self.deadline = .now() + .init(shared.options.openTimeout)
    }

    var isOpen: Bool { self.phase == .open }

    /// To be called once, when the channel is made.
    func begin() {
        self.connection.state.withLock { $0.channel = self.channel }
        self.setTimer()
        let loopBound = NIOLoopBound(self, eventLoop: self.channel.eventLoop)
        self.channel.closeFuture.whenComplete { _ in loopBound.value.channelClosed() }
    }

    /// TCP is there.
    func connected() {
        guard self.phase == .connecting || self.phase == .shaking else { return }
        self.phase = .shaking
        self.waitingFor = self.connection.transport.isSecure ? "TLS handshake" : "WebSocket handshake"
        let local = SIPKit.SocketAddress(self.channel.localAddress)
        let now = NIODeadline.now()
        self.connectedAt = now
        let took: Duration? = self.connection.isInbound ? nil : .nanoseconds((now - self.began).nanoseconds)
        self.connection.state.withLock { state in
            state.local = local
            state.handshakes.connect = took
        }
    }

    func secured(_ facts: TLSFacts) {
        self.waitingFor = "WebSocket handshake"
        let took = self.connectedAt.map { Duration.nanoseconds((NIODeadline.now() - $0).nanoseconds) }
        self.connection.state.withLock { state in
            state.tls = facts
            state.handshakes.tls = took
        }
    }

    /// Messages may travel.
    func opened() {
        guard self.phase == .shaking else { return }
        self.phase = .open
        self.waitingFor = "message"
        self.expect(within: self.connection.isInbound ? self.options.messageTimeout : self.options.idleTimeout)
        self.connection.state.withLock { $0.isOpen = true }
        self.shared.inbox.put(.opened(self.connection))
        self.connection.drain(self.channel)
    }

    func received(_ message: [UInt8]) { self.shared.inbox.put(.message(self.connection, message)) }

    /// A batch of bytes has been worked off; `isWithin` tells whether a message has begun and not ended.
    func worked(isWithin: Bool, wasWithin: Bool) {
        if !isWithin {
            self.waitingFor = "message or keep-alive"
            self.expect(within: self.options.idleTimeout)
        } else if !wasWithin {
            self.waitingFor = "end of a message"
            self.expect(within: self.options.messageTimeout)
        }
        self.shared.inbox.pauseWhenFull(self.channel)
    }

    /// The stream has lost its frames. Whoever owns the transport has a second to answer.
    func refused(_ head: [UInt8], _ error: ParseError) {
        self.reason = self.reason ?? .framing(error)
        self.channel.setOption(.autoRead, value: false).whenFailure { _ in }
        self.expect(within: .seconds(1))
        self.shared.inbox.put(.refused(self.connection, head: head, error))
    }

    /// Something went wrong: the connection ends.
    func fail(_ error: StreamError) {
        self.reason = self.reason ?? error
        self.channel.close(promise: nil)
    }

    /// TCP did not come about.
    func connectFailed(_ error: StreamError) {
        self.reason = self.reason ?? error
        guard self.phase == .connecting else { return }
        self.end()
    }

    private func channelClosed() {
        // What became of connecting is told by its own future, which knows why.
        guard self.phase != .connecting else { return }
        self.end()
    }

    private func end() {
        guard self.phase != .over else { return }
        let wasOpen = self.phase == .open
        self.phase = .over
        self.timer?.cancel()
        let closedByUs = self.connection.state.withLock { state in
            defer {
                state.isOver = true
                state.channel = nil
                state.queue = []
            }
            return state.isClosing
        }
        self.shared.table.withLock { $0.remove(self.connection) }
        let reason = self.reason ?? (closedByUs ? .closedByUs : .closedByPeer)
        self.shared.inbox.put(.closed(self.connection, reason, wasOpen: wasOpen))
    }

    // MARK: Time

    private func expect(within duration: Duration) {
        self.deadline = .now() + .init(duration)
        // A later deadline waits for the timer that runs: it looks then how much is left.
        if self.deadline < self.timerAt { self.setTimer() }
    }

    private func setTimer() {
        self.timer?.cancel()
        self.timerAt = self.deadline
        let loopBound = NIOLoopBound(self, eventLoop: self.channel.eventLoop)
        self.timer = self.channel.eventLoop.scheduleTask(deadline: self.deadline) { loopBound.value.timerFired() }
    }

    private func timerFired() {
        guard self.phase != .over else { return }
        guard NIODeadline.now() >= self.deadline else { return self.setTimer() }
        self.timerAt = .distantFuture
        self.fail(.timedOut(self.waitingFor))
    }
}
