import SIPKit

extension Diagnosis {
    static let serverErrors = Diagnosis(
        "R39", "server-errors", .error, .certain,
        "errors made by the server itself",
        sees: "calls fail at once",
        condition: "a 5xx leaves, and none came in",
        why: "500: an error in the script or the database; 503: overload; 513: a message that grew too long",
        remedy: "look in the server's log at the same time",
        sources: "seed 003",
        explains: [],
        examples: [
            .yes("500 of its own", Scene.answeredByServer(500, "I'm terribly sorry, server error occurred")),
            .no("503 from a gateway, passed on", Scene.refused(503, "Service Unavailable")),
            .no(
                "the gateway's 503 is not in the trace, but the server's ACK to it",
                Scene.refused(503, "Service Unavailable").dropping("final in")),
        ],
        .conversation(needs: [.serverError]) { (context: CallContext) -> Evidence? in
            for place in context.records.indices {
                let record = context.records[place]
                guard record.isFirst, (500..<600).contains(record.status), context.isOut(record),
                    !context.records.contains(where: { (500..<600).contains($0.status) && context.isIn($0) }),
                    !context.wasRefusedUnseen(record)
                else { continue }
                let reason = context.message(place).map { Printable.text($0[$0.reason]) } ?? ""
                return Evidence(
                    "The server answered \(record.method.name) with \(record.status) \(reason), and nobody had told it so.",
                    [context.number(place)])
            }
            return nil
        })
}

extension CallContext {
    /// Whether the server has acknowledged a refusal to the same request that is not in the trace: what it answered may be
    /// that one.
    fileprivate func wasRefusedUnseen(_ answer: ExchangeRecord) -> Bool {
        self.records.contains { ack in
            ack.isRequest(.ack) && ack.cSeq == answer.cSeq && self.isOut(ack)
                && !self.records.contains {
                    $0.isFinal && $0.cSeq == answer.cSeq && $0.source == ack.destination && self.isIn($0)
                }
        }
    }
}
