import SIPKit

extension Diagnosis {
    static let viaReceivedMissing = Diagnosis(
        "N11", "via-received-missing", .warning, .certain,
        "sender's true address not noted",
        sees: "answers go astray",
        condition:
            "a relayed request's Via names another host than the packet's source, and the server's copy of it has "
            + "no received=",
        why: "RFC 3261 section 18.2.1 wants it, so that the answer finds its way back",
        remedy: "a server that leaves it out is broken or switched to trust its peers; for phones behind NAT add "
            + "force_rport()",
        sources: "RFC 3261 section 18.2.1",
        explains: [],
        examples: [
            .yes(
                "the copy's Via has no received",
                Scene.call.replacing("INVITE out", ";rport=1024;received=203.0.113.5", "")),
            .no("it has", Scene.call),
        ],
        .conversation(needs: [.noReceived]) { (context: CallContext) -> Evidence? in
            for (inPlace, out) in context.pairs where context.records[out].isRequest {
                guard context.records[inPlace].traits.contains(.hasOtherVia), let message = context.message(inPlace),
                    let via = try? message.topVia(),
                    let host = IPAddress(parsing: message.span, via.host),
                    host != context.records[inPlace].source.ip, let copy = context.message(out),
                    let vias = try? copy.vias(),
                    vias.count == Int(context.records[inPlace].viaCount) + 1, let kept = vias.dropFirst().first,
                    kept.received.isEmpty
                else { continue }
                return Evidence(
                    "The server did not note where \(context.records[inPlace].method.name) really came from; the answer may go to \(host).",
                    [context.number(inPlace), context.number(out)])
            }
            return nil
        })
}
