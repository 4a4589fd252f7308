internal import SIPKit

/// What sipp writes with `-trace_msg`: a rule with the date, `UDP message sent (503 bytes):`, an empty line, the message.
///
/// There are no addresses in it: sipp's own and the other side's are taken from the messages (Via and Request-URI).
struct SippMessageFormat: BlockFormat {
    private let context: TextContext
    private(set) var statistics = TextStatistics()
    private var own: SocketAddress?
    private var peer: SocketAddress?

    init(_ context: TextContext) {
        self.context = context
        guard !context.head.isEmpty else { return }
        var ahead = context
        ahead.head = []
        var probe = Self(ahead)
        var lines = LineReader(TextSource(bytes: context.head))
        while probe.own == nil || probe.peer == nil, probe.next(&lines) != nil {}
        self.own = probe.own
        self.peer = probe.peer
    }

    /// The rule: forty dashes or more, and a date behind them.
    static func isMark(_ bytes: Span<UInt8>, _ line: ByteRange) -> Bool { Self.time(bytes, line) != nil }

    private static func time(_ bytes: Span<UInt8>, _ line: ByteRange) -> (time: Int64, isUTC: Bool)? {
        var at = line.start
        while at < line.end, bytes[at] == ASCII.minus { at += 1 }
        guard at - line.start >= 40, at < line.end else { return nil }
        var cursor = ByteCursor(bytes, ByteRange(at, line.end))
        cursor.skipLWS()
        guard let time = TextNumbers.dateAndClock(&cursor) else { return nil }
        cursor.skipLWS()
        // Newer ones write the seconds since 1970 as well.
        if let epoch = TextNumbers.epoch(&cursor), epoch > 1_000_000_000_000_000_000 { return (epoch, true) }
        return (time, false)
    }

    mutating func next(_ lines: inout LineReader) -> TextBlock? {
        while let line = lines.line() {
            let time = Self.time(lines.bytes, line)
            lines.skip(line)
            guard let time else {
                if !line.isEmpty { self.statistics.otherLines += 1 }
                continue
            }
            guard let second = lines.line(), let head = Self.head(lines.bytes, second) else { continue }
            lines.skip(second)
            var block = TextBlock()
            block.bytes = lines.message(.init(isEnd: { bytes, line in Self.isMark(bytes, line) }))
            self.statistics.blocks += 1
            self.learn(block.bytes, isSent: head.isSent)
            let (own, peer) = (self.own ?? SocketAddress(.anyV4, 5060), self.peer ?? SocketAddress(.anyV4, 0))
            block.origin = MessageOrigin(
                time: time.isUTC ? time.time : time.time - Int64(self.context.zoneOffset) * 1_000_000_000,
                source: head.isSent ? own : peer, destination: head.isSent ? peer : own, transport: head.transport,
                frame: self.statistics.blocks, input: self.context.input)
            return block
        }
        return nil
    }

    /// `UDP message sent (503 bytes):`, `TCP message received [458] bytes :`.
    private static func head(_ bytes: Span<UInt8>, _ line: ByteRange) -> (isSent: Bool, transport: TransportProtocol)? {
        var cursor = ByteCursor(bytes, line)
        let transport = TextNumbers.transport(bytes, cursor.takeToken())
        cursor.skipLWS()
        guard let transport, bytes.equals(cursor.takeToken(), "message") else { return nil }
        cursor.skipLWS()
        let verb = cursor.takeToken()
        guard bytes.equals(verb, "sent") || bytes.equals(verb, "received") else { return nil }
        return (bytes.equals(verb, "sent"), transport)
    }

