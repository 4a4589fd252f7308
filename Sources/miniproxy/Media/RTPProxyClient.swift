import Glibc
import SIPKit
import SIPNet
import Synchronization

/// Drives an external media engine with rtpproxy's protocol, on a thread of its own.
///
/// A message waits parked for the engine's answer, as for a database.
final class RTPProxyClient: Sendable {
    /// The functions of scripts that ask it.
    static let functions: Set<String> = ["force_rtp_proxy", "rtpproxy_manage", "rtpproxy_offer", "rtpproxy_answer"]

    private struct Job: Sendable {
        var commands: [RTPProxyCommand?]
        var deliver: @Sendable ([SocketAddress?]?) -> Void
    }
    private struct Shared {
        var jobs: [Job] = []
        /// Nobody is asked before.
        var restEnd = MonotonicTime.zero
    }
    /// How many orders may wait.
    private static let limit = 4_096

    let address: RTPProxyAddress
    private let settings: MediaSettings
    private let log: ProxyLog
    private let shared = Mutex(Shared())
    private nonisolated(unsafe) let loop: EventLoop
    private nonisolated(unsafe) let endpoint: UDPEndpoint?

    /// - Throws: ``SocketError`` where the system gives no socket.
    init(
        _ address: RTPProxyAddress, _ settings: MediaSettings, log: ProxyLog
    ) throws(SocketError) {
        self.address = address
        self.settings = settings
        self.log = log
        let loop = try EventLoop()
        self.loop = loop
        if case .udp(let place) = address {
            let own: IPAddress = place.ip.family == .v4 ? .anyV4 : .anyV6
            let endpoint = try UDPEndpoint(bind: SocketAddress(own, 0), connect: place)
            try loop.add(endpoint.descriptor, token: 0)
            self.endpoint = endpoint
        } else {
            self.endpoint = nil
        }
    }

    func start() {
        let isStarted = DetachedThread.start("rtpproxy client") {
            var exchange = RTPProxyExchange(settings: self.settings)
            let clock = SystemClock()
            while true {
                _ = self.loop.wait(until: exchange.nextDeadline, now: clock.now())
                self.turn(&exchange, clock.now())
            }
        }
        if !isStarted { self.log(-1, "rtpproxy: the system gives no thread; nobody is asked") }
    }

    // MARK: From the proxy's loops

    /// Asks; the answer comes later, or `nil` when there is none.
    func ask(_ order: RTPProxyOrder, _ deliver: @escaping @Sendable ([SocketAddress?]?) -> Void) {
        let now = SystemClock().now()
        let isTaken = self.shared.withLock { shared -> Bool in
            guard order.canBeTold, shared.restEnd <= now, shared.jobs.count < Self.limit else { return false }
            shared.jobs.append(Job(commands: order.commands, deliver: deliver))
            return true
        }
        if isTaken { self.loop.waker.wake() } else { deliver(nil) }
    }

    /// Tells that a call is over; nobody waits for the answer.
    func end(_ party: RTPProxyCommand.Party) {
        guard RTPProxyCommand.isWord(party.callID), RTPProxyCommand.isWord(party.tag) else { return }
        let now = SystemClock().now()
        self.shared.withLock { shared in
            guard shared.restEnd <= now, shared.jobs.count < Self.limit else { return }
            shared.jobs.append(Job(commands: [.end(party)], deliver: { _ in }))
        }
        self.loop.waker.wake()
    }

    // MARK: The thread

    private func turn(_ exchange: inout RTPProxyExchange, _ now: MonotonicTime) {
        let jobs = self.shared.withLock { shared in
            defer { if !shared.jobs.isEmpty { shared.jobs = [] } }
            return shared.jobs
        }
        for job in jobs {
            guard let endpoint else {
                job.deliver(self.askInStream(job.commands))
                continue
            }
            for line in exchange.begin(job.commands, deliver: job.deliver, now: now) { endpoint.enqueue(copying: line) }
        }
        guard let endpoint else { return }
        let batch = endpoint.receive()
        for number in 0..<batch.count { exchange.received(Array(batch[number].bytes), from: self.address) }
        for line in exchange.due(now) { endpoint.enqueue(copying: line) }
        _ = endpoint.flush()
        while endpoint.nextError() != nil {}
        if exchange.takeSilence() { self.rest(now, "no answer") }
    }

    /// Leaves the engine alone for a while.
    private func rest(_ now: MonotonicTime, _ reason: String) {
        let end = now.adding(nanoseconds: self.settings.rest.nanoseconds)
        let isNews = self.shared.withLock { shared -> Bool in
            defer { shared.restEnd = end }
            return shared.restEnd <= now
        }
        guard isNews else { return }
        self.log(
            -1,
            "rtpproxy at \(self.address): \(reason); it is not asked again for \(self.settings.rest.nanoseconds / 1_000_000_000) s, and force_rtp_proxy() is false meanwhile"
        )
    }

    /// A connection for each command, as rtpproxy wants it at a Unix socket.
    private func askInStream(_ commands: [RTPProxyCommand?]) -> [SocketAddress?]? {
        guard case .unix(let path) = self.address else { return nil }
        var places: [SocketAddress?] = []
        for command in commands {
            guard let command else {
                places.append(nil)
                continue
            }
            guard let line = UnixExchange.ask(path, command.text, patience: self.settings.patience) else {
                self.rest(SystemClock().now(), "it cannot be reached or does not answer")
                return nil
            }
            guard let reply = RTPProxyReply(parsing: line), reply.port > 0 else { return nil }
            places.append(SocketAddress(reply.ip ?? .anyV4, reply.port))
        }
        return places
    }
}

/// One command and its answer over a Unix stream socket; waits, so only for threads of their own.
enum UnixExchange {
    /// - Returns: the line that came; `nil` where nobody is there or nothing comes in time.
    static func ask(_ path: String, _ text: [UInt8], patience: TimerInterval) -> [UInt8]? {
        guard let address = UnixAddress(path) else { return nil }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var limit = timeval()
        limit.tv_sec = Int(patience.nanoseconds / 1_000_000_000)
        limit.tv_usec = Int(patience.nanoseconds / 1_000 % 1_000_000)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        guard address.with({ connect(descriptor, $0, $1) == 0 }) else { return nil }
        let line = text + [ASCII.lf]
        guard
            line.withUnsafeBytes({ send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) })
                == line.count
        else { return nil }
        var answer: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1_024)
        while answer.count < 4_096, !answer.contains(ASCII.lf) {
            let count = part.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, $0.count, 0) }
            guard count > 0 else { break }
            answer += part[..<count]
        }
        return answer.isEmpty ? nil : answer
    }
}
