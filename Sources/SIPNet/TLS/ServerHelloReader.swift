import NIOCore
import NIOSSL

/// Reads from the ServerHello which cipher suite was agreed on: the TLS library does not tell.
///
/// Sits between the socket and TLS, looks at the first record that the server sends, changes nothing, and then only
/// passes on.
final class ServerHelloReader: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The suite's number, once it has been seen.
    private(set) var suite: UInt16?
    private let isServer: Bool
    private var seen: [UInt8] = []
    private var isDone = false

    init(isServer: Bool) { self.isServer = isServer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !self.isServer, !self.isDone { self.look(self.unwrapInboundIn(data)) }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if self.isServer, !self.isDone { self.look(self.unwrapOutboundIn(data)) }
        context.write(data, promise: promise)
    }

    private func look(_ buffer: ByteBuffer) {
        self.seen.append(contentsOf: buffer.readableBytesView.prefix(128))
        guard let suite = Self.suite(in: self.seen, isDone: &self.isDone) else { return }
        self.suite = suite
        self.seen = []
    }

    /// Record (5 bytes), handshake header (4), version (2), random (32), session id (1 + n), cipher suite (2): RFC 8446
    /// §4.1.3 and RFC 5246 §7.4.1.3 agree so far.
    static func suite(in bytes: [UInt8], isDone: inout Bool) -> UInt16? {
        guard bytes.count >= 44 else { return nil }
        guard bytes[0] == 22, bytes[5] == 2 else {
            isDone = true
            return nil
        }
        let at = 44 + Int(bytes[43])
        guard bytes.count >= at + 2 else { return nil }
        isDone = true
        return UInt16(bytes[at]) << 8 | UInt16(bytes[at + 1])
    }

    /// Its name in the registry.
    static func name(of suite: UInt16) -> String {
        Self.names[suite] ?? "0x\(String(suite, radix: 16))"
    }

    private static let names: [UInt16: String] = [
        0x002F: "TLS_RSA_WITH_AES_128_CBC_SHA", 0x0035: "TLS_RSA_WITH_AES_256_CBC_SHA",
        0x009C: "TLS_RSA_WITH_AES_128_GCM_SHA256", 0x009D: "TLS_RSA_WITH_AES_256_GCM_SHA384",
        0x1301: "TLS_AES_128_GCM_SHA256", 0x1302: "TLS_AES_256_GCM_SHA384", 0x1303: "TLS_CHACHA20_POLY1305_SHA256",
        0xC009: "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", 0xC00A: "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
        0xC013: "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", 0xC014: "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
        0xC02B: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", 0xC02C: "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        0xC02F: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", 0xC030: "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        0xCCA8: "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
        0xCCA9: "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    ]
}
