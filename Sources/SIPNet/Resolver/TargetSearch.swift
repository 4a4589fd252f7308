import SIPKit

/// RFC 3263 §4: from a URI to the places to send to. Pure: it says what it has to know, and from what it knows it
/// draws the list.
///
/// It starts from the beginning each time more is known; there are three rounds at most (NAPTR, SRV, addresses).
public struct TargetSearch {
    public enum Outcome: Equatable {
        /// These have to be answered first, all at once.
        case ask([DNSQuestion])
        case found(Resolution)
    }

    /// Of one answer; what a name server says beyond is left out.
    static let mostServices = 16
    static let mostTargets = 32

    private let request: ResolverRequest
    private var missing: [DNSQuestion] = []
    private var steps: [Resolution.Step] = []
    private var targets: [ResolvedTarget] = []
    private var failure: String?

    public init(_ request: ResolverRequest) { self.request = request }

    /// - Parameters:
    ///   - answers: what is known about a question.
    ///   - random: draws among SRV records of one priority.
    public mutating func run(
        using random: inout some RandomNumberGenerator, answers: (DNSQuestion) -> DNSAnswer?
    ) -> Outcome {
        self.missing = []
        self.steps = []
        self.targets = []
        self.failure = nil
        self.search(&random, answers)
        if !self.missing.isEmpty { return .ask(self.missing) }
        if self.targets.isEmpty, self.failure == nil { self.failure = "nothing leads to an address" }
        return .found(Resolution(targets: self.targets, steps: self.steps, failure: self.failure))
    }

    // MARK: §4.1 and §4.2

    private var hostText: String { Printable.text(self.request.host) }

    private mutating func search(_ random: inout some RandomNumberGenerator, _ answers: (DNSQuestion) -> DNSAnswer?) {
        let wanted: TransportProtocol?
        switch self.wantedTransport() {
        case .success(let transport): wanted = transport
        case .failure(let refusal):
            self.failure = refusal.text
            return
        }
        let range = ByteRange(0, self.request.host.count)
        if let ip = IPAddress(parsing: self.request.host.span, range) {
            let transport = wanted ?? self.plainTransport
            self.note(
                "\(ip) is an address: \(transport.parameterName) by \(wanted == nil ? "default" : "transport parameter")"
            )
            self.add(ip, self.request.port ?? transport.defaultPort, transport)
            return
        }
        // Names that are promised never to resolve: browsers put them into their Contacts (RFC 7118, RFC 6761 §6.4).
        if self.hostText.lowercased().hasSuffix(".invalid") {
            self.failure = "\(self.hostText) is a name that leads nowhere"
            return
        }
        guard let name = DNSName(self.request.host) else {
            self.failure = "\(self.hostText) cannot be a host name"
            return
        }
        if let port = self.request.port {
            let transport = wanted ?? self.plainTransport
            self.note("port \(port) is given: no SRV, \(transport.parameterName)")
            self.addresses(of: name, port, transport, answers)
            return
        }
        if let wanted {
            self.note("transport \(wanted.parameterName) is given: no NAPTR")
            guard self.services([wanted], of: name, &random, answers) || !self.missing.isEmpty else {
                return self.addresses(of: name, wanted.defaultPort, wanted, answers)
            }
            return
        }
        self.byNAPTR(name, &random, answers)
    }

    private struct Refusal: Error { var text: String }

    /// What the URI says of the transport; with `sips:` always a secure one.
    private func wantedTransport() -> Result<TransportProtocol?, Refusal> {
        guard var transport = self.request.transport else { return .success(nil) }
        if self.request.isSecure {
            switch transport {
            case .tcp: transport = .tls
            case .ws: transport = .wss
            case .tls, .wss: break
            case .udp, .sctp: return .failure(Refusal(text: "sips: cannot go over \(transport.parameterName)"))
            }
        }
        guard self.request.supported.contains(transport) else {
            return .failure(Refusal(text: "transport \(transport.parameterName) is not available here"))
        }
        return .success(transport)
    }

    /// Where nothing says which.
    private var plainTransport: TransportProtocol { self.request.isSecure ? .tls : .udp }

    /// The transports that may be chosen by DNS.
    private var choices: [TransportProtocol] {
        self.request.supported.filter { self.request.isSecure ? $0 == .tls : $0 == .udp || $0 == .tcp || $0 == .tls }
    }

