import Glibc
import SIPKit
import SIPNet

/// `--exporter`: a small HTTP server that Prometheus asks for probes, as its blackbox exporter does:
/// `GET /probe?target=sip:bob@example.org` sends one request and answers with what was measured.
///
/// One request at a time, each with a limit of five seconds and 8 KiB: it is meant for the loopback interface or a network
/// of one's own. HTTP/1.1 with `Connection: close`.
final class Exporter {
    private let listener: Int32
    private let interrupts: SignalWatch?
    private let options: (TargetURI) -> SipsakOptions

    init(at address: SocketAddress, _ options: @escaping (TargetURI) -> SipsakOptions) throws(UsageError) {
        self.listener = try Self.listen(address)
        self.interrupts = try? SignalWatch([SIGINT, SIGTERM])
        self.options = options
    }

    deinit { close(self.listener) }

    private static func listen(_ address: SocketAddress) throws(UsageError) -> Int32 {
        let family = address.ip.family == .v4 ? AF_INET : AF_INET6
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw UsageError("cannot open a TCP socket: \(SocketText.error(errno))") }
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        guard address.withSystemAddress({ Glibc.bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, 16) == 0
        else {
            let code = errno
            close(descriptor)
            throw UsageError("cannot listen at \(address): \(SocketText.error(code))")
        }
        return descriptor
    }

    /// Serves until Ctrl-C.
    func run() {
        while true {
            var descriptors = [pollfd(fd: self.listener, events: Int16(POLLIN), revents: 0)]
            if let watch = self.interrupts {
                descriptors.append(pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0))
            }
            guard poll(&descriptors, nfds_t(descriptors.count), -1) > 0 else { continue }
            if descriptors.count == 2, descriptors[1].revents != 0 { return }
            let client = accept(self.listener, nil, nil)
            guard client >= 0 else { continue }
            self.serve(client)
            close(client)
        }
    }

    private func serve(_ client: Int32) {
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var request: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 2048)
        // The request line is enough; a peer that trickles is cut off by count.
        for _ in 0..<16 where !request.contains(ASCII.lf) && request.count < 8192 {
            let count = recv(client, &block, block.count, 0)
            guard count > 0 else { break }
            request += block[..<count]
        }
        let line = request.prefix { $0 != ASCII.lf && $0 != ASCII.cr }
        let (status, type, body) = self.respond(Array(line))
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

    /// Status, content type and body for a request line.
    func respond(_ line: [UInt8]) -> (String, String, String) {
        let plain = "text/plain; charset=utf-8"
        let words = line.split(separator: ASCII.space)
        guard words.count == 3, words[0].elementsEqual("GET".utf8) else {
            return ("400 Bad Request", plain, "only GET is served here\n")
        }
        let (path, query) = Self.split(Array(words[1]))
        guard path == "/probe" else {
            return path == "/"
                ? ("200 OK", plain, "sipsak exporter: ask for /probe?target=sip:user@host\n")
                : ("404 Not Found", plain, "there is /probe?target=sip:user@host\n")
        }
        guard let target = query["target"] else {
            return ("400 Bad Request", plain, "the parameter target is missing\n")
        }
        do throws(UsageError) {
            let uri = try TargetURI.word(target)
            let recorder = ProbeRecorder()
            _ = SipsakCommand.run(self.options(uri), recorder)
            // A name that cannot be found is a probe that failed, not a request that was wrong.
            let text =
                recorder.text.isEmpty
                ? PrometheusText.text(ProbeTally(), isSuccess: false, target: uri.text, lookup: nil) : recorder.text
            return ("200 OK", "text/plain; version=0.0.4; charset=utf-8", text)
        } catch {
            return ("400 Bad Request", plain, error.message + "\n")
        }
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
