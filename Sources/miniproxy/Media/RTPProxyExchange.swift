import SIPKit

/// Commands that wait for an answer over UDP: cookies, repeats, the end of patience. Bytes and time go in, bytes come out.
struct RTPProxyExchange {
    private struct Job {
        var places: [SocketAddress?]
        var missing: Int
        var isFailed = false
        var deliver: @Sendable ([SocketAddress?]?) -> Void
    }
    private struct Command {
        var job: UInt64
        var place: Int
        var line: [UInt8]
        var sent = 1
        var next: MonotonicTime
    }

    private let settings: MediaSettings
    private var jobs: [UInt64: Job] = [:]
    private var commands: [UInt64: Command] = [:]
    private var count: UInt64 = 0
    private var isSilent = false

    init(settings: MediaSettings) { self.settings = settings }

    /// - Returns: the datagrams to send.
    mutating func begin(
        _ commands: [RTPProxyCommand?], deliver: @escaping @Sendable ([SocketAddress?]?) -> Void, now: MonotonicTime
    ) -> [[UInt8]] {
        self.count += 1
        let number = self.count
        var lines: [[UInt8]] = []
        for (place, command) in commands.enumerated() {
            guard let command else { continue }
            self.count += 1
            var line = Array("m\(self.count) ".utf8)
            line += command.text
            line.append(ASCII.lf)
            self.commands[self.count] = Command(
                job: number, place: place, line: line,
                next: now.adding(nanoseconds: self.settings.patience.nanoseconds))
            lines.append(line)
        }
        guard !lines.isEmpty else {
            deliver(commands.map { _ in nil })
            return []
        }
        self.jobs[number] = Job(places: commands.map { _ in nil }, missing: lines.count, deliver: deliver)
        return lines
    }

    /// An answer: `COOKIE PORT [ADDRESS]`. One that nobody waits for is left alone.
    mutating func received(_ line: [UInt8], from engine: RTPProxyAddress) {
        let words = RTPProxyCommand.words(line)
        guard let cookie = words.first, cookie.first == UInt8(ascii: "m") else { return }
        let digits = Array(cookie.dropFirst())
        guard let number = UInt64(String(decoding: digits, as: UTF8.self)), let command = self.commands[number] else {
            return
        }
        self.commands[number] = nil
        let reply = RTPProxyReply(parsing: line.drop { !ASCII.isLWS($0) })
        var place: SocketAddress?
        if let reply, reply.port > 0 {
            // An engine that names no address is on this machine, or sends from where it takes commands.
            var own = IPAddress.anyV4
            if case .udp(let address) = engine, !address.ip.isLoopback { own = address.ip }
            place = SocketAddress(reply.ip ?? own, reply.port)
        }
        self.answered(command, place)
    }

    private mutating func answered(_ command: Command, _ place: SocketAddress?) {
        guard var job = self.jobs[command.job] else { return }
        job.places[command.place] = place
        job.missing -= 1
        if place == nil { job.isFailed = true }
        guard job.missing == 0 else {
            self.jobs[command.job] = job
            return
        }
        self.jobs[command.job] = nil
        job.deliver(job.isFailed ? nil : job.places)
    }

    var nextDeadline: MonotonicTime? { self.commands.values.map(\.next).min() }

    /// Repeats what has waited long enough and gives up what was repeated often enough.
    mutating func due(_ now: MonotonicTime) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        for (number, command) in self.commands where command.next <= now {
            if command.sent > self.settings.retries {
                self.commands[number] = nil
                self.isSilent = true
                self.answered(command, nil)
            } else {
                self.commands[number]?.sent += 1
                self.commands[number]?.next = now.adding(nanoseconds: self.settings.patience.nanoseconds)
                lines.append(command.line)
            }
        }
        return lines
    }

    /// Whether somebody was given up since the last call.
    mutating func takeSilence() -> Bool {
        defer { self.isSilent = false }
        return self.isSilent
    }
}
