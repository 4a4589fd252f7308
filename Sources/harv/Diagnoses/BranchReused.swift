import SIPKit

extension Diagnosis {
    static let branchReused = Diagnosis(
        "R17", "branch-reused", .error, .certain,
        "one branch for different requests",
        sees: "answers that belong to another request, requests taken for repeats",
        condition:
            "one sent-by and branch is used for two transactions within five minutes: another Call-ID, CSeq number "
            + "or method (not the ACK or CANCEL that belongs to it)",
        why: "the branch is how a server tells a repeat from something new",
        remedy: "update the device: RFC 3261 §8.1.1.7 wants a new branch for each request",
        sources: "RFC 3261 §8.1.1.7",
        explains: [],
        examples: [
            .yes("the BYE has the INVITE's branch", Scene.call.replacing("*", "z9hG4bK-p3", "z9hG4bK-p1")),
            .no("each request has its own", Scene.call),
            .no(
                "constant branches of ACKs that nobody answers",
                Scene.call.replacing("ACK out", "z9hG4bK-s2", "z9hG4bKcydzigwkX")),
        ],
        .conversation(needs: []) { (context: CallContext) -> Evidence? in
            for place in context.records.indices {
                let record = context.records[place]
                guard record.isRequest, record.isFirst, record.viaCount == 1, record.method != .ack,
                    record.method != .cancel, !record.traits.contains(.hasOldBranch), record.topBranch != 0
                else { continue }
                let before = context.records[..<place].firstIndex {
                    $0.isRequest && $0.isFirst && $0.topBranch == record.topBranch && $0.source == record.source
                        && ($0.cSeq != record.cSeq || $0.method != record.method) && $0.method != .ack
                        && $0.method != .cancel
                }
                if let before {
                    return Evidence(
                        "\(context.agent(place)) uses the same branch for \(context.records[before].method.name) and \(record.method.name); answers and repeats get mixed up.",
                        [context.number(before), context.number(place)])
                }
                guard let ledgers = context.ledgers, !context.servers.contains(record.source),
                    ledgers.branches.isReused(record, call: context.conversation.call)
                else { continue }
                return Evidence(
                    "\(context.agent(place)) uses the same branch for different requests; answers and repeats get mixed up.",
                    [context.number(place)])
            }
            return nil
        })
}
