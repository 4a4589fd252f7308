import Glibc
import SIPKit
import SIPNet
import Synchronization

/// `--exporter`: a small HTTP server that Prometheus asks for probes, as its blackbox exporter does:
/// `GET /probe?target=sip:bob@example.org&module=tcp` sends one request and answers with what was measured.
///
/// Any number of targets side by side, at most ``maximumProbes`` at a time: one that is dead holds up nobody. It is meant for
/// the loopback interface or a network of one's own. HTTP/1.1 with `Connection: close`; a client has five seconds and 8 KiB.
final class Exporter: Sendable {
    static let maximumProbes = 64
    /// How long a probe takes at most when neither the command line nor the client tells.
    static let usualLimit = Duration.seconds(5)

    private let listener: Int32
    private let options: SipsakOptions
    private let running = Atomic(0)

    /// - Parameter options: those of the command line; they count for every probe.
    init(at address: SocketAddress, _ options: SipsakOptions) throws(UsageError) {
        self.listener = try Self.listen(address)
        self.options = options
    }

    deinit { close(self.listener) }

    private static func listen(_ address: SocketAddress) throws(UsageError) -> Int32 {
        let family = address.ip.family == .v4 ? AF_INET : AF_INET6
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw UsageError("cannot open a TCP socket: \(SocketText.error(errno))") }
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        guard address.withSystemAddress({ Glibc.bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, 128) == 0
        else {
            let code = errno
            close(descriptor)
            throw UsageError("cannot listen at \(address): \(SocketText.error(code))")
        }
        return descriptor
    }

    /// Serves until Ctrl-C.
    func run() {
        let interrupts = try? SignalWatch([SIGINT, SIGTERM])
        while true {
            var descriptors = [pollfd(fd: self.listener, events: Int16(POLLIN), revents: 0)]
            if let interrupts {
                descriptors.append(pollfd(fd: interrupts.descriptor, events: Int16(POLLIN), revents: 0))
            }
            guard poll(&descriptors, nfds_t(descriptors.count), -1) > 0 else { continue }
            if descriptors.count == 2, descriptors[1].revents != 0 { return }
            let client = accept(self.listener, nil, nil)
            guard client >= 0 else { continue }
            guard self.running.load(ordering: .relaxed) < Self.maximumProbes else {
                Self.write(("503 Service Unavailable", "text/plain", "too many probes at a time\n"), to: client)
                close(client)
                continue
            }
            self.running.wrappingAdd(1, ordering: .relaxed)
            Background.run {
                self.serve(client)
                close(client)
                self.running.wrappingSubtract(1, ordering: .relaxed)
            }
        }
    }

