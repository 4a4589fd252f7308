import SIPKit

extension Diagnosis {
    static let notRecordRouted = Diagnosis(
        "R9", "not-record-routed", .warning, .certain,
        "the server does not stay in path",
        sees: "BYE and ACK are not seen; calls cannot be accounted or released",
        condition: "an INVITE or SUBSCRIBE that begins a dialog is relayed without the server's own Record-Route",
        why: "without it both ends talk to each other directly from then on",
        remedy: "record_route() for everything but REGISTER",
        sources: "seed 003 Accounting and Access Control; 002 ch. 4, ch. 6 note 17",
        explains: ["R8", "R6", "R10", "R2"],
        examples: [
            .yes(
                "no Record-Route in the copy",
                Scene.call.without("Record-Route", in: "INVITE out").without("Record-Route", in: "180 in").without(
                    "Record-Route", in: "200 in")),
            .no("with it", Scene.call),
        ],
        .conversation(needs: [.noRecordRoute]) { (context: CallContext) -> Evidence? in
            for (inPlace, out) in context.pairs {
                let record = context.records[out]
                guard record.isRequest, record.method == .invite || record.method == .subscribe, record.toTag == 0,
                    context.isOut(record),
                    let before = context.message(inPlace), let after = context.message(out),
                    after.values(.recordRoute).count <= before.values(.recordRoute).count
                else { continue }
                let relays =
                    context.session(inPlace)?.firstAddress != context.session(out)?.firstAddress
                return Evidence(
                    "The server did not ask to stay in the path, so BYE and ACK bypass it and calls cannot be accounted or released.",
                    [context.number(inPlace), context.number(out)], severity: relays ? .error : .warning)
            }
            return nil
        })
}
