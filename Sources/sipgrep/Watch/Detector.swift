import SIPKit
import SIPTrace

/// `--detect`: finds scanners, password guessing, enumeration, floods, leaked credentials, dial-plan probing and rubbish.
///
/// Each rule names its evidence and its threshold; docs/sipgrep.md lists them. One alert a kind and source. Bounded: tables
/// that forget after a minute, ``maximumAlerts``.
struct Detector {
    static let maximumAlerts = 1000
    private static let minute: Int64 = 60_000_000_000
    /// Failures, users, requests and prefixes that make an alert.
    static let failures = 10
    static let unknownUsers = 20
    static let requestsPerSecond = 1000
    static let prefixes = 4
    static let malformedMessages = 10

    /// Programs whose only use is to look for servers and to try passwords.
    private static let scanners = [
        "friendly-scanner", "sipvicious", "sipcli", "sundayddr", "sip-scan", "iwar", "sivus", "smap", "gulp", "pplsip",
        "vaxsipuseragent", "siparmyknife", "sipptk", "cobaltstrike", "scan/",
    ]

    private struct Window {
        var began: Int64 = 0
        var count = 0
        var seen: [UInt64] = []
    }

    private let kinds: Set<Alert.Kind>
    private(set) var alerts: [Alert] = []
    private var known: Set<UInt64> = []
    private var windows = GenerationTable<Window>(lifetime: Detector.minute, limit: 50_000)
    /// Transactions whose request brought credentials; the caller of each call.
    private var credentials = GenerationTable<Bool>(lifetime: 30_000_000_000, limit: 50_000)
    private var callers = GenerationTable<UInt64>(lifetime: 600_000_000_000, limit: 100_000)
    private var reading = MessageReading()
    private let seed = UInt64.random(in: .min ... .max)

    init(_ kinds: Set<Alert.Kind>) { self.kinds = kinds }

    /// - Returns: the alert that this message made, if it is a new one.
    @discardableResult
    mutating func take(_ origin: MessageOrigin, _ message: Span<UInt8>) -> Alert? {
        guard !self.kinds.isEmpty else { return nil }
        let before = self.alerts.count
        self.reading.read(message)
        self.windows.advance(to: origin.time)
        self.credentials.advance(to: origin.time)
        self.callers.advance(to: origin.time)
        if !self.reading.isReadable {
            if !origin.isTruncated { self.takeMalformed(origin) }
        } else if self.reading.isRequest {
            self.takeRequest(origin, message)
        } else {
            self.takeResponse(origin, message)
        }
        return self.alerts.count > before ? self.alerts.last : nil
    }

    private func key(_ kind: UInt64, _ ip: IPAddress, _ extra: UInt64 = 0) -> UInt64 {
        var hash = IdentityHash(seed: self.seed ^ kind)
        hash.mix(ip.high)
        hash.mix(ip.low)
        hash.mix(extra)
        return hash.value
    }

    private func hash(_ message: Span<UInt8>, _ ranges: ByteRange...) -> UInt64 {
        var hash = IdentityHash(seed: self.seed)
        for range in ranges { hash.mix(message, range) }
        return hash.value
    }

    private mutating func raise(
        _ kind: Alert.Kind, _ source: IPAddress, _ time: Int64, _ count: Int, _ evidence: String
    ) {
        guard self.kinds.contains(kind), self.alerts.count < Self.maximumAlerts,
            self.known.insert(self.key(UInt64(kind.hashValue.magnitude), source)).inserted
        else { return }
        self.alerts.append(Alert(kind: kind, source: source, time: time, count: count, evidence: evidence))
    }

    /// Counts in a window; answers with the number of events, or of different values where one is given.
    private mutating func count(_ key: UInt64, _ time: Int64, within span: Int64, different value: UInt64? = nil) -> Int
    {
        var window = self.windows[key] ?? Window(began: time)
        if time - window.began > span || time < window.began { window = Window(began: time) }
        if let value {
            if !window.seen.contains(value), window.seen.count < 64 { window.seen.append(value) }
            window.count = window.seen.count
        } else {
            window.count += 1
        }
        self.windows[key] = window
        return window.count
    }