    private func serve(_ client: Int32) {
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var request: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 2048)
        // The head is enough; a peer that trickles is cut off by count.
        for _ in 0..<16 where !Self.isWhole(request) && request.count < 8192 {
            let count = recv(client, &block, block.count, 0)
            guard count > 0 else { break }
            request += block[..<count]
        }
        Self.write(self.respond(request), to: client)
    }

    private static func isWhole(_ request: [UInt8]) -> Bool {
        request.suffix(4).elementsEqual("\r\n\r\n".utf8) || request.suffix(2).elementsEqual("\n\n".utf8)
    }

    private static func write(_ response: (status: String, type: String, body: String), to client: Int32) {
        let (status, type, body) = response
        let head =
            "HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n"
        var rest = Array((head + body).utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Status, content type and body for the head of a request.
    func respond(_ head: [UInt8]) -> (status: String, type: String, body: String) {
        let plain = "text/plain; charset=utf-8"
        let lines = head.split(separator: ASCII.lf).map { $0.last == ASCII.cr ? $0.dropLast() : $0 }
        let words = (lines.first ?? []).split(separator: ASCII.space)
        guard words.count == 3, words[0].elementsEqual("GET".utf8) else {
            return ("400 Bad Request", plain, "only GET is served here\n")
        }
        let (path, query) = Self.split(Array(words[1]))
        let usage = "/probe?target=sip:user@host&module=udp|tcp|tls|ws|wss&timeout=MS"
        guard path == "/probe" else {
            return path == "/"
                ? ("200 OK", plain, "sipsak exporter: ask for \(usage)\n")
                : ("404 Not Found", plain, "there is \(usage)\n")
        }
        guard let target = query["target"] else {
            return ("400 Bad Request", plain, "the parameter target is missing\n")
        }
        do throws(UsageError) {
            let options = try self.probe(target, query, lines.dropFirst())
            let recorder = ProbeRecorder()
            _ = SipsakCommand.run(options, recorder)
            // A name that cannot be found is a probe that failed, not a request that was wrong.
            let text =
                recorder.text.isEmpty
                ? PrometheusText.text(ProbeTally(), isSuccess: false, target: options.uriText ?? "", lookup: nil)
                : recorder.text
            return ("200 OK", "text/plain; version=0.0.4; charset=utf-8", text)
        } catch {
            return ("400 Bad Request", plain, error.message + "\n")
        }
    }

    /// The options of one probe: those of the command line, then what the request asks for.
    func probe(
        _ target: String, _ query: [String: String], _ headers: ArraySlice<ArraySlice<UInt8>>
    ) throws(UsageError) -> SipsakOptions {
        var options = self.options
        options.exporter = nil
        options.isProbe = true
        let uri = try TargetURI.word(target)
        options.uri = uri
        options.uriText = uri.text
        options.prometheus = .standardOutput
        if let module = query["module"] { options.transport = try OptionReader.transport(module) }
        if let text = query["timeout"] {
            options.timeout = .milliseconds(try OptionReader.number(text, 1...600_000, "timeout"))
        } else if options.timeout == nil, options.timeoutFactor == SipsakOptions().timeoutFactor {
            // Half a second is left for the answer's way back.
            options.timeout =
                Self.scrapeTimeout(headers).map { Swift.max(.milliseconds(100), $0 - .milliseconds(500)) }
                ?? Self.usualLimit
        }
        return options
    }

    /// What Prometheus says about its patience.
    private static func scrapeTimeout(_ headers: ArraySlice<ArraySlice<UInt8>>) -> Duration? {
        for line in headers {
            let parts = line.split(separator: ASCII.colon, maxSplits: 1)
            guard parts.count == 2,
                String(decoding: parts[0], as: UTF8.self).lowercasedASCII == "x-prometheus-scrape-timeout-seconds",
                let seconds = Double(String(decoding: parts[1].filter { $0 != ASCII.space }, as: UTF8.self)),
                seconds > 0, seconds < 3600
            else { continue }
            return .milliseconds(Int(seconds * 1000))
        }
        return nil
    }

    /// A path and its query, percent signs undone.
    static func split(_ target: [UInt8]) -> (String, [String: String]) {
        let question: UInt8 = 0x3F
        let parts = target.split(separator: question, maxSplits: 1, omittingEmptySubsequences: false)
        var query: [String: String] = [:]
        if parts.count == 2 {
            for pair in parts[1].split(separator: 0x26) {
                let halves = pair.split(separator: ASCII.equals, maxSplits: 1, omittingEmptySubsequences: false)
                query[Self.decoded(halves[0])] = halves.count == 2 ? Self.decoded(halves[1]) : ""
            }
        }
        return (Self.decoded(parts.first ?? []), query)
    }

    private static func decoded(_ text: ArraySlice<UInt8>) -> String {
        var output: [UInt8] = []
        var at = text.startIndex
        while at < text.endIndex {
            if text[at] == ASCII.percent, at + 2 < text.endIndex, let high = ASCII.hexValue(text[at + 1]),
                let low = ASCII.hexValue(text[at + 2])
            {
                output.append(high << 4 | low)
                at += 3
            } else {
                output.append(text[at])
                at += 1
            }
        }
        return String(decoding: output, as: UTF8.self)
    }
}

/// Keeps what a probe prints.
final class ProbeRecorder: Console {
    private var bytes: [UInt8] = []
    let escapesOutput = false
    let escapesErrors = false
    func out(_ bytes: [UInt8]) { self.bytes += bytes }
    func err(_ bytes: [UInt8]) {}
    func flush() {}
    var text: String { String(decoding: self.bytes, as: UTF8.self) }
}
