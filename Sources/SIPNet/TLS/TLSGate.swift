import NIOCore
import NIOSSL
import NIOTLS
import SIPKit

/// Stands behind TLS: notes what the handshake has found, and starts what follows.
final class TLSGate: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// Set once, when the pipeline is made.
    var tls: NIOSSLHandler?
    private let life: ConnectionLife
    private let hello: ServerHelloReader
    private let ready: (ChannelHandlerContext) -> Void
    private var facts = TLSFacts()

    init(_ life: ConnectionLife, _ hello: ServerHelloReader, ready: @escaping (ChannelHandlerContext) -> Void) {
        self.life = life
        self.hello = hello
        self.ready = ready
    }

    /// What the verifier thinks of the peer's certificates (DER, its own first).
    func judged(_ chain: [[UInt8]], _ problem: String?) {
        self.facts.chain = chain.compactMap { CertificateFacts(der: $0) }
        self.facts.problem = problem
    }

    func channelActive(context: ChannelHandlerContext) {
        self.life.connected()
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case TLSUserEvent.handshakeCompleted = event {
            self.noteFacts()
            self.ready(context)
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func noteFacts() {
        self.facts.cipher = self.hello.suite.map(ServerHelloReader.name)
        switch self.tls?.tlsVersion {
        case .tlsv12: self.facts.version = .tls12
        case .tlsv13: self.facts.version = .tls13
        default: break
        }
        self.life.secured(self.facts)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !self.life.isOpen else { return context.fireErrorCaught(error) }
        self.noteFacts()
        if let problem = self.facts.problem, case NIOSSLError.handshakeFailed = error {
            return self.life.fail(.certificate(problem))
        }
        self.life.fail(StreamError(error))
    }
}
