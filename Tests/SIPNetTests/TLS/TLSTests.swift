import Glibc
import SIPKit
import Testing

@testable import SIPNet

@Suite("TLS on loopback", .enabled(if: TestCertificates.isPossible))
struct TLSTests {
    private static let anyPort = SocketAddress(.loopbackV4, 0)

    /// One handshake and one message, or what became of it.
    private struct Meeting {
        var connection: StreamConnection
        var inbound: StreamConnection?
        var messages: [String]
        var ends: [StreamError]
    }

    private func meet(
        _ files: TestCertificates, _ transport: TransportProtocol = .tls, name: String? = "sip.example.org",
        client: (inout TLSOptions) -> Void = { _ in }, server: (inout TLSOptions) -> Void = { _ in }
    ) throws -> Meeting {
        var clientTLS = TLSOptions()
        clientTLS.trustFile = files.path("ca.pem")
        client(&clientTLS)
        var serverTLS = TLSOptions()
        serverTLS.certificateFile = files.path("server.pem")
        server(&serverTLS)
        var pair = try StreamPair(clientTLS: clientTLS)
        let address = try pair.server.listen(on: Self.anyPort, transport, tls: serverTLS)
        let connection = pair.client.connect(to: address, transport, serverName: name)
        pair.client.send(Array(StreamTransportTests.message(1).utf8), on: connection)
        #expect(pair.run { !StreamPair.messages($0.serverEvents).isEmpty || !StreamPair.ends($0.clientEvents).isEmpty })
        return Meeting(
            connection: connection, inbound: StreamPair.connection(pair.serverEvents),
            messages: StreamPair.messages(pair.serverEvents), ends: StreamPair.ends(pair.clientEvents))
    }

