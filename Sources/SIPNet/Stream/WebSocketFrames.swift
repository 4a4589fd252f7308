import NIOCore
import NIOWebSocket
import SIPKit

/// Between WebSocket frames and messages (RFC 6455, RFC 7118 §5): one message a frame, or the fragments of one.
final class WebSocketFrames: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = WebSocketFrame

    private let life: ConnectionLife
    /// What clients send is masked (RFC 6455 §5.3).
    private let masks: Bool
    private var hasClosed = false

    init(_ life: ConnectionLife, masks: Bool) {
        self.life = life
        self.masks = masks
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let frame = self.unwrapInboundIn(data)
        switch frame.opcode {
        case .text, .binary: context.fireChannelRead(self.wrapInboundOut(frame.unmaskedData))
        case .ping: self.send(.pong, frame.unmaskedData, context, nil)
        case .connectionClose: self.close(frame.unmaskedData, context)
        default: break
        }
    }

    /// A close is answered with the same code, and then TCP is closed.
    private func close(_ data: ByteBuffer, _ context: ChannelHandlerContext) {
        guard !self.hasClosed else { return context.close(promise: nil) }
        self.hasClosed = true
        let done = context.eventLoop.makePromise(of: Void.self)
        let channel = context.channel
        done.futureResult.whenComplete { _ in channel.close(promise: nil) }
        self.send(
            .connectionClose,
            data.getSlice(at: data.readerIndex, length: Swift.min(2, data.readableBytes)) ?? ByteBuffer(), context, done
        )
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let buffer = self.unwrapOutboundIn(data)
        // A text frame has to be UTF-8; browsers get text as a string.
        let isText = String(validating: buffer.readableBytesView, as: UTF8.self) != nil
        self.frame(isText ? .text : .binary, buffer, context, promise)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if !self.hasClosed, mode != .input, self.life.isOpen {
            self.hasClosed = true
            self.send(.connectionClose, ByteBuffer(bytes: [0x03, 0xE8]), context, nil)
        }
        context.close(mode: mode, promise: promise)
    }

    private func send(
        _ opcode: WebSocketOpcode, _ data: ByteBuffer, _ context: ChannelHandlerContext,
        _ promise: EventLoopPromise<Void>?
    ) {
        self.frame(opcode, data, context, promise)
        context.flush()
    }

    private func frame(
        _ opcode: WebSocketOpcode, _ data: ByteBuffer, _ context: ChannelHandlerContext,
        _ promise: EventLoopPromise<Void>?
    ) {
        let frame = WebSocketFrame(fin: true, opcode: opcode, maskKey: self.masks ? .random() : nil, data: data)
        context.write(self.wrapOutboundOut(frame), promise: promise)
    }
}

/// Lets only frames through that are masked as they should be: those of clients are, those of servers are not (RFC 6455
/// §5.1). Stands where frames come in, before fragments are put together.
final class WebSocketMasks: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias InboundOut = WebSocketFrame

    private let life: ConnectionLife
    private let isServer: Bool

    init(_ life: ConnectionLife, isServer: Bool) {
        self.life = life
        self.isServer = isServer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard (self.unwrapInboundIn(data).maskKey != nil) == self.isServer else {
            return self.life.fail(.webSocket("the peer \(self.isServer ? "does not mask" : "masks") its frames"))
        }
        context.fireChannelRead(data)
    }
}
