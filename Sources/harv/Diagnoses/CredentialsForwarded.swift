import SIPKit

extension Diagnosis {
    static let credentialsForwarded = Diagnosis(
        "A7", "credentials-forwarded", .warning, .certain,
        "login answers handed on",
        sees: "nothing; requests are larger than they need be",
        condition:
            "an Authorization or Proxy-Authorization for the server's own realm stands in the copy that it sends "
            + "on",
        why: "the next hop has no use for it, and learns what it should not",
        remedy: "consume_credentials() after proxy_authorize(), in the loose_route() block too",
        sources: "seed 002 ch. 7 notes 18, 25; 000 (INVITE, ACK and BYE)",
        explains: [],
        examples: [
            .yes(
                "the copy still has it",
                Scene.challengedCall.adding("Proxy-Authorization", Scene.credentials("example.net"), to: "INVITE out")),
            .no("taken out", Scene.challengedCall),
        ],
        .conversation(needs: [.relayedLogin, .challenge]) { (context: CallContext) -> Evidence? in
            guard context.pairs.contains(where: { context.records[$0.out].traits.contains(.hasCredentials) }) else {
                return nil
            }
            let realms = Set(
                context.records.indices.filter {
                    [401, 407].contains(context.records[$0].status) && context.isOut(context.records[$0])
                        && context.records[$0].isFirst
                }.compactMap { context.challenge($0)?.realm })
            guard !realms.isEmpty else { return nil }
            var places: [Int] = []
            var size = 0
            for (_, out) in context.pairs
            where context.records[out].isRequest && context.records[out].traits.contains(.hasCredentials) {
                guard let credentials = context.credentials(out), realms.contains(credentials.realm),
                    context.isOut(context.records[out])
                else { continue }
                places.append(out)
                size = max(size, credentials.length)
            }
            guard let first = places.first else { return nil }
            return Evidence(
                "The server hands the login answer of \(context.caller(first)) on to \(context.callee(first)); it should be removed (\(size) bytes saved per request).",
                places.map { context.number($0) })
        })
}
