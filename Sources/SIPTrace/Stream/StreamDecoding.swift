import SIPKit

/// What runs in the streams: SIP, SIP in WebSocket frames, HEP, TLS with one of these inside, or something else.
extension StreamTable {
    func decode(
        _ stream: TCPStream, _ arrived: Int, _ origin: MessageOrigin, _ counts: inout TraceCounts, _ opensHEP: Bool,
        ends: Bool, _ deliver: MessageExtractor.Deliver
    ) {
        while stream.head < stream.bytes.count {
            let head = stream.head
            switch stream.mode {
            case .unknown:
                self.recognise(
                    stream, Key(source: origin.source, destination: origin.destination), opensHEP, ends: ends)
            case .sip: self.cut(stream, arrived, origin, &counts, ends: ends, deliver)
            case .webSocketHandshake: self.passHandshake(stream)
            case .webSocket: self.unframe(stream, origin, &counts, deliver)
            case .hep: self.openHEP(stream, origin, &counts, deliver)
            case .tls:
                self.openTLS(stream, origin, &counts, opensHEP, ends: ends, deliver)
                if stream.head == head { return }
            case .other:
                // A connection of something else. Its segments are looked at for SIP all the same: the beginning may
                // have been anything.
                if arrived > 0, case .yes = SIPStart.look(stream.bytes.span, at: stream.bytes.count - arrived) {
                    stream.use(to: stream.bytes.count - arrived)
                    stream.mode = .sip
                    stream.cutter = SIPStreamCutter()
                    continue
                }
                counts.count(.notSIP)
                stream.use(to: stream.bytes.count)
            }
            if stream.head == head, stream.mode != .sip || !ends { if !self.changed(stream, head) { return } }
            if stream.head == head, ends, stream.mode == .sip { return }
        }
    }

    /// Whether the mode has moved on from `unknown` without using bytes, so that decoding goes on.
    private func changed(_ stream: TCPStream, _ head: Int) -> Bool {
        if stream.mode != .unknown, !stream.isRecognised {
            stream.isRecognised = true
            return true
        }
        return false
    }

    private func recognise(_ stream: TCPStream, _ key: Key, _ opensHEP: Bool, ends: Bool) {
        let buffer = stream.bytes
        let bytes = buffer.span.part(stream.head, buffer.count)
        stream.isRecognised = false
        if Self.begins(bytes, "GET ") || Self.begins(bytes, "HTTP/1.1 101") {
            stream.mode = .webSocketHandshake
        } else if opensHEP, Self.begins(bytes, "HEP3") {
            stream.mode = .hep
        } else if bytes.u8(0) == 22, bytes.u8(1) == 3, bytes.count >= 3, bytes.u8(2) <= 4, !stream.isInner {
            self.beginTLS(stream, key)
        } else if bytes.count < 16, !ends, Self.mayBecomeKnown(bytes) {
            return
        } else if Self.isFrameWithSIP(bytes) {
            stream.mode = .webSocket
        } else {
            stream.mode = .sip
        }
    }

    private static func begins(_ bytes: Span<UInt8>, _ text: StaticString) -> Bool {
        bytes.equals(.init(0, text.utf8CodeUnitCount), text)
    }

    /// Whether the first bytes are too few to tell.
    private static func mayBecomeKnown(_ bytes: Span<UInt8>) -> Bool {
        let words: [StaticString] = ["GET ", "HTTP/1.1 101", "HEP3", "\u{16}\u{3}"]
        return words.contains { word in
            word.withUTF8Buffer { wanted in
                for index in 0..<Swift.min(wanted.count, bytes.count) where bytes[index] != wanted[index] {
                    return false
                }
                return bytes.count < wanted.count
            }
        }
    }

    /// A connection that was captured from its middle: a text or binary frame with a SIP start line in it.
    private static func isFrameWithSIP(_ bytes: Span<UInt8>) -> Bool {
        guard [0x81, 0x82].contains(bytes.u8(0)) else { return false }
        var frames = WebSocketFrames()
        guard case .message(let message, _) = frames.step(bytes, from: 0) else { return false }
        if case .yes = SIPStart.look(message.span, at: 0) { return true }
        return false
    }

