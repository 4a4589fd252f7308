import Glibc
import SIPKit
import SIPTrace

/// `--json`: one object a message, and one at the end. What is not known is absent, never null.
struct JSONPrinter: MessagePrinter {
    var isNgrepLike: Bool { false }
    let addsRaw: Bool
    private var reading = MessageReading()
    private var dialogs = ByteKeyTable()
    /// Dialogs of tables that were full and given up: numbers go on.
    private var dialogsBefore = 0
    private var repeats = Retransmissions()
    private var previous: Int64?
    private var number = 0
    private var clock = UTCClock()

    /// Call-IDs that are kept for numbering.
    static let maximumDialogs = 500_000

    init(addsRaw: Bool) { self.addsRaw = addsRaw }

    mutating func print(_ origin: MessageOrigin, _ message: Span<UInt8>, to output: inout OutputBuffer) {
        var json = JSONWriter()
        self.reading.read(message)
        self.number += 1
        json.open(&output)
        json.write("v", 1, &output)
        json.write("type", "message" as StaticString, &output)
        json.write("ts", time: origin.time, &self.clock, &output)
        json.write("n", self.number, &output)
        json.openList("frame", &output)
        json.write(nil, origin.frame, &output)
        json.closeList(&output)
        json.write("src", origin.source, &output)
        json.write("dst", origin.destination, &output)
        json.write("transport", origin.transport.viaName, &output)
        if !origin.wrapping.isEmpty {
            json.openList("via", &output)
            for name in origin.wrapping.names { json.write(nil, name, &output) }
            json.closeList(&output)
        }
        if self.reading.isReadable { self.writeMessage(message, origin, &json, &output) }
        if let previous = self.previous { json.write("delta", seconds: origin.time - previous, &output) }
        self.previous = origin.time
        let lint = MessageLint.findings(message, self.reading, isTruncated: origin.isTruncated)
        if !lint.isEmpty {
            json.openList("lint", &output)
            for finding in lint { json.write(nil, finding, &output) }
            json.closeList(&output)
        }
        json.write("length", message.count, &output)
        if let wireLength = origin.wireLength {
            json.write("truncated", true, &output)
            json.write("wire_length", wireLength, &output)
        }
        if self.addsRaw { json.write("raw", raw: message, &output) }
        json.close(&output)
        output.write("\n")
    }

    private mutating func writeMessage(
        _ message: Span<UInt8>, _ origin: MessageOrigin, _ json: inout JSONWriter, _ output: inout OutputBuffer
    ) {
        let reading = self.reading
        json.write("kind", (reading.isRequest ? "request" : "response") as StaticString, &output)
        Self.write("method", reading.method(message), message, &json, &output)
        if reading.isRequest {
            Self.write("ruri", reading.index.requestURI, message, &json, &output)
        } else {
            json.write("status", reading.status, &output)
            Self.write("reason", reading.index.reason, message, &json, &output)
        }
        Self.write("call_id", reading.callID, message, &json, &output)
        if let cSeq = reading.cSeq(message) { json.write("cseq", Int(cSeq.number), &output) }
        Self.writeAddress("from", .from, message, reading, &json, &output)
        Self.writeAddress("to", .to, message, reading, &json, &output)
        Self.writeAddress("contact", .contact, message, reading, &json, &output)
        Self.write("ua", reading.agent, message, &json, &output)
        Self.write("branch", reading.topVia(message)?.branch ?? .none, message, &json, &output)
        json.write("retransmit", self.repeats.isRepeated(origin, message, reading), &output)
        if !reading.callID.isEmpty {
            if self.dialogs.count >= Self.maximumDialogs {
                self.dialogsBefore += self.dialogs.count
                self.dialogs = ByteKeyTable()
            }
            json.write("dialog", self.dialogsBefore + self.dialogs.insert(message, reading.callID).number + 1, &output)
        }
        if reading.hasSDP(message) {
            Self.writeMedia(SDPMedia.read(message, reading.index.body(message)), &json, &output)
        }
    }

    private static func write(
        _ key: StaticString, _ range: ByteRange, _ message: Span<UInt8>, _ json: inout JSONWriter,
        _ output: inout OutputBuffer
    ) {
        guard !range.isEmpty else { return }
        json.write(key, message.extracting(range.indices), &output)
    }

    private static func writeAddress(
        _ key: StaticString, _ id: HeaderID, _ message: Span<UInt8>, _ reading: MessageReading,
        _ json: inout JSONWriter, _ output: inout OutputBuffer
    ) {
        guard let address = reading.address(id, message) else { return }
        json.open(&output, key: key)
        Self.write("uri", address.uri, message, &json, &output)
        Self.write("user", reading.user(id, message), message, &json, &output)
        Self.write("tag", address.tag, message, &json, &output)
        json.close(&output)
    }

    private static func writeMedia(_ media: [SDPMedia], _ json: inout JSONWriter, _ output: inout OutputBuffer) {
        guard !media.isEmpty else { return }
        json.open(&output, key: "sdp")
        json.openList("media", &output)
        for section in media {
            json.open(&output)
            json.write("type", section.type, &output)
            if let address = section.address { json.write("addr", "\(SocketAddress(address, section.port))", &output) }
            json.openList("codecs", &output)
            for format in section.formats { json.write(nil, format.name, &output) }
            json.closeList(&output)
            json.close(&output)
        }
        json.closeList(&output)
        json.close(&output)
    }

    mutating func finish(_ summary: Summary, to output: inout OutputBuffer) {
        if let media = summary.media { StreamLines.writeJSON(media, to: &output) }
        var json = JSONWriter()
        json.open(&output)
        json.write("v", 1, &output)
        json.write("type", "end", &output)
        json.write("packets", summary.counts.packets, &output)
        json.write("sip", summary.counts.messages, &output)
        json.write("matched", summary.matched, &output)
        json.write("truncated", summary.counts.truncated, &output)
        if let drops = summary.drops {
            json.open(&output, key: "dropped")
            json.write("kernel", drops.byKernel, &output)
            json.write("interface", drops.byInterface, &output)
            json.close(&output)
        }
        json.open(&output, key: "ignored")
        for (reason, count) in summary.counts.reasons {
            // The keys are names of ours, so they need no escaping.
            json.write(reason.staticKey, count, &output)
        }
        json.close(&output)
        json.close(&output)
        output.write("\n")
    }
}
