import SIPKit

extension Diagnosis {
    static let spiral = Diagnosis(
        "R15", "spiral", .info, .certain,
        "a call passes the server twice",
        sees: "nothing; forwarding does this",
        condition: "the same request comes to the server again with another Request-URI, and goes on from there",
        why: "a call for one name became a call for another that the same server serves",
        remedy:
            "nothing, unless the set-up time hurts: then forward inside of the script instead of sending to oneself",
        sources: "RFC 3261 §6",
        explains: [],
        examples: [
            .yes(
                "once to itself, for another name",
                Scene.call.copying("INVITE out", as: "INVITE itself", at: 0.003).to("INVITE itself", Scene.server)
                    .replacing("INVITE itself", "INVITE sip:bob@198.51.100.7:5060", "INVITE sip:robert@example.net")
                    .replacing("INVITE itself", "z9hG4bK-s1", "z9hG4bK-s0")),
            .no("a call that passes once", Scene.call),
            .no("a loop", Scene.loop(4)),
        ],
        .conversation(needs: [.enteredTwice]) { (context: CallContext) -> Evidence? in
            guard context.conversation.hasSelf || context.records.count > 6 else { return nil }
            for first in context.records.indices {
                let record = context.records[first]
                guard record.isRequest, record.isFirst, !record.isSelf, record.toTag == 0, record.method == .invite,
                    context.servers.contains(record.destination)
                else { continue }
                let again = context.records.indices.filter {
                    let other = context.records[$0]
                    return $0 > first && other.isRequest && other.method == record.method
                        && other.endToEnd == record.endToEnd && other.destination == record.destination
                        && other.passage != .repeated
                }
                guard let second = again.first, again.count < 3,
                    let (old, new) = context.requestURI(first).flatMap({ old in
                        context.requestURI(second).map { (old.text, $0.text) }
                    }), old != new
                else { continue }
                return Evidence(
                    "The call for \(old) passed the server again as \(new).",
                    [context.number(first), context.number(second)])
            }
            return nil
        })
}
