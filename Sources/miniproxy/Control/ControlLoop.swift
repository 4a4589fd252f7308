import Glibc
import SIPKit
import SIPNet

/// One thread's waiting for connections, requests and FIFO commands.
final class ControlLoop: @unchecked Sendable {
    private struct Client {
        var descriptor: Int32
        var kind: ControlListener.Kind
        var input: [UInt8] = []
        var output: [UInt8] = []
        var lastMoved: Int
        var endsAfterOutput = false
        var trace: TraceSubscription?
    }

    private let listeners: [ControlListener]
    private var fifo: CommandFIFO?
    private let methods: ControlMethods
    private var clients: [Client] = []

    /// Bytes of one request; a longer one ends its connection.
    private static let requestLimit = 1 << 20
    /// Bytes of answers that a client has not fetched.
    private static let outputLimit = 64 << 20
    /// Bytes of traces that a client has not fetched; more are left out.
    private static let traceLimit = 4 << 20
    /// Seconds an HTTP client may be silent.
    private static let httpPatience = 10

    init(listeners: [ControlListener], fifo: CommandFIFO?, methods: ControlMethods) {
        self.listeners = listeners
        self.fifo = fifo
        self.methods = methods
    }

    /// Waits for at most a quarter of a second, and does what there is to do.
    func turn() {
        self.bringTraces()
        var polled: [pollfd] = []
        let takes = self.clients.count < ControlServer.clientLimit
        for listener in self.listeners {
            polled.append(pollfd(fd: takes ? listener.descriptor : -1, events: Int16(POLLIN), revents: 0))
        }
        polled.append(pollfd(fd: self.fifo?.descriptor ?? -1, events: Int16(POLLIN), revents: 0))
        for client in self.clients {
            let events = Int16(client.endsAfterOutput ? 0 : POLLIN) | Int16(client.output.isEmpty ? 0 : POLLOUT)
            polled.append(pollfd(fd: client.descriptor, events: events, revents: 0))
        }
        let count = poll(&polled, nfds_t(polled.count), 250)
        guard count > 0 else { return self.forgetSilent() }
        let first = self.listeners.count + 1
        for place in self.clients.indices where polled[first + place].revents != 0 { self.serve(place) }
        self.clients.removeAll { $0.descriptor < 0 }
        if polled[first - 1].revents != 0 { self.serveFIFO() }
        for (place, listener) in self.listeners.enumerated() where polled[place].revents != 0 {
            let descriptor = Self.accept(listener.descriptor)
            if descriptor >= 0 {
                self.clients.append(Client(descriptor: descriptor, kind: listener.kind, lastMoved: Self.second()))
            }
        }
        self.forgetSilent()
    }

    func close() {
        for place in self.clients.indices { self.end(place) }
        for listener in self.listeners { listener.close() }
        self.fifo?.close()
    }

    private static func accept(_ listener: Int32) -> Int32 {
        let descriptor = Glibc.accept(listener, nil, nil)
        guard descriptor >= 0 else { return -1 }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        return descriptor
    }

    private static func second() -> Int { Int(SystemClock().now().nanoseconds / 1_000_000_000) }

    private func forgetSilent() {
        let now = Self.second()
        for place in self.clients.indices
        where self.clients[place].kind == .http && now - self.clients[place].lastMoved > Self.httpPatience {
            self.end(place)
        }
        self.clients.removeAll { $0.descriptor < 0 }
    }

    /// What was traced since the last turn, as notifications.
    private func bringTraces() {
        for place in self.clients.indices {
            for text in self.clients[place].trace?.take() ?? []
            where self.clients[place].output.count < Self.traceLimit {
                let line = JSONValue.object([
                    "jsonrpc": .text("2.0"), "method": .text("trace"), "params": .array([.text(text)]),
                ]).line
                self.clients[place].output += Array(line.utf8) + [ASCII.lf]
            }
        }
    }

    private func end(_ place: Int) {
        Glibc.close(self.clients[place].descriptor)
        self.clients[place].trace?.stop()
        self.clients[place].trace = nil
        self.clients[place].descriptor = -1
    }

    // MARK: A client

    private func serve(_ place: Int) {
        self.clients[place].lastMoved = Self.second()
        if !self.clients[place].endsAfterOutput {
            var memory = [UInt8](repeating: 0, count: 65_536)
            let count = memory.withUnsafeMutableBytes { read(self.clients[place].descriptor, $0.baseAddress, $0.count) }
            if count == 0 || count < 0 && errno != EAGAIN && errno != EINTR { return self.end(place) }
            if count > 0 { self.clients[place].input += memory[..<count] }
            switch self.clients[place].kind {
            case .jsonRPC: self.answerLines(place)
            case .http: self.answerHTTP(place)
            }
            guard self.clients[place].input.count <= Self.requestLimit,
                self.clients[place].output.count <= Self.outputLimit
            else { return self.end(place) }
        }
        self.flush(place)
    }

    private func flush(_ place: Int) {
        while !self.clients[place].output.isEmpty {
            let count = self.clients[place].output.withUnsafeBytes {
                send(self.clients[place].descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else {
                if errno != EAGAIN && errno != EINTR { self.end(place) }
                return
            }
            self.clients[place].output.removeFirst(count)
        }
        if self.clients[place].endsAfterOutput { self.end(place) }
    }

    /// One request a line, one answer a line.
    private func answerLines(_ place: Int) {
        while let end = self.clients[place].input.firstIndex(of: ASCII.lf) {
            let line = Array(self.clients[place].input[..<end])
            self.clients[place].input.removeFirst(end + 1)
            guard line.contains(where: { $0 > ASCII.space }) else { continue }
            if self.clients[place].trace == nil, let subscription = TraceSubscription(line, self.methods.state.tracing)
            {
                self.clients[place].trace = subscription
                self.clients[place].output += Array(subscription.answer.line.utf8) + [ASCII.lf]
            } else if let answer = JSONRPC(methods: self.methods).answer(line) {
                self.clients[place].output += Array(answer.line.utf8) + [ASCII.lf]
            }
        }
    }

    private func answerHTTP(_ place: Int) {
        let input = self.clients[place].input
        guard input.count >= 4, input.suffix(4).elementsEqual("\r\n\r\n".utf8) || input.count > 8_192 else { return }
        let words = input.prefix { $0 != ASCII.cr }.split(separator: ASCII.space)
        var status = "200 OK"
        var type = "text/plain; version=0.0.4; charset=utf-8"
        var body = ""
        switch words.count > 1 && words[0].elementsEqual("GET".utf8) ? String(decoding: words[1], as: UTF8.self) : "" {
        case "/metrics": body = ProxyFigures(self.methods).prometheus
        case "/stats":
            type = "application/json"
            body = ProxyFigures(self.methods).json.line + "\n"
        default:
            status = "404 Not Found"
            body = "/metrics for Prometheus, /stats for JSON\n"
        }
        let head =
            "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n"
        self.clients[place].output = Array(head.utf8) + Array(body.utf8)
        self.clients[place].endsAfterOutput = true
    }

    private func serveFIFO() {
        guard let commands = self.fifo?.read() else { return }
        for command in commands {
            let answer = FIFOCommands(methods: self.methods).run(command.name, command.words)
            self.fifo?.reply(command, answer)
        }
    }
}
