import SIPKit

extension Diagnosis {
    static let branchOld = Diagnosis(
        "R18", "branch-old", .notice, .certain,
        "a Via branch of the old kind",
        sees: "nothing; new proxies may dislike it",
        condition: "a Via branch without z9hG4bK",
        why: "devices from before RFC 3261, or SER forwarding an ACK statelessly with branch=0",
        remedy: "none needed; syn_branch=0 made it a real hash in SER",
        sources: "seeds 000, 003",
        explains: [],
        examples: [
            .yes("branch=0", Scene.call.replacing("ACK out", "branch=z9hG4bK-s2", "branch=0")),
            .no("branches of today", Scene.call),
        ],
        .conversation(needs: [.any(.hasOldBranch)]) { (context: CallContext) -> Evidence? in
            for place in context.records.indices
            where context.records[place].isRequest && context.records[place].traits.contains(.hasOldBranch) {
                guard let message = context.message(place), let via = try? message.topVia(),
                    !via.hasMagicCookie(in: message.span)
                else { continue }
                let branch = via.branch.isEmpty ? "no branch" : "branch=\(message.text(via.branch))"
                return Evidence(
                    "\(context.records[place].method.name) carries \(branch): normal for old SER and old devices; new proxies may dislike it.",
                    [context.number(place)])
            }
            return nil
        })
}
