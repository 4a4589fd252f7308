import Glibc
import SIPKit
import SIPNet

/// The proxy as a process: sockets, the loop, signals. Everything it decides is in the shard and the script.
final class ProxyServer {
    struct Configuration {
        var listen = ListenAddress.both(SocketAddress(.loopbackV4, 5060))
        /// Certificate and key of our listeners, and whom clients are asked to have theirs from.
        var tls = TLSOptions()
        /// Whether the certificates of servers that we connect to are checked.
        var verifiesServers = true
        /// Name servers instead of the system's.
        var nameServers: [SocketAddress] = []
        var streams = StreamOptions()
        /// How long a pause that lets datagrams come together is: see ``WakeModeration``.
        var coalesceMicroseconds = 300
        var aliases: [(host: String, port: UInt16?)] = []
        var settings = ProxySettings()
        var users = UserList()
        var log = ProxyLog(threshold: 2)
        /// The database, opened and looked at.
        var persistence = Persistence.none
        var control = ControlSettings()
    }

    /// By the number of their socket; `nil` for sockets of streams.
    private let endpoints: [UDPEndpoint?]
    private let sockets: [ListenSocket]
    private let loop: EventLoop
    private let signals: SignalWatch
    private let clock = SystemClock()
    private let log: ProxyLog
    let state: ProxyState

    private let policy: Policy
    private let coalesceMicroseconds: Int
    private let resolver: Resolver
    private let streams: ProxyStreams
    /// Names that are being looked up, for requests that wait to be relayed.
    private var lookups: [UInt64: PendingLookup] = [:]
    private var lookupCount: UInt64 = 0
    /// Where the database leaves its answers for this loop.
    private let answers: AnswerDesk
    private let statistics: StatisticsDesk
    private let control: ControlServer

    /// Opens the sockets.
    ///
    /// - Throws: ``SocketError``: an address in use, or one that is not this machine's. ``TLSSettingsError``.
    init(_ configuration: Configuration, _ program: Program<RouteContext>) throws {
        var configuration = configuration
        self.log = configuration.log
        self.coalesceMicroseconds = configuration.coalesceMicroseconds
        self.policy = Policy(program: program, processID: getpid(), logger: self.log)
        let loop = try EventLoop()
        self.loop = loop
        StreamOptions.raiseDescriptorLimit()
        var clientTLS = configuration.tls
        clientTLS.verifiesPeer = configuration.verifiesServers
        let transport = try StreamTransport(configuration.streams, tls: clientTLS, waker: loop.waker)
        var endpoints: [UDPEndpoint?] = []
        var sockets: [ListenSocket] = []
        var selves = SelfAddresses()
        for listen in configuration.listen.flatMap(\.concrete) {
            let bound: SocketAddress
            if listen.transport == .udp {
                var options = UDPEndpoint.Options()
                options.reportsErrors = true
                let endpoint = try UDPEndpoint(bind: listen.address, options: options)
                endpoints.append(endpoint)
                bound = endpoint.localAddress
            } else {
                bound = try transport.listen(
                    on: listen.address, listen.transport, number: sockets.count, tls: configuration.tls)
                endpoints.append(nil)
            }
            sockets.append(ListenSocket(bound, listen.transport))
            selves.add(socket: bound)
        }
        for alias in configuration.aliases { selves.add(alias: alias.host, port: alias.port) }
        self.endpoints = endpoints
        self.sockets = sockets
        self.streams = ProxyStreams(transport, sockets, self.log)
        var resolverOptions = Resolver.Options()
        resolverOptions.servers = configuration.nameServers
        let waker = loop.waker
        self.resolver = Resolver(resolverOptions) { waker.wake() }
        self.answers = AnswerDesk(waker: loop.waker)
        self.statistics = StatisticsDesk()
        self.signals = try SignalWatch([SIGINT, SIGTERM, SIGHUP, SIGUSR1])
        for case (let place, let endpoint?) in endpoints.enumerated() {
            try self.loop.add(endpoint.descriptor, token: UInt64(place))
        }
        try self.loop.add(self.signals.descriptor, token: Self.signalToken)
        var random = SystemRandomNumberGenerator()
        func pair() -> (UInt64, UInt64) { (random.next(), random.next()) }
        let locationSecret = KeyedHash(key: pair())
        let media = try Self.relay(for: program, &configuration.settings.media, endpoints.compactMap { $0 }, self.log)
        let rtpproxy = try Self.engine(for: program, configuration.settings.media, self.log)
        let cpl = configuration.settings.store.cpl
        let notes =
            cpl.logFolder.isEmpty && cpl.mailCommand.isEmpty
            ? nil : CPLNoteWriter(folder: cpl.logFolder, command: cpl.mailCommand, log: self.log)
        notes?.start()
        let keepsAlive = program.functions.contains { $0.name == "nat_keepalive" }
        self.state = ProxyState(
            selves: selves, settings: configuration.settings,
            location: LocationTables(
                secret: locationSecret, isPersistent: configuration.persistence.keepsContacts),
            users: configuration.users,
            nonces: NonceBook(Self.issuer(configuration.settings, or: pair())),
            decoy: (0..<32).map { _ in ASCII.hexDigit(UInt8(truncatingIfNeeded: random.next())) },
            secrets: ProxySecrets(transactions: pair(), branches: pair(), tags: pair()), processID: getpid(),
            media: media, rtpproxy: rtpproxy,
            keepAlives: keepsAlive ? KeepAliveBook(seconds: configuration.settings.nat.keepAliveSeconds) : nil,
            asymmetricMedia: AsymmetricClients.patterns(program.script.checked, "rtp_asymmetrics", self.log),
            asymmetricSignalling: AsymmetricClients.patterns(program.script.checked, "sip_asymmetrics", self.log),
            notes: notes,
            resolver: self.resolver,
            connections: transport, persistence: configuration.persistence)
        self.control = ControlServer(
            configuration.control, state: self.state, statistics: self.statistics, sockets: self.sockets, log: self.log)
        for name in configuration.settings.store.contactTables { _ = self.state.location.named(name) }
        for case let endpoint? in endpoints where endpoint.receiveBufferSize < 1 << 20 {
            self.log(
                1,
                "\(endpoint.localAddress): the kernel gives a receive buffer of \(endpoint.receiveBufferSize) bytes only; raise net.core.rmem_max against bursts"
            )
        }
    }

