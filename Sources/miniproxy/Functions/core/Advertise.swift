import SIPKit

extension FunctionBodies {
    /// `set_advertised_address("sip.example.org")`: what Via and Record-Route of this message say for our socket. Set it
    /// before `record_route()`.
    static let setAdvertisedAddress = Body { arguments, context in
        let host = arguments.text(0)
        // It goes into header lines as it is.
        guard !host.contains(where: { $0 <= ASCII.space || $0 == ASCII.semicolon || $0 == ASCII.greater }) else {
            return .no
        }
        context.advertisedHost = host
        return .yes
    }

    static let setAdvertisedPort = Body { arguments, context in
        context.advertisedPort = UInt16(clamping: arguments.integer(0))
        return .yes
    }
}

extension RouteContext {
    /// Whether something else than the socket's own address is to be written.
    var isAdvertising: Bool {
        !self.advertisedHost.isEmpty || self.advertisedPort != 0 || !self.shared.settings.advertisedHost.isEmpty
            || self.shared.settings.advertisedPort != 0
    }

    /// What is written for a socket of ours: as the message's script says, else as it is set, else the socket.
    func advertised(_ socket: SocketAddress) -> (host: [UInt8], port: UInt16) {
        var host = self.advertisedHost.isEmpty ? self.shared.settings.advertisedHost : self.advertisedHost
        if host.isEmpty { host.append(host: socket.ip) }
        let port = self.advertisedPort != 0 ? self.advertisedPort : self.shared.settings.advertisedPort
        return (host, port != 0 ? port : socket.port)
    }
}
