import SIPKit

extension Diagnosis {
    static let messageBroken = Diagnosis(
        "R37", "message-broken", .warning, .certain,
        "messages with a defect",
        sees: "odd refusals",
        condition:
            "a body shorter than Content-Length, a mandatory header missing, a CSeq that cannot be read or names "
            + "another method",
        why: "the sender is broken, or the capture is cut (snap length, the first piece of a fragmented datagram)",
        remedy: "update the device; capture with full length and without a port filter that hides later fragments",
        sources: "RFC 3261 section 8.1.1; RFC 4475",
        explains: [],
        examples: [
            .yes("the body is shorter than announced", Scene.call.contentLength("INVITE in", 900)),
            .yes("no CSeq", Scene.call.without("CSeq", in: "ACK in")),
            .no("whole messages", Scene.call),
        ],
        .conversation(needs: [.broken]) { (context: CallContext) -> Evidence? in
            for place in context.records.indices where context.records[place].isFirst {
                let record = context.records[place]
                if record.traits.contains(.isIncomplete) {
                    return Evidence(
                        "\(record.source) sends messages that lack a mandatory header or have a CSeq that does not fit.",
                        [context.number(place)])
                }
                if record.traits.contains(.isCut) {
                    return Evidence(
                        "\(record.source) sends messages whose body is shorter than announced (or the capture is cut).",
                        [context.number(place)])
                }
            }
            return nil
        })
}
