import SIPKit

extension Diagnosis {
    static let codecRefused = Diagnosis(
        "M1", "codec-refused", .error, .certain,
        "488, no common codec",
        sees: "calls to some devices fail at once",
        condition: "488, 606 or 415 to an INVITE",
        why: "the callee found nothing in the offer that it can do",
        remedy: "the codec order in phones or gateway, or transcoding",
        sources: "RFC 3261 section 21.4.26; seed 003 (the old script counts 488)",
        explains: [],
        examples: [
            .yes("488", Scene.refused(488, "Not Acceptable Here")),
            .no("486", Scene.refused(486, "Busy Here")),
        ],
        .call(needs: [.notAcceptable]) { (context: CallContext) -> Evidence? in
            guard let facts = context.facts, [488, 606, 415].contains(facts.status), let final = facts.final else {
                return nil
            }
            let offered =
                context.session(facts.lastInvite)?.audioCodecs.map { $0.name.isEmpty ? "\($0.payload)" : $0.name }
                .joined(separator: ", ") ?? "what was offered"
            return Evidence(
                "\(context.callee(facts.lastInvite)) speaks none of \(offered).",
                [context.number(facts.lastInvite), context.number(final)])
        })
}