    /// Reads the contacts of the database into memory.
    func loadContacts() throws(StoreError) {
        let begun = self.clock.now()
        let count = try self.state.persistence.load(
            into: self.state.location, byTime: self.state.settings.registrar.descTimeOrder, now: Self.wallTime())
        guard self.state.persistence.keepsContacts else { return }
        let milliseconds = self.clock.now().nanoseconds(since: begun) / 1_000_000
        self.log(2, "\(count) contacts were read in \(milliseconds) ms")
    }

    /// Servers whose scripts have the same secret take one another's nonces: a registration that one sends on has the
    /// digest for the other's challenge, and comes from the other's address.
    private static func issuer(_ settings: ProxySettings, or key: (UInt64, UInt64)) -> NonceIssuer {
        let lifetime = UInt64(clamping: settings.nonceExpire)
        guard !settings.nonceSecret.isEmpty else { return NonceIssuer(key: key, lifetime: lifetime) }
        let digits = String(decoding: DigestAlgorithm.sha256.hex(settings.nonceSecret), as: UTF8.self)
        let half = digits.index(digits.startIndex, offsetBy: 16)
        let end = digits.index(half, offsetBy: 16)
        return NonceIssuer(
            key: (UInt64(digits[..<half], radix: 16) ?? 0, UInt64(digits[half..<end], radix: 16) ?? 0),
            lifetime: lifetime, bindsSource: false, sharesNonces: true, start: UInt64.random(in: 0...(.max)))
    }

    /// The media relay, where the script calls for one.
    private static func relay(
        for program: Program<RouteContext>, _ settings: inout MediaSettings, _ endpoints: [UDPEndpoint], _ log: ProxyLog
    ) throws(SocketError) -> MediaRelay? {
        guard
            settings.listener != nil
                || program.functions.contains(where: { MediaRelay.functions.contains($0.name) })
        else { return nil }
        if settings.addresses.isEmpty { settings.addresses = endpoints.map(\.localAddress.ip) }
        let relay = try MediaRelay(settings, log: log)
        relay.start()
        if let listener = settings.listener { try RTPProxyListener(listener, relay: relay, log: log).start() }
        return relay
    }

    /// The engine of others that the script means, where it calls for one.
    private static func engine(
        for program: Program<RouteContext>, _ settings: MediaSettings, _ log: ProxyLog
    ) throws(SocketError) -> RTPProxyClient? {
        guard program.functions.contains(where: { RTPProxyClient.functions.contains($0.name) }),
            let address = settings.external(program.script.checked, exists: { access($0, F_OK) == 0 }, log: log)
        else { return nil }
        let client = try RTPProxyClient(address, settings, log: log)
        client.start()
        log(2, "media goes through the engine at \(address)")
        return client
    }

    private static let signalToken: UInt64 = 1 << 32

