import SIPKit
import SIPNet
import Synchronization

/// Carries the media of calls between phones that cannot reach one another.
///
/// A thread of its own moves the packets. Scripts change sessions from the loops of the proxy; a lock, held for one
/// burst of packets at most, keeps the two apart.
final class MediaRelay: Sendable {
    /// The functions of scripts that need one.
    static let functions: Set<String> = [
        "use_media_proxy", "force_rtp_proxy", "rtpproxy_manage", "rtpproxy_offer", "rtpproxy_answer",
    ]

    private let table: Mutex<MediaTable>
    // epoll may be given descriptors by one thread while another waits in it.
    private nonisolated(unsafe) let loop: EventLoop
    private let addresses: [IPAddress]
    private let isStopped = Atomic<Bool>(false)
    private let log: ProxyLog

    /// - Throws: ``SocketError`` where the system gives no event queue.
    init(_ settings: MediaSettings, log: ProxyLog) throws(SocketError) {
        self.table = Mutex(MediaTable(settings))
        self.addresses = settings.addresses
        self.loop = try EventLoop()
        self.log = log
    }

    /// Begins to move packets.
    func start() {
        if !DetachedThread.start("media relay", { self.run() }) {
            self.log(-1, "media relay: the system gives no thread; no media is carried")
        }
    }

    func stop() {
        self.isStopped.store(true, ordering: .relaxed)
        self.loop.waker.wake()
    }

    private func run() {
        let clock = SystemClock()
        var nextSweep = clock.now().adding(milliseconds: 1_000)
        while !self.isStopped.load(ordering: .relaxed) {
            let events = self.loop.wait(until: nextSweep, now: clock.now())
            let now = clock.now()
            self.table.withLock { table in
                for number in 0..<events.count where events[number].token != EventLoop.wakeToken {
                    table.serve(events[number].token, now: now)
                }
            }
            guard now >= nextSweep else { continue }
            nextSweep = now.adding(milliseconds: 1_000)
            for callID in self.table.withLock({ $0.sweep(now: now) }) {
                self.log(1, "media relay: no packets any more, ended \(Printable.text(callID))")
            }
        }
    }

    // MARK: From scripts and from the control socket

    /// See ``MediaTable/update(_:now:opened:)``.
    func update(_ update: MediaUpdate) throws(MediaError) -> [SocketAddress?] {
        let now = SystemClock().now()
        let result: Result<[SocketAddress?], MediaError> = self.table.withLock { table in
            do throws(MediaError) {
                return .success(
                    try table.update(update, now: now) { descriptor, token in
                        try? self.loop.add(descriptor, token: token)
                    })
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// The offer of this call will come in an answer: that may begin the session then.
    func expect(_ update: MediaUpdate) {
        let now = SystemClock().now()
        self.table.withLock { $0.expect(update, now: now) }
    }

    /// Ends the call that has one of these tags as its caller's.
    func end(callID: [UInt8], tags tag: [UInt8], _ other: [UInt8]) -> Bool {
        self.table.withLock { $0.end(callID: callID, tags: tag, other) }
    }

    func endAll() { self.table.withLock { $0.endAll() } }

    /// See ``MediaTable/figures(callID:_:_:now:)``.
    func figures(callID: [UInt8], _ tag: [UInt8], _ other: [UInt8]) -> (Int64, UInt64, UInt64)? {
        let now = SystemClock().now()
        return self.table.withLock { $0.figures(callID: callID, tag, other, now: now) }
    }

    /// Our address of a family.
    func address(_ family: IPAddress.Family) -> IPAddress? { self.addresses.first { $0.family == family } }

    func reports() -> [MediaReport] {
        let now = SystemClock().now()
        return self.table.withLock { $0.reports(now: now) }
    }
}
