import SIPKit

extension Diagnosis {
    static let serverSilent = Diagnosis(
        "R21", "server-silent", .critical, .certain,
        "the server does not react at all",
        sees: "nothing works for some requests",
        condition: "a request enters, is repeated, and nothing about it leaves for 32 s",
        why: "it fell off the end of the route block, the process hangs, or a filter drops it",
        remedy: "end every path of the script with a reply or a relay; look at the log and at what the server waits "
            + "for (DNS, database)",
        sources: "seed 003 \"Is Server Alive\", \"Dealing with DNS\"; 002 ch. 4",
        explains: ["R22"],
        examples: [
            .yes("an INVITE repeated into silence", Scene.onlyInvite.again("INVITE in", after: 0.5, 1.5, 3.5, 7.5)),
            .no("an answered one", Scene.call),
        ],
        .conversation(needs: [.repeated]) { (context: CallContext) -> Evidence? in
            for place in context.records.indices {
                let record = context.records[place]
                guard record.isRequest, record.isFirst, record.method != .ack, context.isIn(record),
                    context.repeats(of: place).count >= 2,
                    context.wentOn(32, after: place),
                    !context.records.contains(where: {
                        context.servers.contains($0.source) && $0.cSeq == record.cSeq && $0.method == record.method
                    })
                else { continue }
                return Evidence(
                    "The server never reacted to \(record.method.name) from \(record.source).", [context.number(place)])
            }
            return nil
        })
}
