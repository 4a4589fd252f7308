import CCares
import CSockets
import Glibc
import SIPKit
import Synchronization

/// Asks name servers, on a thread of its own: c-ares sends, repeats and gives up; whoever asks never waits.
final class DNSClient: Sendable {
    struct Options: Sendable {
        /// Name servers to ask instead of the system's.
        var servers: [SocketAddress] = []
        /// For the first try; each further one has twice as long.
        var timeout = Duration.milliseconds(1_500)
        var tries = 2
    }

    private struct State {
        var asked: [DNSQuestion] = []
        var isStopped = false
    }

    /// More questions at a time are answered with "failed".
    static let mostPending = 4_096

    private let state = Mutex(State())
    private let wakeDescriptor: Int32
    private let answered: @Sendable (DNSQuestion, DNSAnswer) -> Void
    private let options: Options

    /// - Parameter answered: called on the client's thread.
    init(_ options: Options, answered: @escaping @Sendable (DNSQuestion, DNSAnswer) -> Void) throws(SocketError) {
        self.options = options
        self.answered = answered
        let descriptor = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        guard descriptor >= 0 else { throw SocketError("open an eventfd", code: errno) }
        self.wakeDescriptor = descriptor
        var thread = pthread_t()
        let context = Unmanaged.passRetained(self).toOpaque()
        let failed = pthread_create(
            &thread, nil,
            { context in
                if let context { Unmanaged<DNSClient>.fromOpaque(context).takeRetainedValue().work() }
                return nil
            }, context)
        guard failed == 0 else {
            Unmanaged<DNSClient>.fromOpaque(context).release()
            throw SocketError("start the resolver's thread", code: failed)
        }
        pthread_detach(thread)
    }

    deinit { close(self.wakeDescriptor) }

    /// - Returns: `false` when too much is being asked already.
    func ask(_ question: DNSQuestion) -> Bool {
        let isTaken = self.state.withLock { state in
            guard state.asked.count < Self.mostPending else { return false }
            state.asked.append(question)
            return true
        }
        if isTaken { eventfd_write(self.wakeDescriptor, 1) }
        return isTaken
    }

    /// Ends the thread; open questions get no answer.
    func stop() {
        self.state.withLock { $0.isStopped = true }
        eventfd_write(self.wakeDescriptor, 1)
    }

    // MARK: The thread

    /// What a callback of c-ares needs.
    private final class Pending {
        let client: DNSClient
        let question: DNSQuestion
        init(_ client: DNSClient, _ question: DNSQuestion) {
            self.client = client
            self.question = question
        }
    }

    private func work() {
        ares_library_init(ARES_LIB_INIT_ALL)
        guard let channel = self.openChannel() else { return self.failAll() }
        defer { ares_destroy(channel) }
        while true {
            let (asked, isStopped) = self.state.withLock { state in
                defer { state.asked = [] }
                return (state.asked, state.isStopped)
            }
            if isStopped { return }
            for question in asked { self.query(channel, question) }
            self.wait(channel)
        }
    }

    private func openChannel() -> ares_channel? {
        var options = ares_options()
        let (seconds, attoseconds) = self.options.timeout.components
        options.timeout = Int32(clamping: seconds * 1_000 + attoseconds / 1_000_000_000_000_000)
        options.tries = Int32(clamping: self.options.tries)
        // Answers with an error code are told, not turned into silence; no search domains: names of SIP are whole.
        options.flags = ARES_FLAG_NOCHECKRESP | ARES_FLAG_NOSEARCH
        let mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_FLAGS
        var channel: ares_channel?
        guard ares_init_options(&channel, &options, mask) == ARES_SUCCESS, let channel else {
            return nil
        }
        if !self.options.servers.isEmpty {
            let list = self.options.servers.map { "\($0)" }.joined(separator: ",")
            ares_set_servers_ports_csv(channel, list)
        }
        return channel
    }

    private func failAll() {
        while true {
            let (asked, isStopped) = self.state.withLock { state in
                defer { state.asked = [] }
                return (state.asked, state.isStopped)
            }
            if isStopped { return }
            for question in asked {
                self.answered(question, DNSAnswer(.failed("the resolver cannot be set up"), lifetime: DNSCache.failure))
            }
            self.sleep([], milliseconds: -1)
        }
    }

