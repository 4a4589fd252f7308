import SIPKit

/// A description lies inside its bytes, and edited it is still one, with the same lines.
func examineSDP(_ bytes: [UInt8]) throws(BrokenProperty) {
    guard let sdp = try? SessionDescription(parsing: bytes.span, ByteRange(0, bytes.count)) else { return }
    try demand(sdp.lines.allSatisfy { $0.whole.end <= bytes.count && $0.value.end <= $0.whole.end }, "lines are inside")
    var edits = MessageEdits()
    var added = 0
    if let connection = sdp.connection(in: bytes.span) { sdp.replace(connection, with: .loopbackV6, in: &edits) }
    if let origin = sdp.origin(in: bytes.span) { sdp.replace(origin, with: .loopbackV4, in: &edits) }
    for media in sdp.media {
        sdp.replacePort(of: media, with: 4_000, in: &edits)
        sdp.add(attribute: "x", to: media.section, in: bytes.span, &edits)
        added += 1
    }
    let edited = edits.apply(to: bytes)
    guard let again = try? SessionDescription(parsing: edited.span, ByteRange(0, edited.count)) else {
        // One line more may be one too many.
        return try demand(sdp.lines.count + added > SessionDescription.maxLines, "an edited description is read")
    }
    try demand(again.lines.count == sdp.lines.count + added, "an edited description has its lines")
    try demand(again.media.allSatisfy { $0.portNumber == 4_000 }, "ports are replaced")
}

/// The first line is the boundary, the rest is the body.
func examineMultipart(_ bytes: [UInt8]) throws(BrokenProperty) {
    let lineEnd = bytes.firstIndex(of: ASCII.lf) ?? bytes.count
    var type = MediaType("multipart", "mixed")
    type.parameters.set("boundary", String(decoding: bytes[..<lineEnd], as: UTF8.self))
    let body = ByteRange(Swift.min(lineEnd + 1, bytes.count), bytes.count)
    guard let multipart = try? MultipartBody(parsing: bytes.span, body, type: type) else { return }
    for part in multipart.parts {
        try demand(
            part.headers.start >= body.start && part.headers.end <= part.body.start && part.body.end <= body.end,
            "parts lie inside the body")
    }
    _ = multipart.first("application", "sdp", in: bytes.span)
}

/// A stream gives the same messages, pings and errors in one piece, byte by byte, and in pieces that its first byte
/// chooses.
func examineFramer(_ bytes: [UInt8]) throws(BrokenProperty) {
    guard let first = bytes.first else { return }
    let stream = Array(bytes.dropFirst())
    let whole = frames(stream, piece: Swift.max(1, stream.count))
    for piece in [1, 2, Int(first) % 61 + 3] {
        try demand(frames(stream, piece: piece) == whole, "a stream in pieces of \(piece) gives the same messages")
    }
}

private struct Frames: Equatable {
    var messages: [[UInt8]] = []
    var pings = 0
    var error: ParseError? = nil
}

private func frames(_ stream: [UInt8], piece: Int) -> Frames {
    var limits = StreamFramer.Limits()
    limits.head = 2_048
    limits.body = 4_096
    var framer = StreamFramer(limits: limits)
    var found = Frames()
    var at = 0
    do {
        while at < stream.count {
            let end = Swift.min(stream.count, at + piece)
            framer.feed(stream[at..<end])
            at = end
            while let frame = try framer.next() {
                switch frame {
                case .message(let message): found.messages.append(message)
                case .ping: found.pings += 1
                case .pong: break
                }
            }
        }
    } catch { found.error = error }
    return found
}
