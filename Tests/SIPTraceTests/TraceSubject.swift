import Glibc

// The fuzz build is one module with the library itself.
#if canImport(SIPTrace)
    import SIPKit
    @testable import SIPTrace
#endif

/// What reads a stranger's bytes in a trace, and what must hold for any bytes: it ends, without a trap, within bounds. For
/// the fuzz targets of these names and for the test that replays what they found.
enum TraceSubject: String, CaseIterable {
    /// A capture file of any format.
    case capture
    /// One packet; the first byte chooses the link type.
    case link
    /// IP packets one after another, each behind two bytes of length: fragments in any order.
    case fragments
    /// TCP segments: two bytes of length, one of direction and order, then payload.
    case segments
    case hep
    /// RTP and RTCP, as above.
    case media
    case websocket
    /// Both directions of a TLS connection, as in ``segments``; the secrets are known.
    case tls
    /// A text of ngrep.
    case text

    func examine(_ bytes: [UInt8]) {
        switch self {
        case .capture: Self.examineFile(bytes)
        case .link:
            guard let first = bytes.first else { return }
            let links: [UInt32] = [1, 0, 9, 50, 101, 104, 105, 108, 113, 127, 228, 229, 239, 252, 276]
            let link = LinkType(rawValue: links[Int(first) % links.count])
            Self.examinePackets([Array(bytes.dropFirst())], link)
        case .fragments: Self.examinePackets(Self.pieces(bytes), .raw)
        case .segments: Self.examineSegments(bytes)
        case .hep:
            _ = try? HEPPacket(parsing: bytes.span)
            var extractor = MessageExtractor()
            extractor.takeHEP(bytes.span, time: 0) { _, _ in }
        case .media: Self.examineMedia(bytes)
        case .websocket:
            var frames = WebSocketFrames()
            var at = 0
            loop: while at < bytes.count {
                switch frames.step(bytes.span, from: at) {
                case .message(let message, let used):
                    precondition(message.count <= SIPStreamCutter.longestMessage && used > 0, "a frame moves on")
                    at += used
                case .nothing(let used):
                    precondition(used > 0, "a frame moves on")
                    at += used
                case .wait, .damaged: break loop
                }
            }
        case .tls: Self.examineTLS(bytes)
        case .text:
            var reader = NgrepTextReader(TextSource(bytes: bytes))
            var count = 0
            while reader.next() {
                precondition(reader.payload.count <= bytes.count * 2 + 16, "a message is no longer than its text")
                count += 1
                precondition(count <= bytes.count + 1, "reading ends")
            }
        }
    }

