import SIPKit
import SIPNet

/// Takes rtpproxy's commands, so that another proxy can use our relay: `COOKIE COMMAND` in a datagram, `COOKIE ANSWER` back.
///
/// Who may send commands decides over everybody's calls: it should listen where only the proxy can reach it.
final class RTPProxyListener: Sendable {
    private let relay: MediaRelay
    private let log: ProxyLog
    // Belongs to the thread of `start`.
    private nonisolated(unsafe) let endpoint: UDPEndpoint
    private nonisolated(unsafe) let loop: EventLoop

    /// - Throws: ``SocketError`` for an address that is taken or not ours.
    init(_ address: SocketAddress, relay: MediaRelay, log: ProxyLog) throws(SocketError) {
        var options = UDPEndpoint.Options()
        options.datagramSize = 4_096
        options.receiveBuffer = 1 << 20
        let endpoint = try UDPEndpoint(bind: address, options: options)
        let loop = try EventLoop()
        try loop.add(endpoint.descriptor, token: 0)
        self.endpoint = endpoint
        self.loop = loop
        self.relay = relay
        self.log = log
    }

    func start() {
        self.log(2, "media relay: commands of rtpproxy's protocol are taken at udp:\(self.endpoint.localAddress)")
        let isStarted = DetachedThread.start("rtpproxy server") {
            var recent = RTPProxyAnswers()
            let clock = SystemClock()
            while true {
                _ = self.loop.wait(until: nil, now: clock.now())
                self.serve(&recent)
            }
        }
        if !isStarted { self.log(-1, "media relay: the system gives no thread; no commands are taken") }
    }

    private func serve(_ recent: inout RTPProxyAnswers) {
        let batch = self.endpoint.receive()
        for number in 0..<batch.count where !batch[number].isTruncated {
            let words = RTPProxyCommand.words(batch[number].bytes)
            guard words.count > 1 else { continue }
            let cookie = Array(words[0])
            let source = batch[number].source
            // A repeat is answered as before: its first answer was lost, and it must not be carried out again.
            let answer = recent.answer(cookie, source) ?? self.relay.answer(Array(words.dropFirst()))
            recent.keep(cookie, source, answer)
            var line = cookie
            line.append(ASCII.space)
            line += answer
            line.append(ASCII.lf)
            self.endpoint.enqueue(copying: line, to: source)
        }
        _ = self.endpoint.flush()
        while self.endpoint.nextError() != nil {}
    }
}

/// The last answers, for commands that come again.
struct RTPProxyAnswers {
    private struct Key: Hashable {
        var cookie: [UInt8]
        var source: SocketAddress
    }
    private static let limit = 1_024
    private var answers: [Key: [UInt8]] = [:]
    private var order: [Key] = []
    private var next = 0

    func answer(_ cookie: [UInt8], _ source: SocketAddress) -> [UInt8]? {
        self.answers[Key(cookie: cookie, source: source)]
    }

    mutating func keep(_ cookie: [UInt8], _ source: SocketAddress, _ answer: [UInt8]) {
        let key = Key(cookie: cookie, source: source)
        guard self.answers.updateValue(answer, forKey: key) == nil else { return }
        if self.order.count < Self.limit {
            self.order.append(key)
        } else {
            self.answers[self.order[self.next]] = nil
            self.order[self.next] = key
        }
        self.next = (self.next + 1) % Self.limit
    }
}

extension MediaRelay {
    /// Carries a command of rtpproxy's protocol out.
    ///
    /// - Returns: the answer: a port and our address, a number, or `E` and a number.
    func answer(_ words: [ArraySlice<UInt8>]) -> [UInt8] {
        let command: RTPProxyCommand
        do throws(ParseError) {
            command = try RTPProxyCommand(parsing: words)
        } catch {
            return Array((error.kind == .unsupported ? "E0" : "E1").utf8)
        }
        switch command {
        case .version: return Array(RTPProxyCommand.baseVersion.utf8)
        case .feature(let date):
            return [RTPProxyCommand.features.contains(String(decoding: date, as: UTF8.self)) ? 0x31 : 0x30]
        case .offer(let stream): return self.carry(stream, begins: true)
        case .answer(let stream): return self.carry(stream, begins: false)
        case .end(let party):
            return self.end(callID: party.callID, tags: party.tag, party.otherTag) ? [ASCII.zero] : Array("E8".utf8)
        case .query(let party):
            guard let (left, first, second) = self.figures(callID: party.callID, party.tag, party.otherTag) else {
                return Array("E8".utf8)
            }
            return Array("\(left) \(first) \(second) \(first &+ second) 0".utf8)
        case .figures:
            let reports = self.reports()
            return Array(
                "active sessions: \(reports.count) active streams: \(reports.reduce(0) { $0 + $1.streams.count })".utf8)
        case .endAll:
            self.endAll()
            return [ASCII.zero]
        }
    }

    private func carry(_ stream: RTPProxyCommand.Stream, begins: Bool) -> [UInt8] {
        let family: IPAddress.Family =
            stream.address?.ip.family ?? (stream.flags.contains(UInt8(ascii: "6")) ? .v6 : .v4)
        guard let own = self.address(family) else { return Array("E7".utf8) }
        // The proxy says where the message with the description came from, so that is where media is expected from.
        var update = MediaUpdate(
            callID: stream.party.callID, senderTag: begins ? stream.party.tag : stream.party.otherTag,
            receiverTag: begins ? stream.party.otherTag : stream.party.tag,
            mayBegin: begins,
            streams: [
                MediaUpdate.Stream(kind: Array("audio".utf8), address: stream.address, isOff: false)
            ], source: stream.address?.ip ?? own, senderFacing: own, receiverFacing: own)
        update.firstStream = stream.medium - 1
        update.isAsymmetric = stream.flags.contains { $0 | 0x20 == UInt8(ascii: "a") }
        do throws(MediaError) {
            guard case let place?? = try self.update(update).first else { return Array("E7".utf8) }
            var text: [UInt8] = []
            text.append(decimal: UInt64(place.port))
            text.append(ASCII.space)
            text += place.ip.description.utf8
            if place.ip.family == .v6 { text += " 6".utf8 }
            return text
        } catch {
            // An answer of a call that is not known is told so; the proxy leaves its description alone.
            return Array((error == .noSession ? "0" : "E7").utf8)
        }
    }
}
