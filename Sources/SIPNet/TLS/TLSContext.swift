import Glibc
import NIOCore
import NIOSSL
import SIPKit

/// Files and rules made ready for many connections of one side, and the handlers of one connection.
struct TLSContext: Sendable {
    private let context: NIOSSLContext
    private let verifier: PeerVerifier
    private let isServer: Bool
    /// Whether a peer whose certificate is not good is sent away.
    private let isStrict: Bool

    /// - Throws: ``TLSSettingsError`` that names the file.
    init(client options: TLSOptions) throws(TLSSettingsError) {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if let (chain, key) = try Self.identity(options) {
            configuration.certificateChain = chain
            configuration.privateKey = key
        }
        try Self.apply(options, to: &configuration)
        // The verifier judges, names included; also a peer that is let in at any rate is looked at.
        configuration.certificateVerification = .noHostnameVerification
        self.verifier = try PeerVerifier(trustFile: options.trustFile)
        self.isServer = false
        self.isStrict = options.verifiesPeer
        self.context = try Self.make(configuration)
    }

    /// - Throws: ``TLSSettingsError`` that names the file.
    init(server options: TLSOptions) throws(TLSSettingsError) {
        guard let (chain, key) = try Self.identity(options) else {
            throw TLSSettingsError(description: "a TLS listener needs a certificate and its key")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(certificateChain: chain, privateKey: key)
        try Self.apply(options, to: &configuration)
        configuration.certificateVerification =
            switch options.clientCertificate {
            case .no: .none
            case .asked: .optionalVerification
            case .required: .noHostnameVerification
            }
        self.verifier = try PeerVerifier(trustFile: options.trustFile)
        self.isServer = true
        self.isStrict = true
        self.context = try Self.make(configuration)
    }

    /// The handlers that stand between the socket and SIP.
    ///
    /// - Parameter ready: what happens once the handshake is done and the peer accepted.
    func handlers(
        _ life: ConnectionLife, ready: @escaping (ChannelHandlerContext) -> Void
    ) throws -> [any ChannelHandler] {
        let hello = ServerHelloReader(isServer: self.isServer)
        let gate = TLSGate(life, hello, ready: ready)
        let gateBound = NIOLoopBound(gate, eventLoop: life.channel.eventLoop)
        let (verifier, isStrict) = (self.verifier, self.isStrict)
        let expected = self.expected(life.connection)
        let verify: NIOSSLCustomVerificationCallback = { certificates, promise in
            let chain = certificates.compactMap { try? $0.toDERBytes() }
            let problem = verifier.problem(with: chain, for: expected)
            gateBound.value.judged(chain, problem)
            promise.succeed(problem == nil || !isStrict ? .certificateVerified : .failed)
        }
        let tls: NIOSSLHandler
        if self.isServer {
            tls = NIOSSLServerHandler(context: self.context, customVerificationCallback: verify)
        } else {
            var name: String?
            if case .server(let called) = expected { name = called }
            tls = try NIOSSLClientHandler(
                context: self.context, serverHostname: name, customVerificationCallback: verify)
        }
        gate.tls = tls
        return [hello, tls, gate]
    }

    private func expected(_ connection: StreamConnection) -> PeerVerifier.Expected {
        if self.isServer { return .client }
        // An address is no name: it goes neither into SNI nor into the list of DNS names.
        guard let name = connection.serverName, IPAddress(name) == nil else {
            return .serverAddress(connection.serverName.flatMap { IPAddress($0) } ?? connection.remote.ip)
        }
        return .server(name: name)
    }

    private static func make(_ configuration: TLSConfiguration) throws(TLSSettingsError) -> NIOSSLContext {
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            // Both files have been read by now; what is left is that they do not fit together.
            if case NIOSSLError.failedToLoadPrivateKey = error {
                throw TLSSettingsError(description: "the private key does not belong to the certificate")
            }
            throw TLSSettingsError(description: "TLS cannot be set up: \(error)")
        }
    }

    private static func apply(
        _ options: TLSOptions, to configuration: inout TLSConfiguration
    ) throws(TLSSettingsError) {
        configuration.minimumTLSVersion = options.minimumVersion == .tls12 ? .tlsv12 : .tlsv13
        configuration.maximumTLSVersion = options.maximumVersion == .tls12 ? .tlsv12 : .tlsv13
        configuration.trustRoots = .certificates([])
        if let file = options.keyLogFile {
            let log = try KeyLog.shared(file)
            configuration.keyLogCallback = { log.append($0.readableBytesView) }
        }
    }

    /// Our certificates and their key, where they were given.
    private static func identity(
        _ options: TLSOptions
    ) throws(TLSSettingsError) -> ([NIOSSLCertificateSource], NIOSSLPrivateKeySource)? {
        guard let file = options.certificateFile else { return nil }
        let chain = try Self.read(file, "a certificate") { try NIOSSLCertificate.fromPEMFile(file) }
        guard !chain.isEmpty else { throw TLSSettingsError(description: "\(file): there is no certificate in it") }
        let keyFile = options.keyFile ?? file
        let key = try Self.read(keyFile, "a private key") { try NIOSSLPrivateKey(file: keyFile, format: .pem) }
        return (chain.map { .certificate($0) }, .privateKey(key))
    }

    private static func read<Value>(
        _ file: String, _ what: String, _ body: () throws -> Value
    ) throws(TLSSettingsError) -> Value {
        guard access(file, R_OK) == 0 else {
            throw TLSSettingsError(description: "cannot read \(what) from \(file): \(SocketError.text(of: errno))")
        }
        do {
            return try body()
        } catch {
            throw TLSSettingsError(
                description: "cannot read \(what) from \(file): it is not in PEM, or needs a password")
        }
    }
}
