import SIPKit

extension Diagnosis {
    static let serverWrongInterface = Diagnosis(
        "N13", "server-wrong-interface", .error, .certain,
        "sent from another address than Via",
        sees: "answers never come back to one of the server's networks",
        condition: "a message leaves one address of the server while the Via it just added names another of its "
            + "addresses, or 127.0.0.1",
        why: "the server has several addresses and wrote the one of another network",
        remedy: "SER mhomed=1 (costs speed), or force_send_socket(); Kamailio $fs, mhomed=1; listen= on real addresses "
            + "and not on localhost",
        sources: "seed 003 Troubleshooting \"On a multihomed host...\"",
        explains: ["N12"],
        examples: [
            .yes(
                "the Via names the loopback address",
                Scene.call.replacing("INVITE out", "SIP/2.0/UDP 192.0.2.10", "SIP/2.0/UDP 127.0.0.1")),
            .no("the Via names where it was sent from", Scene.call),
        ],
        .conversation(needs: [.any(.hasOtherVia)]) { (context: CallContext) -> Evidence? in
            guard context.conversation.traits.contains(.hasOtherVia) else { return nil }
            for place in context.records.indices {
                let record = context.records[place]
                guard record.isRequest, record.traits.contains(.hasOtherVia), record.passage != .repeated,
                    context.isOut(record), let message = context.message(place), let via = try? message.topVia(),
                    let host = IPAddress(parsing: message.span, via.host), host != record.source.ip,
                    host.isLoopback || context.servers.contains(where: { $0.ip == host })
                else { continue }
                return Evidence(
                    "The server has several addresses and wrote \(host) while sending from \(record.source.ip).",
                    [context.number(place)])
            }
            return nil
        })
}