    private mutating func byNAPTR(
        _ name: DNSName, _ random: inout some RandomNumberGenerator, _ answers: (DNSQuestion) -> DNSAnswer?
    ) {
        let question = DNSQuestion(name, .naptr)
        guard let answer = self.look(question, answers) else { return }
        var found: [(order: UInt16, preference: UInt16, transport: TransportProtocol, service: DNSName)] = []
        for case .naptr(let order, let preference, let flags, let service, let replacement?) in answer.records {
            let transport: TransportProtocol? =
                switch service {
                case "SIP+D2U": .udp
                case "SIP+D2T": .tcp
                case "SIPS+D2T": .tls
                default: nil
                }
            guard flags == "s", let transport, self.choices.contains(transport) else { continue }
            found.append((order, preference, transport, replacement))
        }
        if !found.isEmpty {
            found.sort { ($0.order, $0.preference) < ($1.order, $1.preference) }
            for entry in found.prefix(8) { _ = self.service(entry.service, entry.transport, &random, answers) }
            if !self.targets.isEmpty || !self.missing.isEmpty { return }
        }
        guard !self.services(self.choices, of: name, &random, answers), self.missing.isEmpty else { return }
        self.addresses(of: name, self.plainTransport.defaultPort, self.plainTransport, answers)
    }

    // MARK: Services

    /// - Returns: whether there is any SRV record; then there is nothing to fall back to.
    private mutating func services(
        _ transports: [TransportProtocol], of name: DNSName, _ random: inout some RandomNumberGenerator,
        _ answers: (DNSQuestion) -> DNSAnswer?
    ) -> Bool {
        var isAny = false
        for transport in transports {
            let prefix: String
            switch transport {
            case .udp: prefix = "_sip._udp."
            case .tcp: prefix = "_sip._tcp."
            case .tls: prefix = "_sips._tcp."
            case .ws, .wss, .sctp: continue
            }
            guard let service = DNSName(prefix + name.text) else { continue }
            isAny = self.service(service, transport, &random, answers) || isAny
        }
        return isAny
    }

    private mutating func service(
        _ service: DNSName, _ transport: TransportProtocol, _ random: inout some RandomNumberGenerator,
        _ answers: (DNSQuestion) -> DNSAnswer?
    ) -> Bool {
        guard let answer = self.look(DNSQuestion(service, .srv), answers), !answer.records.isEmpty else { return false }
        var entries: [(priority: UInt16, weight: UInt16, port: UInt16, target: DNSName)] = []
        for case .srv(let priority, let weight, let port, let target) in answer.records.prefix(Self.mostServices) {
            guard let target, port > 0 else {
                self.failure = self.failure ?? "\(service) says that there is no such service"
                continue
            }
            entries.append((priority, weight, port, target))
        }
        let sorted = ServiceOrder.sorted(entries, priority: \.priority, weight: \.weight, using: &random)
        for entry in sorted { self.addresses(of: entry.target, entry.port, transport, answers) }
        return true
    }

    // MARK: Addresses

    private mutating func addresses(
        of name: DNSName, _ port: UInt16, _ transport: TransportProtocol, _ answers: (DNSQuestion) -> DNSAnswer?
    ) {
        for family in self.request.families {
            let question = DNSQuestion(name, family == .v4 ? .a : .aaaa)
            guard let answer = self.look(question, answers) else { continue }
            for ip in answer.addresses { self.add(ip, port, transport) }
        }
    }

    private mutating func add(_ ip: IPAddress, _ port: UInt16, _ transport: TransportProtocol) {
        guard port > 0, !ip.isAny, !ip.isMulticast, !ip.isBroadcast else {
            self.failure = self.failure ?? "\(ip) port \(port) is nobody's address"
            return
        }
        let target = ResolvedTarget(SocketAddress(ip, port), transport, serverName: self.hostText)
        guard self.targets.count < Self.mostTargets, !self.targets.contains(target) else { return }
        self.targets.append(target)
    }

    // MARK: Answers and the trail

    private mutating func look(_ question: DNSQuestion, _ answers: (DNSQuestion) -> DNSAnswer?) -> DNSAnswer? {
        guard let answer = answers(question) else {
            if !self.missing.contains(question), self.missing.count < 64 { self.missing.append(question) }
            return nil
        }
        if !self.steps.contains(where: { $0.question == question }) {
            self.steps.append(Resolution.Step(question: question, text: Self.text(answer)))
        }
        if case .failed(let reason) = answer.outcome { self.failure = self.failure ?? "\(question): \(reason)" }
        return answer
    }

    private mutating func note(_ text: String) { self.steps.append(Resolution.Step(question: nil, text: text)) }

    private static func text(_ answer: DNSAnswer) -> String {
        switch answer.outcome {
        case .failed(let reason): return reason
        case .noSuchName: return "no such name"
        case .records(let records):
            guard !records.isEmpty else { return "no records" }
            let texts = records.map { record in
                switch record {
                case .address(let ip): "\(ip)"
                case .srv(let priority, let weight, let port, let target):
                    "\(priority) \(weight) \(port) \(target?.text ?? ".")"
                case .naptr(let order, let preference, let flags, let service, let replacement):
                    "\(order) \(preference) \"\(flags)\" \"\(service)\" \(replacement?.text ?? ".")"
                }
            }
            return texts.joined(separator: ", ") + " (for \(answer.lifetime) s)"
        }
    }
}
