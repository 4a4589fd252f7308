import SIPKit

extension Diagnosis {
    static let warningLeak = Diagnosis(
        "S7", "warning-leak", .notice, .certain,
        "challenge tells where callee is",
        sees: "nothing",
        condition: "a 401 or 407 carries Warning 392 with an out_uri that shows another host than the one asked for",
        why: "whoever is not logged in learns the callee's registered address; and lookup() runs before the "
            + "challenge",
        remedy: "sip_warning=0 for the public side once debugging is over; challenge before lookup()",
        sources: "seed 000 (its 407), 003 \"Tracing Errors in Server Chains\"",
        explains: [],
        examples: [
            .yes(
                "out_uri has the callee's address",
                Scene.challengedCall.adding(
                    "Warning",
                    "392 192.0.2.10:5060 \"Noisy feedback tells: pid=1 req_src_ip=203.0.113.5 in_uri=sip:bob@example.net out_uri=sip:bob@198.51.100.7:5060 via_cnt==1\"",
                    to: "407 out")),
            .no(
                "both URIs are the same",
                Scene.challengedCall.adding(
                    "Warning",
                    "392 192.0.2.10:5060 \"Noisy feedback tells: pid=1 req_src_ip=203.0.113.5 in_uri=sip:bob@example.net out_uri=sip:bob@example.net via_cnt==1\"",
                    to: "407 out")),
        ],
        .conversation(needs: [.challenge, .twoHosts]) { (context: CallContext) -> Evidence? in
            for place in context.records.indices
            where [401, 407].contains(context.records[place].status)
                && context.records[place].traits.contains(.namesTwoHosts)
            {
                guard let text = context.text(place, .warning),
                    let inURI = CallContext.word(after: "in_uri=", in: text),
                    let outURI = CallContext.word(after: "out_uri=", in: text),
                    let asked = CallContext.host(inURI), let shown = CallContext.host(outURI), asked != shown,
                    IPAddress(shown) != nil
                else { continue }
                return Evidence(
                    "The \(context.records[place].status) tells an unknown caller that \(context.callee(place)) is at \(shown).",
                    [context.number(place)])
            }
            return nil
        })
}