    /// Of a request that was sent, the top Via is ours and the Request-URI the other side's; of one that came, the
    /// other way round.
    private mutating func learn(_ message: [UInt8], isSent: Bool) {
        guard self.own == nil || self.peer == nil else { return }
        var index = MessageIndex()
        guard (try? index.parse(message.span)) != nil, index.isRequest, let via = index.first(.via) else { return }
        var cursor = ByteCursor(message.span, via)
        let top = (try? ViaRanges(parsing: &cursor)).flatMap { top in
            IPAddress(parsing: message.span, top.host).map { SocketAddress($0, top.port ?? 5060) }
        }
        let target = (try? URIRanges(parsing: message.span, index.requestURI)).flatMap { uri in
            IPAddress(parsing: message.span, uri.host).map { SocketAddress($0, uri.port ?? 5060) }
        }
        self.own = self.own ?? (isSent ? top : target)
        self.peer = self.peer ?? (isSent ? target : top)
    }
}

/// What sipp writes with `-trace_shortmsg`: date, time, seconds, direction, Call-ID, CSeq, start line, with tabs between.
///
/// There are no messages in it, so each line becomes the least that can be counted: start line, Call-ID, CSeq.
struct SippShortFormat: BlockFormat {
    private let context: TextContext
    private(set) var statistics = TextStatistics()

    init(_ context: TextContext) { self.context = context }

    static func isLine(_ bytes: Span<UInt8>, _ line: ByteRange) -> Bool { Self.fields(bytes, line) != nil }

    private struct Fields {
        var time: Int64
        var isUTC: Bool
        var isSent: Bool
        var callID: ByteRange
        var cSeq: ByteRange
        var start: ByteRange
    }

    private static func fields(_ bytes: Span<UInt8>, _ line: ByteRange) -> Fields? {
        guard line.count > 30, ASCII.isDigit(bytes[line.start]) else { return nil }
        var columns: [ByteRange] = []
        var at = line.start
        while columns.count < 9, at <= line.end {
            let end = bytes.firstIndex(of: ASCII.tab, in: ByteRange(at, line.end)) ?? line.end
            columns.append(ByteRange(at, end))
            at = end + 1
        }
        guard
            let way = columns.firstIndex(where: {
                $0.count == 1 && (bytes[$0.start] == 0x53 || bytes[$0.start] == 0x52)
            }), way >= 1, columns.count > way + 3
        else { return nil }
        var cursor = ByteCursor(bytes, ByteRange(line.start, columns[way].start))
        guard let clock = TextNumbers.dateAndClock(&cursor) else { return nil }
        cursor.skipLWS()
        let epoch = TextNumbers.epoch(&cursor).flatMap { $0 > 1_000_000_000_000_000_000 ? $0 : nil }
        var start = columns[way + 3]
        start = ByteRange(start.start, MessageText.trimmed(bytes, from: start.start, to: line.end))
        guard bytes.equals(ByteRange(columns[way + 2].start, columns[way + 2].start + 5), "CSeq:") else { return nil }
        return Fields(
            time: epoch ?? clock, isUTC: epoch != nil, isSent: bytes[columns[way].start] == 0x53,
            callID: columns[way + 1], cSeq: columns[way + 2], start: start)
    }

    mutating func next(_ lines: inout LineReader) -> TextBlock? {
        while let line = lines.line() {
            guard let fields = Self.fields(lines.bytes, line) else {
                lines.skip(line)
                if !line.isEmpty { self.statistics.otherLines += 1 }
                continue
            }
            var block = TextBlock()
            let end: [UInt8] = [ASCII.cr, ASCII.lf]
            block.bytes = lines.bytes.copy(fields.start) + end + Array("Call-ID: ".utf8)
            block.bytes += lines.bytes.copy(fields.callID) + end + lines.bytes.copy(fields.cSeq) + end + end
            lines.skip(line)
            self.statistics.blocks += 1
            let (own, peer) = (SocketAddress(.anyV4, 5060), SocketAddress(.anyV4, 0))
            block.origin = MessageOrigin(
                time: fields.isUTC ? fields.time : fields.time - Int64(self.context.zoneOffset) * 1_000_000_000,
                source: fields.isSent ? own : peer, destination: fields.isSent ? peer : own, transport: .udp,
                frame: self.statistics.blocks, input: self.context.input)
            return block
        }
        return nil
    }

    var note: String? {
        self.statistics.blocks > 0 ? "start lines only: counts and times, no diagnoses of contents" : nil
    }
}