    /// Pieces, each behind two bytes of length.
    private static func pieces(_ bytes: [UInt8]) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var at = 0
        while at + 2 <= bytes.count, pieces.count < 4096 {
            let length = Int(bytes[at]) << 8 | Int(bytes[at + 1])
            let end = Swift.min(bytes.count, at + 2 + length)
            pieces.append(Array(bytes[(at + 2)..<end]))
            at = end
        }
        return pieces
    }

    private static func examinePackets(_ packets: [[UInt8]], _ link: LinkType) {
        var extractor = MessageExtractor()
        extractor.media = MediaTracker()
        var length = 0
        for (number, packet) in packets.enumerated() {
            length += packet.count
            let record = PacketRecord(
                time: Int64(number) * 1_000_000, start: 0, count: packet.count, wireLength: packet.count + number % 3,
                link: link)
            extractor.take(packet.span, record) { origin, message in
                precondition(message.count <= Swift.max(length, 1 << 20), "a message came out of packets")
                var reading = MessageReading()
                reading.read(message)
                _ = MessageLint.findings(message, reading, isTruncated: origin.isTruncated)
            }
        }
        extractor.finish { _, _ in }
        _ = extractor.media?.findings()
    }

    /// A TCP segment in an IPv4 packet in the direction of the first byte's lowest bit; the other bits move its place.
    private static func segment(_ piece: [UInt8], _ next: inout [UInt32]) -> [UInt8] {
        guard let first = piece.first else { return [] }
        let side = Int(first & 1)
        let payload = Array(piece.dropFirst())
        var sequence = next[side]
        switch first >> 1 & 7 {
        case 1: sequence &+= UInt32(first)
        case 2: sequence &-= UInt32(first >> 4)
        default: next[side] = sequence &+ UInt32(truncatingIfNeeded: payload.count)
        }
        let flags: UInt8 = first & 0xF0 == 0xF0 ? 0x11 : first & 0xF0 == 0xE0 ? 0x02 : 0x18
        let ports: [UInt8] = side == 0 ? [0x9C, 0x40, 0x13, 0xC5] : [0x13, 0xC5, 0x9C, 0x40]
        let addresses: [UInt8] = side == 0 ? [10, 0, 0, 1, 10, 0, 0, 2] : [10, 0, 0, 2, 10, 0, 0, 1]
        let total = 40 + payload.count
        let number = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: sequence >> $0) }
        return [
            0x45, 0, UInt8(truncatingIfNeeded: total >> 8), UInt8(truncatingIfNeeded: total), 0, 0, 0, 0, 64, 6, 0, 0,
        ]
            + addresses + ports + number + [0, 0, 0, 1, 0x50, flags, 1, 0, 0, 0, 0, 0] + payload
    }

    private static func examineSegments(_ bytes: [UInt8]) {
        var next: [UInt32] = [1000, 2000]
        Self.examinePackets(Self.pieces(bytes).map { Self.segment($0, &next) }, .raw)
    }

    private static func examineMedia(_ bytes: [UInt8]) {
        let tracker = MediaTracker()
        let origin = MessageOrigin(
            time: 0, source: SocketAddress(.loopbackV4, 1), destination: SocketAddress(.loopbackV4, 2), transport: .udp,
            frame: 1)
        for (number, piece) in Self.pieces(bytes).enumerated() {
            var origin = origin
            origin.time = Int64(number) * 20_000_000
            tracker.take(origin, piece.span)
            tracker.learn(piece.span)
        }
        for stream in tracker.streams {
            _ = tracker.quality(stream)
            precondition(stream.lossFraction >= 0 && stream.lossFraction <= 1, "a share is one")
        }
        _ = tracker.findings()
    }

    /// The first 32 bytes are the client's random, as in the log; what follows are segments.
    private static func examineTLS(_ bytes: [UInt8]) {
        guard bytes.count > 32 else { return }
        let keys = TLSKeyLog()
        let digits = Array("0123456789abcdef".utf8)
        let random = bytes.prefix(32).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        let secret = [UInt8](repeating: 0x61, count: 64)
        for label in [
            "CLIENT_RANDOM", "CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET",
            "CLIENT_TRAFFIC_SECRET_0",
            "SERVER_TRAFFIC_SECRET_0",
        ] {
            let line = Array(label.utf8) + [0x20] + random + [0x20] + secret + [0x0A]
            keys.add(line.span)
        }
        let rest = Array(bytes.dropFirst(32))
        keys.add(rest.span)
        // In the fuzz build anything is a key; here this is none, and nothing is lost.
        if let key = try? TLSPrivateKey(pem: "-----BEGIN RSA PRIVATE KEY-----", name: "") { keys.privateKeys = [key] }
        let connection = TLSConnection()
        var streams: [[UInt8]] = [[], []]
        for piece in Self.pieces(rest) {
            guard let first = piece.first else { continue }
            let side = Int(first & 1)
            if first & 2 != 0 { connection.lose(side) }
            streams[side] += piece.dropFirst()
            var at = 0
            loop: while at < streams[side].count {
                let stream = streams[side]
                switch connection.step(stream.span, from: at, side: side, keys) {
                case .plain(let text, let used):
                    precondition(text.count <= TLSConnection.longestRecord && used >= 5, "a record moves on")
                    at += used
                case .closed, .wait: break loop
                case .damaged: at += 1
                }
            }
            streams[side].removeFirst(at)
        }
        var next: [UInt32] = [1000, 2000]
        Self.examinePackets(Self.pieces(rest).map { Self.segment($0, &next) }, .raw)
    }

    /// The reader takes a path: the bytes are put into a file that nobody else sees.
    private static func examineFile(_ bytes: [UInt8]) {
        var name = Array("/tmp/capture-XXXXXX".utf8CString)
        let descriptor = mkstemp(&name)
        guard descriptor >= 0 else { return }
        unlink(name)
        defer { close(descriptor) }
        let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard written == bytes.count, var reader = try? MessageReader(["/proc/self/fd/\(descriptor)"]) else { return }
        // swift-format-ignore: ReplaceForEachWithForLoop
        reader.forEach { _ in true }
        precondition(reader.counts.packets <= bytes.count * 1024, "no packet comes from nowhere")
    }
}