    /// Works until SIGINT or SIGTERM.
    ///
    /// - Returns: the signal that ended it.
    func run() -> Int32 {
        let seat = self.statistics.take(waker: self.loop.waker)
        self.control.start()
        let path = self.state.settings.nat.keepAliveFile
        let kept = path.isEmpty ? nil : self.state.keepAlives.map { KeepAliveFile(path: path, book: $0, log: self.log) }
        kept?.load(self.clock.now(), wall: Self.wallTime())
        defer {
            self.control.stop()
            kept?.save(self.clock.now(), wall: Self.wallTime())
            self.state.persistence.finish(self.state.location)
        }
        var shard = Shard(
            number: 0, state: self.state, policy: self.policy, sockets: self.sockets,
            start: self.clock.now())
        for socket in self.sockets { self.log(2, "listening on \(socket.transport.parameterName):\(socket.address)") }
        /// Whether something waits at the sockets: of the kernel having had no room, or keep-alives.
        var hasLeftovers = false
        // One reference each for the whole loop.
        let (loop, clock, state, log) = (self.loop, self.clock, self.state, self.log)
        let (book, persistence) = (state.keepAlives, state.persistence)
        var nextSweep = clock.now().adding(milliseconds: 1000)
        var clockWatch = ClockWatch()
        var moderation = WakeModeration(microseconds: self.coalesceMicroseconds, now: clock.now())
        var keepAlive = KeepAlive(
            state.settings.nat, sockets: self.sockets, tables: state.location.all,
            tag: state.pingTag, now: clock.now())
        while true {
            var now = clock.now()
            var deadline = Swift.min(shard.nextDeadline ?? nextSweep, nextSweep)
            if let next = keepAlive.deadline(book) { deadline = Swift.min(deadline, next) }
            let events = loop.wait(until: deadline, now: now)
            let before = now
            now = clock.now()
            if events.count > 0, !events.wereWoken,
                let pause = moderation.pause(waited: now.nanoseconds(since: before), now: now)
            {
                var length = timespec(tv_sec: 0, tv_nsec: Int(pause))
                clock_nanosleep(CLOCK_MONOTONIC, 0, &length, nil)
                now = clock.now()
            }
            let wallTime = Self.wallTime()
            let jump = clockWatch.jump(wall: wallTime, now: now)
            if jump != 0 {
                for table in state.location.all { table.shift(by: jump) }
                log(1, "the clock was set by \(jump) s: contacts last as long as before")
            }
            for place in 0..<events.count {
                let event = events[place]
                if event.token == Self.signalToken {
                    while let signal = self.signals.next() {
                        if signal == SIGINT || signal == SIGTERM { return self.stopped(by: signal, shard.statistics) }
                        self.report(shard)
                    }
                } else if event.token < UInt64(self.endpoints.count) {
                    moderation.note(self.serve(Int(event.token), &shard, now, wallTime, isFailed: event.isFailed))
                }
            }
            // Whoever leaves something for this loop wakes it, so a turn without that has nothing to fetch.
            if events.wereWoken {
                self.streams.serve(&shard, now, wallTime)
                self.takeAnswers(&shard, now, wallTime)
                self.statistics.serve(seat) { LoopFigures(shard) }
            }
            shard.tick(now, wallTime: wallTime)
            if now >= nextSweep { shard.probeDestinations(now) }
            for packet in keepAlive.work(now: now, wallTime: wallTime, book: book) {
                self.endpoints[packet.socket]?.enqueue(copying: packet.bytes, to: packet.address)
                hasLeftovers = true
            }
            self.askQuestions(&shard, now, wallTime)
            self.flush(&shard, now, &hasLeftovers)
            if now >= nextSweep {
                for table in state.location.all { _ = table.sweep(now: wallTime) }
                persistence.tick(state.location, now: wallTime)
                nextSweep = now.adding(milliseconds: 1000)
            }
        }
    }

    /// Takes in what has come to a socket.
    ///
    /// - Returns: how many datagrams that were.
    private func serve(
        _ socket: Int, _ shard: inout Shard, _ now: MonotonicTime, _ wallTime: Int64, isFailed: Bool
    ) -> Int {
        guard let endpoint = self.endpoints[socket] else { return 0 }
        let batch = endpoint.receive()
        for place in 0..<batch.count {
            let datagram = batch[place]
            guard !datagram.isTruncated else { continue }
            let destination = SocketAddress(
                datagram.destination ?? endpoint.localAddress.ip, endpoint.localAddress.port)
            shard.receive(
                UnsafeBufferPointer<UInt8>(datagram.bytes), from: Peer(datagram.source, .udp, socket: UInt16(socket)),
                to: destination, now: now, wallTime: wallTime)
        }
        if isFailed {
            while let error = endpoint.nextError() { shard.deliveryFailed(error.destination, .udp, now: now) }
        }
        return batch.count
    }

