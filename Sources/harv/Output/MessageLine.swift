import SIPKit
import SIPTrace

/// A message as the analysis came to see it, for who wants the messages one by one (`--ndjson messages`).
struct SeenMessage: Sendable {
    /// Counts from 1, over all inputs.
    var number: UInt32
    var origin: MessageOrigin
    var hasTime: Bool
    /// `nil` for bytes that are no SIP message.
    var passage: ExchangeRecord.Kind?
    var bytes: [UInt8]
}

/// A message as a line of NDJSON, with the names that `sipgrep --json` uses, so that whatever reads those lines reads these;
/// and with what harv alone knows: whether it was seen before, and in which way (`passage`).
enum MessageLine {
    static func json(_ message: SeenMessage) -> String {
        var json = JSONWriter()
        let origin = message.origin
        json.object { json in
            json.value("v", 1)
            json.value("type", "message")
            if message.hasTime { Self.write(time: origin.time, &json) }
            json.value("n", Int(message.number))
            json.list("frame") { $0.value(nil, origin.frame) }
            json.value("src", "\(origin.source)")
            json.value("dst", "\(origin.destination)")
            json.value("transport", "\(origin.transport.viaName)")
            if let passage = message.passage, let parsed = try? SIPMessage(parsing: message.bytes) {
                Self.write(parsed, &json)
                json.value("retransmit", passage == .repeated)
                json.value("passage", "\(passage)")
            } else {
                json.value("malformed", true)
            }
            json.value("length", message.bytes.count)
            json.value("wire_length", origin.wireLength)
        }
        return json.text + "\n"
    }

    /// Traces without dates count from midnight or from their beginning: such a time is a number of seconds. The ten days
    /// are for those that go past midnight.
    private static func write(time: Int64, _ json: inout JSONWriter) {
        if time.magnitude < 864_000_000_000_000 {
            json.value("ts", Double(time) / 1e9, decimals: 6)
        } else {
            json.value("ts", TimeText.iso(time))
        }
    }

    private static func write(_ message: SIPMessage, _ json: inout JSONWriter) {
        json.value("kind", message.isRequest ? "request" : "response")
        let cSeq = try? message.cSeq()
        if message.isRequest {
            json.value("method", Printable.text(message.methodText.utf8))
            json.value("ruri", Self.text(message, message.requestURI))
        } else {
            json.value("method", cSeq.flatMap { Self.text(message, $0.methodRange) })
            json.value("status", message.statusCode)
            json.value("reason", Self.text(message, message.reason))
        }
        json.value("call_id", Self.text(message, message.first(.callID) ?? .none))
        json.value("cseq", cSeq.map { Int($0.number) })
        for (name, header) in [("from", HeaderID.from), ("to", .to), ("contact", .contact)] {
            guard let address = try? message.address(header) else { continue }
            json.object(name) { json in
                json.value("uri", Self.text(message, address.uri))
                let uri = try? URIRanges(parsing: message.span, address.uri)
                json.value("user", uri.flatMap { Self.text(message, $0.user) })
                json.value("tag", Self.text(message, address.tag))
            }
        }
        json.value("ua", Self.text(message, message.first(.userAgent) ?? message.first(.server) ?? .none))
        json.value("branch", (try? message.topVia()).flatMap { Self.text(message, $0.branch) })
    }

    private static func text(_ message: SIPMessage, _ range: ByteRange) -> String? {
        range.isEmpty ? nil : Printable.text(message[range])
    }
}
