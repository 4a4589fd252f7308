import SIPKit

extension Diagnosis {
    static let dialogBypass = Diagnosis(
        "R10", "dialog-bypass", .warning, .likely,
        "a device ignores Record-Route",
        sees: "calls without an end in the accounting",
        condition:
            "the INVITE was record-routed, yet requests of the call go directly between the ends; or neither ACK "
            + "nor BYE ever came back although the callee was content with the answer",
        why: "a device that does not follow the route set takes the server out of the call",
        remedy: "update the device; until then account by the gateway's records, or put a B2BUA in front of it",
        sources: "seed 003 Accounting; RFC 3261 §12.1.1",
        explains: ["R8", "R1"],
        examples: [
            .yes(
                "the caller sends its BYE straight to the callee",
                Scene.call.to("BYE in", Scene.callee).dropping("BYE out", "BYE 200 in", "BYE 200 out")),
            .yes(
                "neither ACK nor BYE comes back",
                Scene.call.dropping("ACK in", "ACK out", "BYE in", "BYE out", "BYE 200 in", "BYE 200 out")),
            .no("requests come through the server", Scene.call),
            .no("a capture of one side", Scene.call.dropping("INVITE out", "180 in", "200 in", "ACK out", "ACK in")),
        ],
        .call(needs: [.answered, .relayedRequest, .any(.hasRecordRoute)]) { (context: CallContext) -> Evidence? in
            guard context.hasServer, let facts = context.facts, facts.isAnswered, let copy = facts.inviteCopy,
                context.records[copy].traits.contains(.hasRecordRoute), let answer = context.answerPair
            else { return nil }
            let (caller, callee) = (context.records[facts.lastInvite].source, context.records[copy].destination)
            let direct = context.records.indices.first {
                let record = context.records[$0]
                return record.isRequest && record.toTag != 0 && !context.servers.contains(record.source)
                    && !context.servers.contains(record.destination)
                    && (record.source.ip == caller.ip && record.destination.ip == callee.ip
                        || record.source.ip == callee.ip && record.destination.ip == caller.ip)
            }
            if let direct {
                let record = context.records[direct]
                return Evidence(
                    "\(context.agent(direct)) ignores Record-Route and talks to \(record.destination) directly.",
                    [context.number(copy), context.number(direct)], confidence: .certain)
            }
            guard facts.ack == nil, facts.bye == nil, context.isTwoSided, answer.in != answer.out,
                context.repeats(of: answer.in).isEmpty, context.wentOn(64, after: answer.out)
            else { return nil }
            return Evidence(
                "\(context.agent(facts.lastInvite)) ignores Record-Route: \(context.callee(copy)) got its ACK, and the server never saw it.",
                [context.number(copy), context.number(answer.out)])
        })
}
