import Glibc
import SIPKit
import SIPNet

/// Where a URI leads (RFC 3263): the places to try, in their order, and how that was found.
struct TargetFinder {
    let options: SipsakOptions

    /// Waits for name servers; addresses and given ports need none for the choice of a service.
    ///
    /// - Parameter uri: the target, or the outbound proxy.
    func find(_ uri: TargetURI) -> Resolution {
        var request = ResolverRequest(
            host: Array(uri.host.utf8), port: self.options.remotePort ?? uri.port,
            transport: self.options.transport ?? uri.transport, isSecure: uri.isSecure,
            supported: [.udp, .tcp, .tls, .ws, .wss], families: self.options.family.map { [$0] } ?? [.v4, .v6])
        if let local = self.options.localIP { request.families = [local.family] }
        if let fixed = self.fixed(uri, request) { return fixed }
        if !self.options.lookup.asksServices, request.port == nil {
            request.port = (request.transport ?? (uri.isSecure ? .tls : .udp)).defaultPort
        }
        if !self.options.lookup.asksNAPTR, request.transport == nil { request.transport = uri.isSecure ? .tls : .udp }
        let found = self.ask(request)
        // What no name server knows the system may: other sources of names stand in nsswitch.conf.
        guard found.targets.isEmpty, self.options.lookup.server == nil, uri.address == nil else { return found }
        let transport = request.transport ?? (uri.isSecure ? .tls : .udp)
        let addresses = NameLookup.addresses(of: uri.host, family: self.options.family)
        guard !addresses.isEmpty else { return found }
        let targets = addresses.map {
            ResolvedTarget(SocketAddress($0, request.port ?? transport.defaultPort), transport, serverName: uri.host)
        }
        let step = Resolution.Step(
            question: nil, text: "the system knows \(addresses.map { "\($0)" }.joined(separator: ", "))")
        return Resolution(targets: targets, steps: found.steps + [step])
    }

    /// What `--resolve` gives, and `localhost`, which no name server is asked about (RFC 6761 §6.3).
    private func fixed(_ uri: TargetURI, _ request: ResolverRequest) -> Resolution? {
        let transport = request.transport ?? (uri.isSecure ? .tls : .udp)
        let port = request.port ?? transport.defaultPort
        let host = uri.host.lowercasedASCII
        let hits = self.options.lookup.overrides.filter { $0.host == host && ($0.port == 0 || $0.port == port) }
        var addresses = hits.map(\.ip)
        var reason = "is given by --resolve"
        if hits.isEmpty, host == "localhost" || host.hasSuffix(".localhost") {
            addresses = request.families.map { $0 == .v4 ? .loopbackV4 : .loopbackV6 }
            reason = "is this host"
        }
        guard !addresses.isEmpty else { return nil }
        return Resolution(
            targets: addresses.map { ResolvedTarget(SocketAddress($0, port), transport, serverName: uri.host) },
            steps: [Resolution.Step(question: nil, text: "\(uri.host) \(reason)")])
    }

    private func ask(_ request: ResolverRequest) -> Resolution {
        var settings = Resolver.Options()
        if let server = self.options.lookup.server { settings.servers = [server] }
        settings.seed = self.options.seed
        guard let bell = try? PipeBell() else {
            return Resolution(targets: [], steps: [], failure: "no descriptor is left for the resolver")
        }
        let resolver = Resolver(settings) { bell.ring() }
        resolver.ask(1, request)
        while true {
            if let answer = resolver.takeAnswers().first { return answer.resolution }
            _ = bell.wait(nanoseconds: 1_000_000_000)
        }
    }
}
