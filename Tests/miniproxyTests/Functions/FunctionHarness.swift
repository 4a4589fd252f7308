import SIPKit
import SIPNet

@testable import miniproxy

/// A message before a script, without a proxy around it: from 192.0.2.7:5070 to 127.0.0.1:5060.
enum FunctionHarness {
    /// What a proxy has besides messages; made anew for each test that does not hand one in.
    static func state() throws -> ProxyState {
        var selves = SelfAddresses()
        selves.add(socket: ShardHarness.proxy)
        selves.add(alias: "local.example")
        var settings = ProxySettings()
        settings.maxForwardsLimit = 16
        return ProxyState(
            selves: selves, settings: settings, location: LocationTables(secret: KeyedHash(key: (1, 2))),
            users: UserList(),
            nonces: NonceBook(NonceIssuer(key: (3, 4))), decoy: Array(repeating: 0x30, count: 32),
            secrets: ProxySecrets(transactions: (5, 6), branches: (7, 8), tags: (9, 10)),
            media: try MediaRelay(MediaSettings(), log: ProxyLog(threshold: -4)), keepAlives: KeepAliveBook(seconds: 60)
        )
    }

    static func context(_ memory: UnsafeBufferPointer<UInt8>, _ state: ProxyState? = nil) throws -> RouteContext {
        var context = RouteContext(shared: try state ?? Self.state())
        context.memory = memory
        try context.index.parse(memory.span)
        if let verdict = context.readRequest() { throw verdict }
        context.peer = Peer(SocketAddress(IPAddress(v4: 0xC000_0207), 5070))
        context.destination = ShardHarness.proxy
        context.wallTime = 1_000_000
        return context
    }
}

extension Example.Message {
    /// The message on the wire; headers that the example names replace those made up.
    var bytes: [UInt8] {
        var lines = ["\(self.method) \(self.uri) SIP/2.0"]
        let made = [
            ("Via", "SIP/2.0/UDP 192.0.2.7;branch=z9hG4bK1"), ("From", "<sip:alice@example.org>;tag=1"),
            ("To", "<sip:bob@example.org>"), ("Call-ID", "example"), ("CSeq", "1 \(self.method)"),
        ]
        for (name, value) in made where !self.headers.contains(where: { $0.name == name }) {
            lines.append("\(name): \(value)")
        }
        lines += self.headers.map { "\($0.name): \($0.value)" }
        lines.append("Content-Length: \(self.body.utf8.count)")
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + self.body).utf8)
    }
}
