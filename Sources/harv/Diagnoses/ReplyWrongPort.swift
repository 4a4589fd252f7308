import SIPKit

extension Diagnosis {
    static let replyWrongPort = Diagnosis(
        "N10", "reply-wrong-port", .error, .certain,
        "an answer sent to the wrong port",
        sees: "a phone keeps resending; calls cannot be hung up cleanly; BYE times out",
        condition:
            "an answer leaves the server to another address than the request with that Via came from, and the Via "
            + "does not name that address publicly",
        why: "the phone sent no rport and the server kept to the letter of RFC 3261 (the address it saw, the port "
            + "from the Via); behind a NAT that port is another device or nobody",
        remedy: "call force_rport() for every request from behind a NAT, in the loose_route() block too. Kamailio's "
            + "stock configuration does it for all in route[REQINIT]",
        sources: "seed 000 (its last message), 002 ch. 4, ch. 8 notes 33, 36; RFC 3581",
        explains: ["R22", "R20"],
        examples: [
            .yes("the 200 to the BYE goes to port 5060", Scene.call.to("BYE 200 out", "203.0.113.5:5060")),
            .no("it goes where the BYE came from", Scene.call),
            .no(
                "the Via itself names that public address",
                Scene.call.to("BYE 200 out", "203.0.113.5:5060").replacing(
                    "BYE in", "192.168.1.2:5060", "203.0.113.5:5060"
                ).replacing("BYE 200 out", "192.168.1.2:5060", "203.0.113.5:5060")),
        ],
        .conversation(needs: [.strayAnswer]) { (context: CallContext) -> Evidence? in
            for place in context.records.indices {
                let answer = context.records[place]
                guard !answer.isRequest, context.isOut(answer), answer.transport == .udp, answer.passage != .duplicate
                else { continue }
                let asked = context.records.firstIndex {
                    $0.isRequest && $0.topBranch == answer.topBranch && $0.cSeq == answer.cSeq
                        && $0.method == answer.method
                        && context.servers.contains($0.destination)
                }
                guard let asked, context.records[asked].source != answer.destination else { continue }
                if let via = try? context.message(asked)?.topVia(), let message = context.message(asked),
                    via.maddr.isEmpty,
                    let host = IPAddress(parsing: message.span, via.host), host == answer.destination.ip,
                    (via.port ?? 5060) == answer.destination.port
                {
                    continue
                }
                let request = context.records[asked]
                return Evidence(
                    "\(request.method.name) came from \(request.source) but its \(answer.status) went to \(answer.destination), so the sender never got it.",
                    [context.number(asked), context.number(place)])
            }
            return nil
        })
}