    private func query(_ channel: ares_channel, _ question: DNSQuestion) {
        if let known = HostsFile.addresses(of: question, channel) {
            return self.answered(question, DNSAnswer(.records(known.map { .address($0) }), lifetime: 30))
        }
        let pending = Unmanaged.passRetained(Pending(self, question)).toOpaque()
        ares_query(
            channel, question.name.text, 1, Int32(question.kind.rawValue),
            { argument, status, _, bytes, count in
                guard let argument else { return }
                let pending = Unmanaged<Pending>.fromOpaque(argument).takeRetainedValue()
                var copy: [UInt8] = []
                if let bytes, count > 0 { copy = Array(UnsafeBufferPointer(start: bytes, count: Int(count))) }
                pending.client.finish(pending.question, status, copy)
            }, pending)
    }

    private func finish(_ question: DNSQuestion, _ status: Int32, _ bytes: [UInt8]) {
        guard status != ARES_EDESTRUCTION else { return }
        if !bytes.isEmpty, let answer = DNSMessage.answer(bytes, to: question) {
            return self.answered(question, answer)
        }
        let reason =
            switch status {
            case ARES_ETIMEOUT: "no answer from the name server"
            case ARES_ECONNREFUSED: "the name server cannot be reached"
            case ARES_ESERVFAIL: "the name server has failed (SERVFAIL)"
            case ARES_EREFUSED: "the name server refuses to answer (REFUSED)"
            case ARES_ENOTFOUND, ARES_ENODATA: "no such name"
            case ARES_SUCCESS: "the answer cannot be read"
            default: String(cString: ares_strerror(status))
            }
        self.answered(question, DNSAnswer(.failed(reason), lifetime: DNSCache.failure))
    }

    /// Until a name server answers, a try has run out, or somebody asks.
    private func wait(_ channel: ares_channel) {
        var sockets = [ares_socket_t](repeating: 0, count: Int(ARES_GETSOCK_MAXNUM))
        let mask = UInt32(bitPattern: ares_getsock(channel, &sockets, Int32(sockets.count)))
        var watched: [pollfd] = []
        for place in 0..<sockets.count {
            let reads = mask >> UInt32(place) & 1 != 0
            let writes = mask >> UInt32(place + Int(ARES_GETSOCK_MAXNUM)) & 1 != 0
            guard reads || writes else { continue }
            let events = Int16(reads ? POLLIN : 0) | Int16(writes ? POLLOUT : 0)
            watched.append(pollfd(fd: sockets[place], events: events, revents: 0))
        }
        var milliseconds: Int32 = -1
        if !watched.isEmpty {
            var longest = timeval(tv_sec: 5, tv_usec: 0)
            var next = timeval()
            if ares_timeout(channel, &longest, &next) != nil {
                milliseconds = Int32(clamping: next.tv_sec * 1_000 + next.tv_usec / 1_000 + 1)
            }
        }
        let ready = self.sleep(watched, milliseconds: milliseconds)
        var isAny = false
        for entry in ready where entry.revents != 0 {
            isAny = true
            let failed = entry.revents & Int16(POLLERR | POLLHUP | POLLIN) != 0
            let writes = entry.revents & Int16(POLLOUT) != 0
            ares_process_fd(channel, failed ? entry.fd : ARES_SOCKET_BAD, writes ? entry.fd : ARES_SOCKET_BAD)
        }
        if !isAny { ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD) }
    }

    @discardableResult
    private func sleep(_ watched: [pollfd], milliseconds: Int32) -> [pollfd] {
        var all = watched + [pollfd(fd: self.wakeDescriptor, events: Int16(POLLIN), revents: 0)]
        guard poll(&all, nfds_t(all.count), milliseconds) > 0 else { return [] }
        if all[all.count - 1].revents != 0 {
            var value: eventfd_t = 0
            eventfd_read(self.wakeDescriptor, &value)
        }
        all.removeLast()
        return all
    }
}
