import NIOCore
import NIOHTTP1
import NIOWebSocket
import SIPKit

/// From HTTP to WebSocket, with the subprotocol `sip` (RFC 7118 §4).
enum WebSocketUpgrade {
    private static func frames(_ life: ConnectionLife, masks: Bool) throws {
        let most = life.options.framing.head + life.options.framing.body
        try life.channel.pipeline.syncOperations.addHandlers([
            WebSocketMasks(life, isServer: !masks),
            NIOWebSocketFrameAggregator(
                minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 1_024, maxAccumulatedFrameSize: most),
            WebSocketFrames(life, masks: masks), MessageHandler(life, hasFrames: true, opensAtOnce: true),
        ])
    }

    // MARK: Server

    static func addServer(_ life: ConnectionLife) throws {
        let most = life.options.framing.head + life.options.framing.body
        let bound = NIOLoopBound(life, eventLoop: life.channel.eventLoop)
        let upgrader = NIOWebSocketServerUpgrader(
            maxFrameSize: most,
            shouldUpgrade: { channel, head in channel.eventLoop.makeSucceededFuture(Self.answer(to: head)) },
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture { try Self.frames(bound.value, masks: false) }
            })
        let pipeline = life.channel.pipeline.syncOperations
        try pipeline.configureHTTPServerPipeline(
            withPipeliningAssistance: false,
            withServerUpgrade: (
                upgraders: [upgrader],
                completionHandler: { context in
                    context.pipeline.syncOperations.removeHandler(name: Self.refusalName).whenFailure { _ in }
                }
            ))
        try pipeline.addHandler(UpgradeRefusal(life), name: Self.refusalName)
    }

    private static let refusalName = "refusal"

    /// The headers of the answer; `nil` when the client does not ask for SIP.
    private static func answer(to head: HTTPRequestHead) -> HTTPHeaders? {
        let offered = head.headers[canonicalForm: "Sec-WebSocket-Protocol"]
        guard offered.contains(where: { $0.lowercased() == "sip" }) else { return nil }
        return ["Sec-WebSocket-Protocol": "sip"]
    }

    // MARK: Client

    /// - Returns: sends the request, once what lies below is ready.
    static func addClient(_ life: ConnectionLife) throws -> () -> Void {
        let most = life.options.framing.head + life.options.framing.body
        let bound = NIOLoopBound(life, eventLoop: life.channel.eventLoop)
        let upgrader = NIOWebSocketClientUpgrader(
            maxFrameSize: most,
            upgradePipelineHandler: { channel, head in
                channel.eventLoop.makeCompletedFuture {
                    guard
                        head.headers[canonicalForm: "Sec-WebSocket-Protocol"].contains(where: {
                            $0.lowercased() == "sip"
                        })
                    else { throw StreamError.webSocket("the server does not agree to the subprotocol sip") }
                    try Self.frames(bound.value, masks: true)
                }
            })
        let refusal = ClientRefusal(life)
        let refusalBound = NIOLoopBound(refusal, eventLoop: life.channel.eventLoop)
        let pipeline = life.channel.pipeline.syncOperations
        try pipeline.addHTTPClientHandlers(
            withClientUpgrade: (
                upgraders: [upgrader],
                completionHandler: { context in
                    context.pipeline.syncOperations.removeHandler(refusalBound.value).whenFailure { _ in }
                }
            ))
        try pipeline.addHandler(refusal)
        return { Self.request(bound.value) }
    }

    private static func request(_ life: ConnectionLife) {
        let connection = life.connection
        var headers: HTTPHeaders = ["Sec-WebSocket-Protocol": "sip", "Content-Length": "0"]
        let host =
            connection.serverName
            ?? (connection.remote.ip.family == .v6 ? "[\(connection.remote.ip)]" : "\(connection.remote.ip)")
        headers.add(
            name: "Host",
            value: connection.remote.port == connection.transport.defaultPort
                ? host : "\(host):\(connection.remote.port)")
        if let origin = life.options.webSocketOrigin { headers.add(name: "Origin", value: origin) }
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: life.options.webSocketPath, headers: headers)
        let channel = life.channel
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
    }
}

/// Answers HTTP that does not want to become a WebSocket for SIP, and closes.
private final class UpgradeRefusal: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let life: ConnectionLife

    init(_ life: ConnectionLife) { self.life = life }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head = self.unwrapInboundIn(data) else { return }
        let text = "This is a SIP server. Ask for a WebSocket with the subprotocol sip (RFC 7118).\n"
        let headers: HTTPHeaders = [
            "Upgrade": "websocket", "Connection": "close", "Content-Type": "text/plain",
            "Content-Length": "\(text.utf8.count)",
        ]
        context.write(
            self.wrapOutboundOut(
                .head(HTTPResponseHead(version: .http1_1, status: .upgradeRequired, headers: headers))),
            promise: nil)
        context.write(self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
        let life = NIOLoopBound(self.life, eventLoop: context.eventLoop)
        context.writeAndFlush(self.wrapOutboundOut(.end(nil))).whenComplete { _ in
            life.value.fail(.webSocket("the client does not ask for SIP"))
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // An upgrade that is not to be: the request comes by in a moment and is answered.
        if error is NIOWebSocketUpgradeError { return }
        self.life.fail(StreamError(error))
    }
}

/// Hears of a server that does not upgrade.
private final class ClientRefusal: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart

    private let life: ConnectionLife

    init(_ life: ConnectionLife) { self.life = life }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = self.unwrapInboundIn(data) else { return }
        self.life.fail(
            .webSocket("the server answers \(head.status.code) \(Printable.text(Array(head.status.reasonPhrase.utf8)))")
        )
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is StreamError { return self.life.fail(StreamError(error)) }
        self.life.fail(.webSocket("the server does not answer as a WebSocket server (\(error))"))
    }
}
