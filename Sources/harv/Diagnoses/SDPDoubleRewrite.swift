import SIPKit

extension Diagnosis {
    static let sdpDoubleRewrite = Diagnosis(
        "N4", "sdp-double-rewrite", .error, .certain,
        "session rewritten twice",
        sees: "no sound; the session description looks odd",
        condition: "what leaves has an address that is two addresses in a row, a port above 65535, or two nortpproxy "
            + "marks, and did not come in so",
        why: "the media relay was called twice for one message, and the second call edited what the first had "
            + "edited",
        remedy: "call the relay once per message: guard it with a flag, and do not call it again in failure and "
            + "forward routes",
        sources: "seed 002 ch. 8 note 42, ch. 10 note 11",
        explains: ["N1", "N2", "N3"],
        examples: [
            .yes(
                "two addresses in a row",
                Scene.call.replacing("INVITE out", "IN IP4 192.0.2.10", "IN IP4 192.0.2.10192.0.2.10")),
            .yes(
                "two marks of the relay",
                Scene.call.replacing("INVITE out", "a=sendrecv", "a=nortpproxy:yes\r\na=nortpproxy:yes")),
            .no("one mark", Scene.call.replacing("INVITE out", "a=sendrecv", "a=nortpproxy:yes")),
        ],
        .conversation(needs: [.relayedSession]) { (context: CallContext) -> Evidence? in
            for (inPlace, out) in context.pairs {
                guard context.plainSession(out) == nil, let after = context.session(out) else { continue }
                let before = context.session(inPlace)
                let port = after.media.first { $0.port > 65_535 }
                let text: String
                if !after.brokenAddress.isEmpty, before?.brokenAddress.isEmpty ?? true {
                    text = after.brokenAddress
                } else if let port, !(before?.media.contains { $0.port > 65_535 } ?? false) {
                    text = "port \(port.port)"
                } else if after.relayMarks > 1, (before?.relayMarks ?? 0) < 2 {
                    text = "nortpproxy twice"
                } else {
                    continue
                }
                return Evidence(
                    "The session description was rewritten twice and is now broken (\(text)).",
                    [context.number(inPlace), context.number(out)])
            }
            return nil
        })
}
