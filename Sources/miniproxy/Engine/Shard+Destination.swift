import SIPKit
import SIPNet

/// The next hop of a request: `dst_uri` where there is one, else the Request-URI (LANGUAGE.md §11.11).
extension Shard {
    enum Destination {
        case one(Peer)
        /// In the order in which they are tried; never empty.
        case several([Peer])
        /// A host name whose addresses are not known yet.
        case unknown(ResolverRequest)
        case failed(RouteFailure)
    }

    /// - Parameters:
    ///   - uri: the Request-URI of an appended branch; `nil` for the context's own.
    ///   - next: where to send to instead of the Request-URI.
    mutating func destination(uri: [UInt8]?, next: [UInt8]?) -> Destination {
        let hop: NextHop
        if let next {
            hop = NextHop(
                next.span, try? URIRanges(parsing: next.span, ByteRange(0, next.count)), supported: self.transports)
            // A connection that the contact was registered over may be gone; its URI then says where to go.
            if case .address(let address, let transport, isFlow: true) = hop, transport.isReliable {
                if self.state.connections?.hasConnection(to: address, transport) == false {
                    return self.destination(uri: uri, next: nil)
                }
                self.rememberFlow(uri ?? self.context.rewrittenURI, Peer(address, transport))
            }
        } else if let uri {
            hop = NextHop(
                uri.span, try? URIRanges(parsing: uri.span, ByteRange(0, uri.count)), supported: self.transports)
        } else if self.context.isRewritten {
            let uri = self.context.rewrittenURI
            hop = NextHop(
                uri.span, try? URIRanges(parsing: uri.span, ByteRange(0, uri.count)), supported: self.transports)
        } else {
            hop = NextHop(self.context.memory.span, self.context.requestURIParts(), supported: self.transports)
        }
        switch hop {
        case .refused(let reason): return .failed(reason)
        case .address(let address, let transport, _):
            guard let socket = self.socket(for: address.ip, transport) else { return .failed(.sendFailed) }
            return .one(Peer(address, transport, socket: socket))
        case .name(let request): return self.places(request)
        }
    }

    /// A browser's Contact names a host that does not exist (RFC 7118 §5). Later requests of the dialog come with that host
    /// in their Request-URI, and no location table is asked for them: they go where the INVITE went. Known from our own
    /// table only, so that nobody can draw another's calls to himself.
    private mutating func rememberFlow(_ uri: [UInt8], _ peer: Peer) {
        guard let parts = try? URIRanges(parsing: uri.span, ByteRange(0, uri.count)) else { return }
        let host = uri.span.copy(parts.host)
        guard host.count > 8, host.suffix(8).elementsEqual(".invalid".utf8) else { return }
        if self.flows.count >= 10_000 { self.flows.removeAll() }
        self.flows[host] = peer
    }

    /// The places that a host name stands for, as far as they are known.
    private mutating func places(_ request: ResolverRequest) -> Destination {
        if !self.flows.isEmpty, let flow = self.flows[request.host],
            let socket = self.socket(for: flow.address.ip, flow.transport)
        {
            return .one(Peer(flow.address, flow.transport, socket: socket))
        }
        let known =
            self.context.resolved.first { $0.request == request }?.resolution
            ?? self.state.resolver?.known(request, now: self.now)
        guard let known else { return .unknown(request) }
        if let reason = known.failure, known.targets.isEmpty {
            self.policy.logger(
                2, "\(Printable.text(request.host)) cannot be resolved: \(reason)")
            return .failed(.unresolvable)
        }
        var peers: [Peer] = []
        for target in known.targets {
            guard let socket = self.socket(for: target.address.ip, target.transport) else { continue }
            let name = target.transport.isSecure ? self.names.number(of: target.serverName) : 0
            peers.append(Peer(target.address, target.transport, socket: socket, name: name))
        }
        guard peers.count > 1 else { return peers.first.map { .one($0) } ?? .failed(.sendFailed) }
        if !self.hosts.isEmpty {
            let now = self.now
            let silent = peers.filter { self.hosts.isSilent($0.address, now: now) }
            peers = peers.filter { !silent.contains($0) } + silent
        }
        return .several(peers)
    }

    /// The socket to send from: the one that the script has chosen, the one that the contact was registered at, the one the
    /// request came in on where that fits, else the first of the family; with `mhomed` the one whose address the kernel's
    /// routes choose.
    mutating func socket(for ip: IPAddress, _ transport: TransportProtocol) -> UInt16? {
        if let wanted = self.context.sendSocket ?? self.context.contactSocket {
            for place in self.sockets.indices
            where self.sockets[place].transport == transport && self.sockets[place].address.ip.family == ip.family
                && wanted.isSocket(self.sockets[place].address, transport)
            {
                return UInt16(place)
            }
        }
        if self.state.settings.isMultihomed, let source = self.state.routes.source(for: ip, now: self.now) {
            for place in self.sockets.indices
            where self.sockets[place].transport == transport && self.sockets[place].address.ip == source {
                return UInt16(place)
            }
        }
        let own = Int(self.context.peer.socket)
        if own < self.sockets.count, self.sockets[own].transport == transport,
            self.sockets[own].address.ip.family == ip.family
        {
            return UInt16(own)
        }
        for place in self.sockets.indices
        where self.sockets[place].transport == transport && self.sockets[place].address.ip.family == ip.family {
            return UInt16(place)
        }
        return nil
    }

    /// The same place over TCP, for a request that UDP would have to cut into pieces (RFC 3261 §18.1.1); `nil` where
    /// it may go as it is. A host that takes no TCP gets it by UDP after all, and is remembered.
    mutating func congestionControlled(_ peer: Peer, length: Int) -> Peer? {
        guard peer.transport == .udp else { return nil }
        let limit = self.state.settings.udpMTU ?? (peer.address.ip.isLoopback ? .max : 1_300)
        guard limit > 0, length > limit, self.hosts.mayHaveTCP(peer.address, now: self.now),
            let socket = self.socket(for: peer.address.ip, .tcp)
        else { return nil }
        return Peer(peer.address, .tcp, socket: socket)
    }

    /// Two Record-Route lines where a request leaves by another socket than it came in on: each side of the dialog then
    /// finds the one that it can reach (RFC 5658 §4).
    ///
    /// - Returns: the text of the single line, to be brought back.
    mutating func doubleRecordRoute(_ socket: ListenSocket) -> ByteRange? {
        self.context.edits.rewrite(self.context.recordRouteMark) { line in
            let old = line
            guard let start = old.firstRange(of: "<sip".utf8)?.lowerBound, let end = old.lastIndex(of: ASCII.greater)
            else { return }
            // What both have in common begins with the first parameter that is not the transport.
            var common = old[start..<end].firstRange(of: ";ftag=".utf8)?.lowerBound ?? end
            if common == end { common = old[start..<end].firstRange(of: ";lr".utf8)?.lowerBound ?? end }
            line = []
            line.append("Record-Route: <" as StaticString)
            line += Peer(socket.address, socket.transport).uri
            line += old[common..<end]
            line.append(";r2=on>\r\n" as StaticString)
            line += old[..<end]
            line.append(";r2=on" as StaticString)
            line += old[end...]
        }
    }
}
