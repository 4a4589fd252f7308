import SIPKit

extension Diagnosis {
    static let registerReplication = Diagnosis(
        "R42", "register-replication", .info, .certain,
        "registrations are copied to a peer",
        sees: "nothing; two servers share their users",
        condition: "the server answers a REGISTER itself and sends a copy of it to another server",
        why: "t_replicate() keeps a second server's table up to date",
        remedy: "nothing; the copies are neither loops nor duplicates. Both servers need the same secret and the same "
            + "time for their challenges",
        sources: "seed 003 Reliability",
        explains: ["R5"],
        examples: [
            .yes(
                "a copy goes to 192.0.2.11",
                Scene.register.copying("REGISTER again in", as: "REGISTER out", at: 0.053).from(
                    "REGISTER out", Scene.server
                )
                .to("REGISTER out", "192.0.2.11:5060").replacing(
                    "REGISTER out", "SIP/2.0/UDP 192.168.1.2",
                    "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK-s9, SIP/2.0/UDP 192.168.1.2"
                )),
            .no("one server", Scene.register),
        ],
        .registration(needs: [.relayedRequest]) { (context: CallContext) -> Evidence? in
            for (inPlace, out) in context.pairs
            where context.records[out].isRequest(.register) && context.isOut(context.records[out]) {
                let peer = context.records[out].destination
                let own = context.records.indices.first {
                    let record = context.records[$0]
                    return record.isAnswer(to: .register) && record.isFinal && record.isFirst && context.isOut(record)
                        && record.cSeq == context.records[inPlace].cSeq && record.destination != peer
                }
                guard let own else { continue }
                return Evidence(
                    "The server copies registrations to \(peer).",
                    [context.number(inPlace), context.number(out), context.number(own)])
            }
            return nil
        })
}
