import SIPKit

extension Diagnosis {
    static let forwardLoop = Diagnosis(
        "C10", "forward-loop", .warning, .certain,
        "forwarding leads back",
        sees: "a call rings the same phone twice, or wanders until somebody gives up",
        condition: "a call that was forwarded comes back to an earlier target of the same call, or a 3xx names the "
            + "address that was called",
        why: "two users forward to each other, or a busy target forwards to itself",
        remedy: "forward once and no further: the target of a forwarding is not looked up for another forwarding",
        sources: "seed 002 ch. 10 (no recursive forwarding)",
        explains: ["R34"],
        examples: [
            .yes(
                "busy, and the forwarding leads to the same address", Scene.forwardedOnBusy("sip:bob@198.51.100.7:5060")
            ),
            .yes(
                "302 to the address that was called",
                Scene.refused(302, "Moved Temporarily").adding("Contact", "<sip:bob@198.51.100.7:5060>", to: "final in")
            ),
            .no("forwarded to a mailbox", Scene.forwardedOnBusy("sip:mailbox@198.51.100.9")),
            .no("a plain call", Scene.call),
        ],
        .call(needs: [.forwarded, .relayedRequest]) { (context: CallContext) -> Evidence? in
            guard let facts = context.facts, let copy = facts.inviteCopy else { return nil }
            if facts.status / 100 == 3,
                let final = context.records.indices.first(where: {
                    context.records[$0].status / 100 == 3 && context.records[$0].isFirst
                }), let asked = context.requestURI(copy), let target = context.uri(final, .contact),
                target.user == asked.user,
                target.host == asked.host, target.port ?? 5060 == asked.port ?? 5060
            {
                return Evidence(
                    "\(context.callee(final)) redirects the call to the address it came to, \(target.text).",
                    [context.number(copy), context.number(final)])
            }
            let steps = context.forwardSteps
            guard !steps.isEmpty else { return nil }
            var visited: [String] = []
            for place in [steps[0].from] + steps.map(\.to) {
                guard let uri = context.requestURI(place)?.text else { continue }
                if visited.contains(uri) {
                    return Evidence(
                        "The call for \(context.callee(place)) was forwarded back to \(uri), where it had been before.",
                        [context.number(steps[0].from), context.number(place)])
                }
                if visited.count < 32 { visited.append(uri) }
            }
            return nil
        })
}
