import NIOCore
import SIPKit

/// The last handler of every pipeline: cuts bytes into messages and answers keep-alives.
final class MessageHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let life: ConnectionLife
    private var framer: StreamFramer
    /// WebSocket keeps the ends of messages itself (RFC 7118 §5); a stream has Content-Length.
    private let hasFrames: Bool
    /// TLS tells by itself when it is ready.
    private let opensAtOnce: Bool
    private var isRefused = false

    init(_ life: ConnectionLife, hasFrames: Bool, opensAtOnce: Bool) {
        self.life = life
        self.framer = StreamFramer(limits: life.options.framing)
        self.hasFrames = hasFrames
        self.opensAtOnce = opensAtOnce
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive, self.opensAtOnce { self.start() }
    }

    func channelActive(context: ChannelHandlerContext) {
        if self.opensAtOnce { self.start() }
        context.fireChannelActive()
    }

    private func start() {
        self.life.connected()
        self.life.opened()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.isRefused else { return }
        let buffer = self.unwrapInboundIn(data)
        if self.hasFrames { self.takeFrame(buffer, context) } else { self.takeBytes(buffer, context) }
    }

    private func takeBytes(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) {
        let wasWithin = self.framer.pending > 0
        self.framer.feed(buffer.readableBytesView)
        var pongs = 0
        do throws(ParseError) {
            while let frame = try self.framer.next() {
                switch frame {
                case .message(let bytes): self.life.received(bytes)
                case .ping: pongs += 1
                case .pong: break
                }
            }
        } catch {
            self.isRefused = true
            self.life.refused(self.framer.refusedHead, error)
            return
        }
        self.life.worked(isWithin: self.framer.pending > 0, wasWithin: wasWithin)
        self.pong(pongs, context)
    }

    private func takeFrame(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) {
        let view = buffer.readableBytesView
        if view.allSatisfy({ $0 == ASCII.cr || $0 == ASCII.lf }) {
            if view.count >= 4 { self.pong(1, context) }
        } else {
            self.life.received(Array(view))
        }
        self.life.worked(isWithin: false, wasWithin: false)
    }

    /// One answer for the pings of one read: a flood of them is not answered with another (RFC 5626 §4.4.1).
    private func pong(_ pings: Int, _ context: ChannelHandlerContext) {
        guard pings > 0 else { return }
        context.writeAndFlush(
            self.wrapOutboundOut(context.channel.allocator.buffer(bytes: [ASCII.cr, ASCII.lf])), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { self.life.fail(StreamError(error)) }
}
