import Glibc
import SIPKit
import SIPNet

/// `-F`: OPTIONS as fast as this machine sends, answers to the discard port. CSeq counts up.
///
/// Where the kernel cuts large sends into datagrams (UDP_SEGMENT, Linux 4.18), one call carries up to 64 of them; they have
/// to be equally long, so a batch ends where CSeq gets a digit more.
struct FloodMode {
    let session: Session

    private static let segmentOption: Int32 = 103

    func run() throws -> ExitStatus {
        if self.session.wire.transport.isReliable { return try StreamFlood(session: self.session).run() }
        let console = self.session.console
        let total = self.session.options.end ?? 0x7FFF_FFFF
        var settings = UDPEndpoint.Options()
        settings.sendBuffer = 8 << 20
        let family = self.session.destination.ip.family
        let endpoint = try UDPEndpoint(
            bind: SocketAddress(self.session.options.localIP ?? (family == .v4 ? .anyV4 : .anyV6), 0),
            connect: self.session.destination, options: settings)
        let watch = try? SignalWatch([SIGINT])
        let clock = SystemClock()
        let start = clock.now()
        var sent = 0
        var usesSegments = true
        var failure: Int32?
        while sent < total, failure == nil, watch?.next() == nil {
            // One block: all its messages have equally many digits.
            var next = 10
            while next <= sent + 1 { next *= 10 }
            var block = FloodBlock(self.session, firstNumber: sent + 1)
            let end = Swift.min(total, next - 1)
            if usesSegments { usesSegments = Self.ask(endpoint.descriptor, segment: block.length) }
            while sent < end, failure == nil {
                let count = Swift.min(end - sent, usesSegments ? block.capacity : 1)
                block.number(from: sent + 1, count: count)
                let result = block.send(count, to: endpoint.descriptor)
                if result >= 0 {
                    if self.session.options.verbosity > 0 {
                        for number in (sent + 1)...(sent + count) { console.out("flooding message number \(number)\n") }
                    }
                    sent += count
                } else if errno == EAGAIN || errno == ENOBUFS {
                    var descriptor = pollfd(fd: endpoint.descriptor, events: Int16(POLLOUT), revents: 0)
                    poll(&descriptor, 1, 100)
                    if watch?.next() != nil { break }
                } else if usesSegments, errno == EINVAL || errno == EIO || errno == EMSGSIZE {
                    usesSegments = false
                    _ = Self.ask(endpoint.descriptor, segment: 0)
                } else if errno != EINTR {
                    failure = errno
                }
                if sent & 0xFFFF < count, watch?.next() != nil { return self.finish(sent, clock.now() - start) }
            }
        }
        // The last sends may have been refused without another one to tell it.
        if failure == nil, case let pending = Self.pendingError(endpoint.descriptor), pending != 0 { failure = pending }
        if let failure {
            console.err("send failure: \(SocketText.error(failure))\n")
            return .local
        }
        return self.finish(sent, clock.now() - start)
    }

    func finish(_ sent: Int, _ elapsed: Duration) -> ExitStatus {
        let seconds = Double(elapsed.wholeNanoseconds) / 1e9
        let rate = JSONText.decimal(seconds > 0 ? Double(sent) / seconds : 0, 6)
        if let reporter = self.session.reporter {
            var tally = ProbeTally()
            tally.flood(sent)
            reporter.summary(
                tally, .ok,
                more: [
                    ("seconds", .decimal(seconds, places: 6)),
                    ("rate", .decimal(seconds > 0 ? Double(sent) / seconds : 0, places: 1)),
                ])
        }
        guard self.session.options.printsText else { return .ok }
        self.session.console.out(
            "flood end reached\nit took \(Milliseconds.text(elapsed)) ms seconds to send \(sent) request.\n"
                + "we sent \(rate) requests per second.\n")
        return .ok
    }

    private static func pendingError(_ descriptor: Int32) -> Int32 {
        var code: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
        return code
    }

    private static func ask(_ descriptor: Int32, segment: Int) -> Bool {
        var size = Int32(segment)
        return setsockopt(
            descriptor, Int32(IPPROTO_UDP), Self.segmentOption, &size, socklen_t(MemoryLayout<Int32>.size)) == 0
    }
}

/// Copies of one flood request behind one another, numbered in place.
struct FloodBlock: ~Copyable {
    let length: Int
    let capacity: Int
    private let memory: UnsafeMutablePointer<UInt8>
    /// Where the digits stand that differ: CSeq, then branch, Call-ID and tag.
    private let sequencePlace: Int
    private let sequenceDigits: Int
    private let template: LoadTemplate

    init(_ session: Session, firstNumber: Int) {
        var factory = RequestFactory(
            host: session.factory.host, port: 9, transport: session.factory.transport, ids: session.factory.ids)
        var draft = factory.flood(session.target, sequence: firstNumber, maxForwards: session.options.maxForwards)
        if let extra = session.options.extraHeaders { draft.insertFirst(lines: ShootDraft.lines(extra)) }
        self.template = LoadTemplate(draft, ids: &factory.ids)
        session.factory.ids = factory.ids
        let bytes = self.template.bytes
        let mark = Array("\r\nCSeq: ".utf8)
        let place = (0...Swift.max(0, bytes.count - mark.count)).first {
            bytes[$0..<($0 + mark.count)].elementsEqual(mark)
        }
        self.sequencePlace = (place ?? 0) + mark.count
        self.sequenceDigits = String(firstNumber).utf8.count
        self.length = bytes.count
        self.capacity = Swift.max(1, Swift.min(64, 65_000 / bytes.count))
        self.memory = .allocate(capacity: self.capacity * bytes.count)
        for index in 0..<self.capacity {
            (self.memory + index * bytes.count).initialize(from: bytes, count: bytes.count)
        }
    }

    deinit { self.memory.deallocate() }

    mutating func number(from first: Int, count: Int) {
        for index in 0..<count {
            let message = self.memory + index * self.length
            self.template.number(UInt64(first + index), in: message)
            var rest = first + index
            var at = self.sequencePlace + self.sequenceDigits - 1
            while at >= self.sequencePlace {
                message[at] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
                at -= 1
            }
        }
    }

    /// Whether everything could be sent, however many calls it took.
    func sendAll(_ count: Int, to descriptor: Int32) -> Bool {
        var done = 0
        while done < count * self.length {
            let result = Glibc.send(descriptor, self.memory + done, count * self.length - done, Int32(MSG_NOSIGNAL))
            if result < 0, errno == EINTR { continue }
            guard result > 0 else { return false }
            done += result
        }
        return true
    }

    func send(_ count: Int, to descriptor: Int32) -> Int { Glibc.send(descriptor, self.memory, count * self.length, 0) }
}
