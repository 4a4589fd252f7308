import SIPKit

extension Diagnosis {
    static let sdpPrivateAnswer = Diagnosis(
        "N2", "sdp-private-answer", .error, .certain,
        "private address in the answer",
        sees: "the caller hears nothing, the callee hears the caller",
        condition:
            "a 18x or 2xx goes out to a public caller with a media address out of its scope, and came in with the "
            + "same address",
        why: "replies are not rewritten by what is done to requests",
        remedy: "replies need their own handling: t_on_reply(\"1\") before t_relay(), and in onreply_route the relay "
            + "for 180, 183 and 2xx with a body; the callee's NAT flag comes back from lookup(\"location\") if "
            + "nat_flag was saved at registration. Kamailio: t_on_reply(\"MANAGE_REPLY\")",
        sources: "seed 002 ch. 4, ch. 8 notes 28, 43-46; seed 000 (the post's second point)",
        explains: ["N3"],
        examples: [
            .yes(
                "the 200 leaves with the callee's inside address",
                Scene.call.replacing("200 in", "IN IP4 198.51.100.7", "IN IP4 10.0.0.7").replacing(
                    "200 out", "IN IP4 192.0.2.10", "IN IP4 10.0.0.7")),
            .no(
                "the server put its relay in", Scene.call.replacing("200 in", "IN IP4 198.51.100.7", "IN IP4 10.0.0.7")),
        ],
        .call(needs: [.relayedSession, .relayedAnswer, .any(.hasPrivateMedia)]) { (context: CallContext) -> Evidence? in
            for (inPlace, out) in context.pairs where !context.records[out].isRequest {
                let record = context.records[out]
                guard record.method == .invite || record.method == .update, record.status >= 180, record.status < 300,
                    !context.isLaboratory, let (address, port) = context.privateMediaPassedOn(inPlace, out)
                else { continue }
                return Evidence(
                    "The answer told \(context.caller(out)) to send sound to \(address):\(port), which it cannot reach.",
                    [context.number(inPlace), context.number(out)],
                    severity: context.ledgers?.known.latching.contains(context.records[out].destination.ip) == true
                        ? .notice : nil)
            }
            return nil
        })
}