    private func cut(
        _ stream: TCPStream, _ arrived: Int, _ origin: MessageOrigin, _ counts: inout TraceCounts, ends: Bool,
        _ deliver: MessageExtractor.Deliver
    ) {
        // A lost stream may find its way at the edge of a segment, where no line end stands before.
        let edge = stream.bytes.count - arrived
        if stream.cutter.isLost, arrived > 0, edge > stream.head,
            case .yes = SIPStart.look(stream.bytes.span, at: edge)
        {
            counts.count(.streamFragment)
            stream.use(to: edge)
        }
        switch stream.cutter.step(stream.bytes.span, from: stream.head, ends: ends) {
        case .message(let range, let wireLength):
            var origin = origin
            if wireLength > range.count {
                origin.wireLength = wireLength
                counts.truncated &+= 1
            }
            origin.capturedLength = range.count
            counts.messages &+= 1
            deliver(origin, stream.bytes.span.part(range.start, range.end))
            stream.use(to: range.end)
            stream.sawMessage = true
        case .skip(let offset, let reason):
            counts.count(reason)
            stream.skipped += reason == .keepAlive ? 0 : offset - stream.head
            stream.use(to: offset)
            if stream.skipped > 32_768, !stream.sawMessage { stream.mode = .other }
        case .wait: break
        }
    }

    private func passHandshake(_ stream: TCPStream) {
        let buffer = stream.bytes
        let bytes = buffer.span
        var at = stream.head
        while let line = bytes.firstIndex(ofByte: ASCII.lf, from: at, to: bytes.count) {
            if bytes.u16(line + 1) == 0x0D0A {
                let header = ByteRange(stream.head, line + 3)
                let upgrade = SIPStreamCutter.value(bytes, header.start, header.end, "upgrade", "upgrade")
                stream.mode = upgrade == nil ? .other : .webSocket
                stream.use(to: line + 3)
                return
            }
            at = line + 1
        }
        if stream.buffered > 16_384 { stream.mode = .other }
    }

    private func unframe(
        _ stream: TCPStream, _ origin: MessageOrigin, _ counts: inout TraceCounts, _ deliver: MessageExtractor.Deliver
    ) {
        switch stream.webSocket.step(stream.bytes.span, from: stream.head) {
        case .message(let message, let used):
            stream.use(to: stream.head + used)
            guard case .yes = SIPStart.look(message.span, at: 0) else {
                return counts.count(MessageExtractor.kind(of: message.span))
            }
            var origin = origin
            origin.transport = origin.transport == .tls ? .wss : .ws
            origin.capturedLength = message.count
            counts.messages &+= 1
            deliver(origin, message.span)
        case .nothing(let used): stream.use(to: stream.head + used)
        case .wait: break
        case .damaged: stream.mode = .other
        }
    }

    private func openHEP(
        _ stream: TCPStream, _ origin: MessageOrigin, _ counts: inout TraceCounts, _ deliver: MessageExtractor.Deliver
    ) {
        let available = stream.bytes.count - stream.head
        guard available >= 6 else { return }
        guard let length = HEPPacket.length(stream.bytes.span, at: stream.head) else {
            counts.count(.hepDamaged)
            stream.mode = .other
            return
        }
        guard available >= length else { return }
        if let hep = try? HEPPacket(parsing: stream.bytes.span.part(stream.head, stream.head + length)) {
            Self.deliver(hep, origin, &counts, deliver)
        } else {
            counts.count(.hepDamaged)
        }
        stream.use(to: stream.head + length)
    }

    /// A message that came in a HEP packet, under the addresses and the time that the packet reports.
    static func deliver(
        _ hep: HEPPacket, _ origin: MessageOrigin, _ counts: inout TraceCounts, _ deliver: MessageExtractor.Deliver
    ) {
        guard hep.protocolType == 1 || hep.protocolType == 0, case .yes = SIPStart.look(hep.payload.span, at: 0) else {
            return counts.count(.hepNotSIP)
        }
        var origin = origin
        origin.source = hep.source
        origin.destination = hep.destination
        origin.transport = hep.transport
        origin.time = hep.time ?? origin.time
        origin.viaHEP = true
        origin.capturedLength = hep.payload.count
        origin.wrapping.insert(.hep)
        counts.messages &+= 1
        deliver(origin, hep.payload.span)
    }
}
