import SIPKit
import SIPNet

/// From a target to a ``Session``: names are looked up, the first place that can be reached is taken.
struct SessionOpener {
    let options: SipsakOptions
    let console: any Console
    var reporter: (any Reporter)?

    /// Why there is no session; the text has been told already where `isTold`.
    struct Failure: Error {
        let kind: String
        let message: String
        let status: ExitStatus
        var isTold = false
    }

    func open(_ target: TargetURI) throws(Failure) -> Session {
        let next = self.options.outboundProxy ?? target
        let clock = SystemClock()
        let begun = clock.now()
        let resolution = TargetFinder(options: self.options).find(next)
        let lookupTime = next.address == nil ? clock.now() - begun : nil
        guard !resolution.targets.isEmpty else {
            // The original writes this on standard output, and scripts look for it there.
            if self.options.printsText { self.console.out("'\(next.host)' is unresolvable\n") }
            if self.options.verbosity > 0, let reason = resolution.failure {
                self.console.err("\(Printable.text(reason.utf8))\n")
            }
            throw Failure(
                kind: "dns", message: "'\(next.host)' is unresolvable", status: .unresolvable, isTold: true)
        }
        if next.address == nil { self.tellRecord(next, resolution) }
        let session = try self.open(target, resolution.targets, path: next.path)
        session.lookupTime = lookupTime
        return session
    }

    /// - Parameter targets: at least one.
    func open(_ target: TargetURI, _ targets: [ResolvedTarget], path: String? = nil) throws(Failure) -> Session {
        var last = Failure(kind: "local", message: "there is nowhere to send to", status: .local)
        for (index, place) in targets.enumerated() {
            do throws(Failure) {
                let wire = try self.wire(place, path)
                let session = self.session(target, place, wire)
                session.alternatives = targets[(index + 1)...].filter {
                    $0.transport == place.transport && $0.address.ip.family == place.address.ip.family
                }.map(\.address)
                return session
            } catch {
                last = error
            }
        }
        throw last
    }

    private func wire(_ place: ResolvedTarget, _ path: String?) throws(Failure) -> any Wire {
        do {
            let wire: any Wire
            let watches = !self.options.isProbe
            if self.options.answers, place.transport != .udp {
                let any: IPAddress = place.address.ip.family == .v4 ? .anyV4 : .anyV6
                wire = try ListeningWire(
                    bind: SocketAddress(self.options.localIP ?? any, self.options.localPort), place,
                    advertised: self.options.localIP ?? UDPWire.route(to: place.address) ?? any, self.options)
            } else if place.transport == .udp {
                let any: IPAddress = place.address.ip.family == .v4 ? .anyV4 : .anyV6
                let local = self.options.localIP ?? any
                wire = try UDPWire(
                    bind: SocketAddress(local, self.options.localPort),
                    advertised: self.options.localIP ?? UDPWire.route(to: place.address) ?? local,
                    watchesInterrupts: watches, codePoint: self.options.dscp)
            } else {
                if self.options.localPort != 0 {
                    self.console.warn("the local port of a connection is the system's choice; -l is not used")
                }
                wire = try StreamWire(to: place, self.options, path: path, watchesInterrupts: watches)
            }
            let clock = SystemClock()
            if let path = self.options.copyFile {
                wire.copies.append(try PacketCopy(path, date: { clock.unixNanoseconds() }))
            }
            if let collector = self.options.hep {
                wire.copies.append(try HEPCopy(collector, date: { clock.unixNanoseconds() }))
            }
            return wire
        } catch let error as StreamWire.Failure {
            throw Self.failure(error)
        } catch let error as UsageError {
            throw Failure(kind: "usage", message: error.message, status: .local)
        } catch {
            throw Failure(kind: "local", message: "\(error)", status: .local)
        }
    }

    private static func failure(_ failure: StreamWire.Failure) -> Failure {
        let text = Printable.text("\(failure.error)".utf8)
        switch failure.error {
        case .certificate:
            return Failure(
                kind: "tls",
                message: "\(text) (\(failure.target.address), \(failure.target.transport.parameterName)); "
                    + "--tls-ca-cert FILE trusts another authority, --tls-ignore-cert-failure goes on all the same",
                status: .untrusted)
        case .timedOut where failure.target.transport.isSecure:
            return Failure(kind: "timeout", message: "\(text) (\(failure.target.address))", status: .remote)
        case .tls:
            return Failure(kind: "tls", message: "\(text) (\(failure.target.address))", status: .untrusted)
        default:
            // The words are the original's.
            return Failure(kind: "connect", message: "connecting socket failed: \(text)", status: .unconnected)
        }
    }

    private func session(_ target: TargetURI, _ place: ResolvedTarget, _ wire: any Wire) -> Session {
        let details = self.options.details
        let host =
            details.viaHost ?? self.options.hostname ?? (self.options.usesFQDN ? NameLookup.fullName() : nil)
            ?? SipsakCommand.text(wire.local.ip)
        let ids = self.options.seed.map { Identifiers(seed: $0) } ?? Identifiers()
        let finder = TargetFinder(options: Self.forFurtherPlaces(self.options))
        let session = Session(
            options: self.options, target: target, destination: place.address, wire: wire, console: self.console,
            factory: RequestFactory(
                host: host, port: details.viaPort ?? wire.local.port, transport: wire.transport, ids: ids),
            locate: { uri in
                finder.find(uri).targets.filter { $0.transport == place.transport }.map(\.address)
            })
        session.factory.isSecure = target.isSecure
        session.reporter = self.reporter
        session.reporter?.transport = wire.transport
        if let stream = wire as? StreamWire {
            session.reporter?.opening = stream.opening
            session.reporter?.securing = stream.connection.handshakes.tls
        }
        return session
    }

    /// What was said of the way to the target is not meant for where redirects and dialogs lead.
    private static func forFurtherPlaces(_ options: SipsakOptions) -> SipsakOptions {
        var options = options
        options.remotePort = nil
        return options
    }

    /// The original's line at `-vv`.
    private func tellRecord(_ uri: TargetURI, _ resolution: Resolution) {
        guard self.options.verbosity > 1, self.options.printsText, let first = resolution.targets.first else { return }
        let service = resolution.steps.first { step in
            guard case .srv? = step.question?.kind else { return false }
            return step.text != "no records" && step.text != "no such name"
        }
        if let name = service?.question?.name {
            self.console.out("using SRV record: \(name.text):\(first.address.port)\n")
        } else if uri.port == nil {
            self.console.out("using A record: \(uri.host)\n")
        }
    }
}