    /// Passes on what the script and the relaying of requests want to know.
    private func askQuestions(_ shard: inout Shard, _ now: MonotonicTime, _ wallTime: Int64) {
        while let pending = shard.questions.popLast() {
            if case .media(let order) = pending.question, let engine = self.state.rtpproxy {
                let desk = self.answers
                let number = pending.number
                engine.ask(order) { places in desk.put(number, places.map { Answer.media($0) } ?? .failed) }
                continue
            }
            if case .addresses(let host) = pending.question {
                // With a port there is nothing to ask for but addresses.
                self.resolver.ask(UInt64(pending.number), ResolverRequest(host: host, port: 5060))
                continue
            }
            if let database = self.state.persistence.database,
                database.ask(pending.number, pending.question, self.answers)
            {
                continue
            }
            // Nobody can be asked now, and the script decides what that means.
            shard.answer(pending.number, .failed, now: now, wallTime: wallTime)
        }
        while let lookup = shard.lookups.popLast() {
            self.lookupCount += 1
            let number = Self.lookupMark | self.lookupCount
            self.lookups[number] = lookup
            self.resolver.ask(number, lookup.request)
        }
    }

    /// Brings the shard what has been found out.
    private func takeAnswers(_ shard: inout Shard, _ now: MonotonicTime, _ wallTime: Int64) {
        for (number, resolution) in self.resolver.takeAnswers() {
            if number & Self.lookupMark != 0 {
                guard let lookup = self.lookups.removeValue(forKey: number) else { continue }
                shard.resolved(lookup, resolution, now: now, wallTime: wallTime)
            } else {
                let addresses = resolution.targets.map(\.address.ip)
                shard.answer(
                    UInt32(truncatingIfNeeded: number), addresses.isEmpty ? .failed : .addresses(addresses), now: now,
                    wallTime: wallTime)
            }
        }
        for (number, answer) in self.answers.take() { shard.answer(number, answer, now: now, wallTime: wallTime) }
    }

    /// Tells lookups for relaying from questions of the script.
    private static let lookupMark: UInt64 = 1 << 48

    private func flush(_ shard: inout Shard, _ now: MonotonicTime, _ hasLeftovers: inout Bool) {
        if hasLeftovers {
            hasLeftovers = false
            for case let endpoint? in self.endpoints where !endpoint.flush() { hasLeftovers = true }
        }
        // A place that cannot be reached makes the shard try the next, or give up: a few rounds, then the loop's next.
        for _ in 0..<8 {
            self.sendOutbox(&shard, &hasLeftovers)
            guard self.streams.needSettling, self.streams.settle(&shard, now) else { return }
        }
    }

    private func sendOutbox(_ shard: inout Shard, _ hasLeftovers: inout Bool) {
        guard !shard.outbox.isEmpty else { return }
        // What leaves in one turn mostly leaves by one socket.
        var socket: UInt16?
        var endpoint: UDPEndpoint?
        let waiting = shard.outbox
        for place in 0..<waiting.count {
            let outgoing = waiting[place]
            if outgoing.peer.socket != socket {
                if endpoint?.flush() == false { hasLeftovers = true }
                socket = outgoing.peer.socket
                endpoint = self.endpoints[Int(outgoing.peer.socket)]
            }
            if let endpoint {
                endpoint.enqueue(borrowing: outgoing.bytes, to: outgoing.peer.address)
            } else {
                self.streams.send(outgoing, serverName: shard.names[outgoing.peer.name])
            }
        }
        if endpoint?.flush() == false { hasLeftovers = true }
        shard.sent()
    }

    private func stopped(by signal: Int32, _ statistics: ProxyStatistics) -> Int32 {
        self.log(
            2,
            "stopped by \(signal == SIGINT ? "SIGINT" : "SIGTERM") after \(statistics.requests) requests and \(statistics.responses) responses"
        )
        return signal
    }

    /// SIGHUP and SIGUSR1 ask how it goes.
    private func report(_ shard: borrowing Shard) {
        let counted = shard.statistics
        self.log(
            2,
            "\(counted.requests) requests, \(counted.responses) responses, \(counted.repeats) repeats absorbed, \(counted.malformed) malformed, \(counted.strayResponses) stray responses, \(shard.servers.liveCount) transactions, \(self.state.location.location.bindingCount) bindings"
        )
    }

    private static func wallTime() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME_COARSE, &now)
        return Int64(now.tv_sec)
    }
}
