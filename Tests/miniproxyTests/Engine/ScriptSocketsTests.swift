import SIPKit
import SIPNet
import Testing

@testable import miniproxy

@Suite("Where a script says to listen")
struct ScriptSocketsTests {
    private func sockets(_ text: String) throws -> ScriptSockets {
        let loaded = ScriptProgram.load(
            SourceText(name: "test.cfg", bytes: Array((text + "\nroute { break; }\n").utf8)))
        return ScriptSockets(try #require(loaded.program).script.checked)
    }

    @Test("addresses take the script's port, or their own")
    func listen() throws {
        let found = try self.sockets("port=5070\nlisten=127.0.0.1\nlisten=udp:127.0.0.2:5080")
        #expect(
            found.listen == ListenAddress.both(SocketAddress("127.0.0.1:5070")!) + [
                ListenAddress(.udp, SocketAddress("127.0.0.2:5080")!)
            ])
        #expect(found.refused.isEmpty)
    }

    @Test("streams have their own ports and files")
    func streams() throws {
        let found = try self.sockets(
            """
            listen=tcp:127.0.0.1:5060
            listen=tls:127.0.0.1
            tls_certificate="a.pem"
            tls_require_certificate=1
            """)
        #expect(
            found.listen == [
                ListenAddress(.tcp, SocketAddress("127.0.0.1:5060")!),
                ListenAddress(.tls, SocketAddress("127.0.0.1:5061")!),
            ])
        #expect(found.tls.certificateFile == "a.pem")
        #expect(found.tls.clientCertificate == .required)
        #expect(
            try self.sockets("disable_tcp=1\nlisten=127.0.0.1").listen == [
                ListenAddress(.udp, SocketAddress("127.0.0.1:5060")!)
            ])
    }

    @Test("what cannot be done is said and not passed over")
    func refused() throws {
        let found = try self.sockets("listen=sctp:127.0.0.1:5060\nlisten=eth0")
        #expect(found.listen.isEmpty)
        #expect(found.refused.count == 2)
    }

    @Test("a port alone stays on this machine, and nothing at all says nothing")
    func port() throws {
        #expect(try self.sockets("port=5070").listen == ListenAddress.both(SocketAddress("127.0.0.1:5070")!))
        #expect(try self.sockets("debug=3").listen.isEmpty)
    }

    @Test("aliases may have a port")
    func alias() throws {
        let found = try self.sockets("alias=example.org alias=sip.example.org:5070")
        #expect(found.aliases == [.init(host: "example.org", port: nil), .init(host: "sip.example.org", port: 5070)])
    }
}