    private mutating func takeMalformed(_ origin: MessageOrigin) {
        let number = self.count(self.key(1, origin.source.ip), origin.time, within: Self.minute)
        if number >= Self.malformedMessages {
            self.raise(
                .malformed, origin.source.ip, origin.time, number, "\(number) messages in a minute that are no SIP")
        }
    }

    private mutating func takeRequest(_ origin: MessageOrigin, _ message: Span<UInt8>) {
        let source = origin.source.ip
        let agent = self.reading.agent
        if !agent.isEmpty {
            let name = message.copy(agent).map { ASCII.lowercased($0) }
            let text = String(decoding: name, as: UTF8.self)
            if Self.scanners.contains(where: { text.contains($0) }) {
                self.raise(.scan, source, origin.time, 1, "user agent \(Printable.text(message.copy(agent)))")
            }
        }
        let method = self.reading.index.method
        let credentials = self.reading.index.first(.authorization) ?? self.reading.index.first(.proxyAuthorization)
        if let credentials {
            self.credentials[self.transaction(message)] = true
            if credentials.count > 6,
                message.equalsIgnoringCase(ByteRange(credentials.start, credentials.start + 6), "Basic ")
            {
                self.raise(.digest, source, origin.time, 1, "a password in clear (Basic) in \(method.name)")
            }
        }
        let hasToTag = !(self.reading.address(.to, message)?.tag ?? .none).isEmpty
        guard !hasToTag, method == .invite || method == .register || method == .options || method == .subscribe else {
            return
        }
        let rate = self.count(self.key(2, source), origin.time, within: 1_000_000_000)
        if rate >= Self.requestsPerSecond {
            self.raise(
                .flood, source, origin.time, rate, "\(rate) new requests in one second, the last one \(method.name)")
        }
        guard method == .invite else { return }
        self.callers[self.hash(message, self.reading.callID)] = self.key(3, source)
        self.takeNumber(origin, message)
    }

    /// The same number behind different prefixes: somebody looks for the one that reaches the public network.
    private mutating func takeNumber(_ origin: MessageOrigin, _ message: Span<UInt8>) {
        guard let uri = try? URIRanges(parsing: message, self.reading.index.requestURI) else { return }
        let digits = message.copy(uri.user).filter { ASCII.isDigit($0) || $0 == ASCII.plus }
        guard digits.count >= 10, digits.count == uri.user.count else { return }
        let tail = Array(digits.suffix(9))
        let tailHash = self.hash(tail.span, ByteRange(0, 9))
        let wholeHash = self.hash(digits.span, ByteRange(0, digits.count))
        let number = self.count(
            self.key(4, origin.source.ip, tailHash), origin.time, within: Self.minute, different: wholeHash)
        if number >= Self.prefixes {
            self.raise(
                .fraud, origin.source.ip, origin.time, number,
                "\(number) prefixes for ..\(Printable.text(tail)) in a minute")
        }
    }

    private func transaction(_ message: Span<UInt8>) -> UInt64 {
        let number = self.reading.cSeq(message)?.number ?? 0
        return self.hash(message, self.reading.callID) ^ UInt64(number) &* 0x9E37_79B9_7F4A_7C15
    }

    private mutating func takeResponse(_ origin: MessageOrigin, _ message: Span<UInt8>) {
        let client = origin.destination.ip
        let status = self.reading.status
        let method = self.reading.methodID(message)
        if [401, 403, 407].contains(status), self.credentials[self.transaction(message)] != nil {
            let number = self.count(self.key(5, client), origin.time, within: Self.minute)
            if number >= Self.failures {
                self.raise(
                    .bruteforce, client, origin.time, number, "\(number) requests with credentials refused in a minute")
            }
        }
        if status == 404, method == .register || method == .invite || method == .options {
            let user = self.hash(message, self.reading.user(.to, message))
            let number = self.count(self.key(6, client), origin.time, within: Self.minute, different: user)
            if number >= Self.unknownUsers {
                self.raise(.enumeration, client, origin.time, number, "\(number) users that do not exist, in a minute")
            }
        }
        // The caller asks the callee for credentials, with a BYE: what comes back can be tried offline.
        if status == 401 || status == 407, method == .bye,
            self.callers[self.hash(message, self.reading.callID)] == self.key(3, origin.source.ip)
        {
            self.raise(
                .digest, origin.source.ip, origin.time, 1, "the caller challenges the callee's BYE (digest leak)")
        }
    }
}
