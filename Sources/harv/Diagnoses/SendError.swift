import SIPKit

extension Diagnosis {
    static let sendError = Diagnosis(
        "R38", "sent-error", .error, .certain,
        "the server could not send",
        sees: "some targets always fail at once",
        condition: "the server answers 476, 477, 478 or 479 by itself",
        why: "476: a registration or target names the server itself; 477: sending failed; 478: the name has no "
            + "address; 479: an unusable or private URI",
        remedy: "repair the registration or the route that led there; check DNS",
        sources: "the old script's labels; seed 003 DNS",
        explains: ["R39"],
        examples: [
            .yes("478", Scene.answeredByServer(478, "Unresolveable destination")),
            .no("404", Scene.answeredByServer(404, "Not Found")),
        ],
        .conversation(needs: [.sendError]) { (context: CallContext) -> Evidence? in
            for place in context.records.indices {
                let record = context.records[place]
                guard record.isFirst, (476...479).contains(record.status), context.isOut(record) else { continue }
                let meaning = [
                    "the target names the server itself", "sending to the next hop failed",
                    "the name cannot be resolved", "the URI is unusable or private",
                ][Int(record.status) - 476]
                return Evidence(
                    "A request for \(context.callee(place)) failed with \(record.status): \(meaning).",
                    [context.number(place)])
            }
            return nil
        })
}
