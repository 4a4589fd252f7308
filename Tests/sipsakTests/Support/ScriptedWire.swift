import SIPKit

@testable import sipsak

/// A network of one peer that the test plays, and the clock that goes with it: nothing waits.
final class ScriptedWire: Wire {
    enum Event {
        case bytes([UInt8])
        case failed(Int32)
        case interrupted
    }

    let transport = TransportProtocol.udp
    var copies: [any TrafficCopy] = []
    let local = SocketAddress(IPAddress("192.0.2.1")!, 5070)
    let peer = SocketAddress(IPAddress("192.0.2.7")!, 5060)
    private var time = MonotonicTime(milliseconds: 1_000)
    private var coming: [(at: MonotonicTime, event: Event)] = []
    /// Everything that was sent, with the time since the beginning.
    private(set) var sent: [(bytes: [UInt8], to: SocketAddress, at: Duration)] = []
    /// What the peer does with what it gets: each event comes after its delay.
    var answer: (SIPMessage, Int) -> [(Duration, Event)]

    init(_ answer: @escaping (SIPMessage, Int) -> [(Duration, Event)]) { self.answer = answer }

    func now() -> MonotonicTime { self.time }

    @discardableResult
    func send(_ bytes: [UInt8], to destination: SocketAddress) -> MonotonicTime {
        self.sent.append((bytes, destination, self.time - MonotonicTime(milliseconds: 1_000)))
        if let message = try? SIPMessage(parsing: bytes) {
            for (delay, event) in self.answer(message, self.sent.count) { self.plan(event, after: delay) }
        }
        return self.time
    }

    func plan(_ event: Event, after delay: Duration) {
        let at = self.time + delay
        let place = self.coming.firstIndex { $0.at > at } ?? self.coming.count
        self.coming.insert((at, event), at: place)
    }

    func next(until deadline: MonotonicTime) -> WireEvent {
        guard let first = self.coming.first, first.at <= deadline else {
            self.time = Swift.max(self.time, deadline)
            return .timeout
        }
        self.coming.removeFirst()
        self.time = Swift.max(self.time, first.at)
        switch first.event {
        case .bytes(let bytes): return .datagram(bytes, from: self.peer, at: first.at)
        case .failed(let code): return .failed(self.peer, code: code)
        case .interrupted: return .interrupted
        }
    }
}

/// Keeps what would be printed.
final class RecordingConsole: Console {
    private(set) var output: [UInt8] = []
    private(set) var errors: [UInt8] = []
    let escapesOutput: Bool
    let escapesErrors = false

    init(isTerminal: Bool = false) { self.escapesOutput = isTerminal }

    func out(_ bytes: [UInt8]) { self.output += bytes }
    func err(_ bytes: [UInt8]) { self.errors += bytes }
    func flush() {}

    var outText: String { String(decoding: self.output, as: UTF8.self) }
    var errText: String { String(decoding: self.errors, as: UTF8.self) }
}

/// One run of the tool against a played peer.
struct Run {
    let status: ExitStatus
    let out: String
    let err: String
    let wire: ScriptedWire
    let tally: ProbeTally

    /// - Parameter words: the command line.
    init(
        _ words: [String], isTerminal: Bool = false, file: [UInt8]? = nil, scenario: ScenarioFile? = nil,
        users: UserList? = nil,
        _ answer: @escaping (SIPMessage, Int) -> [(Duration, ScriptedWire.Event)]
    ) throws {
        let read = try OptionReader.read(words)
        let wire = ScriptedWire(answer)
        let console = RecordingConsole(isTerminal: isTerminal)
        let target = read.options.uri ?? TargetURI(host: "h")
        let session = Session(
            options: read.options, target: target, destination: wire.peer, wire: wire, console: console,
            factory: RequestFactory(host: "192.0.2.1", port: 5070, ids: Identifiers(seed: 1)),
            locate: { uri in uri.address.map { [SocketAddress($0, uri.port ?? 5060)] } ?? [] })
        if read.options.json { session.reporter = JSONReporter(console: console, date: { 0 }) }
        if read.options.csv {
            session.reporter = CSVReporter(console: console, format: read.options.logFormat, date: { 0 })
        }
        if let scenario {
            self.status = ScenarioMode(session: session, scenario: scenario).run()
        } else if let users {
            self.status = PooledLoadMode(session: session, .register(users)).run()
        } else {
            self.status = try SipsakCommand.runMode(session, file: file)
        }
        self.out = console.outText
        self.err = console.errText
        self.wire = wire
        self.tally = session.tally
    }
}

/// The answers of a good server.
enum Reply {
    static func text(_ request: SIPMessage, _ status: String, _ headers: String...) -> [UInt8] {
        var lines = ["SIP/2.0 \(status)"]
        for id in [HeaderID.via, .from, .to, .callID, .cSeq] {
            for value in request.values(id) {
                let tag = id == .to && !request.text(value).contains("tag=") ? ";tag=x" : ""
                lines.append("\(id.name): \(request.text(value))\(tag)")
            }
        }
        lines += headers
        lines += ["Content-Length: 0", "", ""]
        return Array(lines.joined(separator: "\r\n").utf8)
    }

    static func event(
        _ request: SIPMessage, _ status: String, after: Duration = .microseconds(500), _ headers: String...
    )
        -> (Duration, ScriptedWire.Event)
    {
        var lines = self.text(request, status)
        if !headers.isEmpty {
            let extra = headers.map { $0 + "\r\n" }.joined()
            lines = Array(String(decoding: lines, as: UTF8.self).replacingContentLength(extra).utf8)
        }
        return (after, .bytes(lines))
    }
}

extension String {
    fileprivate func replacingContentLength(_ extra: String) -> String {
        var parts = self.split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
        parts.insert(contentsOf: extra.split(separator: "\r\n").map(String.init), at: parts.count - 3)
        return parts.joined(separator: "\r\n")
    }
}