    @Test(
        "messages travel, and both sides know what was agreed on",
        arguments: [TransportProtocol.tls, .wss], [TLSOptions.Version.tls12, .tls13])
    func works(transport: TransportProtocol, version: TLSOptions.Version) throws {
        let files = try #require(TestCertificates())
        defer { files.remove() }
        let meeting = try self.meet(files, transport, client: { $0.maximumVersion = version })
        #expect(meeting.messages == [StreamTransportTests.message(1)])
        let facts = try #require(meeting.connection.tls)
        #expect(facts.version == version)
        #expect(facts.cipher?.hasPrefix("TLS_") == true)
        #expect(facts.cipher == meeting.inbound?.tls?.cipher)
        #expect(facts.problem == nil)
        let certificate = try #require(facts.chain.first)
        #expect(certificate.subject == "CN=sip.example.org")
        #expect(certificate.issuer == "O=Test, CN=Test Authority")
        #expect(
            certificate.names == [
                "DNS:sip.example.org", "DNS:*.wild.example.org", "IP:127.0.0.1", "URI:sip:example.org",
            ])
        let now = Int64(time(nil))
        #expect(certificate.daysLeft(now: now + 60) == 9)
        #expect(certificate.daysLeft(now: now + 60 + 86_400 * 11) == -2)
    }

    @Test(
        "a certificate may name the address, or a name by a star", arguments: [nil, "127.0.0.1", "a.wild.example.org"])
    func otherNames(name: String?) throws {
        let files = try #require(TestCertificates())
        defer { files.remove() }
        #expect(try self.meet(files, name: name).messages.count == 1)
    }

    @Test("what is wrong with a certificate is said in words")
    func refusals() throws {
        let files = try #require(TestCertificates())
        defer { files.remove() }
        #expect(
            try self.meet(files, name: "other.example.org").ends == [
                .certificate(
                    "it is for DNS:sip.example.org, DNS:*.wild.example.org, IP:127.0.0.1, URI:sip:example.org, and other.example.org was called"
                )
            ])
        #expect(
            try self.meet(files, client: { $0.trustFile = files.path("other.pem") }).ends == [
                .certificate(
                    "O=Test, CN=Test Authority, which signed CN=sip.example.org, is not among the trusted authorities")
            ])
        #expect(
            try self.meet(files, server: { $0.certificateFile = files.path("self.pem") }).ends == [
                .certificate("CN=alone is signed by itself and not among the trusted authorities")
            ])
    }

    @Test("who does not check is told all the same")
    func unchecked() throws {
        let files = try #require(TestCertificates())
        defer { files.remove() }
        let meeting = try self.meet(files, name: "other.example.org", client: { $0.verifiesPeer = false })
        #expect(meeting.messages.count == 1)
        #expect(meeting.connection.tls?.problem?.hasSuffix("and other.example.org was called") == true)
    }

    @Test("certificates of clients: asked for, required, and of the wrong authority")
    func clientCertificates() throws {
        let files = try #require(TestCertificates())
        defer { files.remove() }
        let demand: (inout TLSOptions) -> Void = { options in
            options.clientCertificate = .required
            options.trustFile = files.path("ca.pem")
        }
        let known = try self.meet(files, client: { $0.certificateFile = files.path("client.pem") }, server: demand)
        #expect(known.messages.count == 1)
        #expect(known.inbound?.tls?.chain.first?.subject == "CN=client one")
        #expect(try self.meet(files, server: demand).messages.isEmpty, "none is shown")
        let strange = try self.meet(files, client: { $0.certificateFile = files.path("self.pem") }, server: demand)
        #expect(strange.messages.isEmpty)
        let asked = try self.meet(files, server: { $0.clientCertificate = .asked })
        #expect(asked.messages.count == 1, "one that is only asked for may stay away")
    }

    @Test("settings that cannot work name the file")
    func settings() throws {
        let files = try #require(TestCertificates())
        defer { files.remove() }
        func fault(_ change: (inout TLSOptions) -> Void) -> String? {
            var options = TLSOptions()
            options.certificateFile = files.path("server.pem")
            change(&options)
            do {
                _ = try TLSContext(server: options)
                return nil
            } catch { return error.description }
        }
        #expect(fault { _ in } == nil)
        #expect(fault { $0.certificateFile = nil } == "a TLS listener needs a certificate and its key")
        #expect(
            fault { $0.certificateFile = "/nowhere.pem" }
                == "cannot read a certificate from /nowhere.pem: No such file or directory")
        #expect(
            fault { $0.keyFile = files.path("client.key") } == "the private key does not belong to the certificate")
        #expect(
            fault { $0.trustFile = "/nowhere" }?.hasPrefix("cannot read trusted certificates from /nowhere") == true)
    }

    @Test("the secrets are written where they were asked for")
    func keyLog() throws {
        let files = try #require(TestCertificates())
        defer { files.remove() }
        let log = files.path("keys.log")
        #expect(try self.meet(files, client: { $0.keyLogFile = log }).messages.count == 1)
        let file = try #require(fopen(log, "r"))
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 400)
        #expect(fgets(&line, 400, file) != nil)
        let first = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        #expect(first.contains("_SECRET ") && first.split(separator: " ").count == 3)
        var about = stat()
        #expect(stat(log, &about) == 0 && about.st_mode & 0o77 == 0, "nobody else may read them")
    }

    @Test("who does not speak TLS is told so", arguments: [TransportProtocol.tls, .wss])
    func plainServer(transport: TransportProtocol) throws {
        var pair = try StreamPair()
        let address = try pair.server.listen(on: Self.anyPort, .ws)
        _ = pair.client.connect(to: address, transport)
        #expect(pair.run { !StreamPair.ends($0.clientEvents).isEmpty })
        guard case .tls = StreamPair.ends(pair.clientEvents).first else {
            Issue.record("not a fault of TLS: \(StreamPair.ends(pair.clientEvents))")
            return
        }
    }

    @Test("DER that is none, cut, or changed anywhere gives facts or nothing")
    func anyDER() throws {
        let files = try #require(TestCertificates())
        defer { files.remove() }
        let meeting = try self.meet(files)
        let der = try #require(meeting.connection.tls?.chain.first?.der)
        #expect(CertificateFacts(der: der) == meeting.connection.tls?.chain.first)
        var read = 0
        for cut in 0..<der.count where CertificateFacts(der: Array(der[..<cut])) != nil { read += 1 }
        #expect(read == 0)
        for place in der.indices {
            for value: UInt8 in [0x00, 0x30, 0x7F, 0x80, 0x84, 0xFF] {
                var changed = der
                changed[place] = value
                if CertificateFacts(der: changed) != nil { read += 1 }
            }
        }
        #expect(read > 0)
    }
}

extension TestCertificates {
    /// Debian and CI have openssl; a machine without it skips these tests by name.
    static var isPossible: Bool { access("/usr/bin/openssl", X_OK) == 0 }
}
