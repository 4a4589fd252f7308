import SIPKit

extension Diagnosis {
    static let tooBigForUDP = Diagnosis(
        "R36", "too-big-for-udp", .warning, .certain,
        "message too big for UDP",
        sees: "calls work with few codecs and fail with many, or only from some networks",
        condition: "a UDP message of more than 1300 bytes; an error when it stays unanswered",
        why: "it travels in pieces, and many routers drop pieces",
        remedy: "fewer codecs, drop headers (Allow, Proxy-Authorization), TCP or TLS for that peer; Kamailio "
            + "udp_mtu=1300, udp_mtu_try_proto=TCP",
        sources: "RFC 3261 section 18.1.1",
        explains: [],
        examples: [
            .yes(
                "an INVITE of 1500 bytes",
                Scene.call.adding("X-Long", String(repeating: "x", count: 900), to: "INVITE out")),
            .no("a small one", Scene.call),
        ],
        .conversation(needs: [.large]) { (context: CallContext) -> Evidence? in
            var largest: Int? = nil
            for place in context.records.indices
            where context.records[place].transport == .udp && context.records[place].length > 1300
                && context.records[place].passage != .repeated
            {
                if largest == nil || context.records[place].length > context.records[largest ?? 0].length {
                    largest = place
                }
            }
            guard let place = largest else { return nil }
            let record = context.records[place]
            let unanswered =
                record.isRequest && record.method != .ack && context.answers(to: place).isEmpty
                && context.wentOn(32, after: place)
            let name = record.isRequest ? "\(record.method.name)" : "\(record.status)"
            return Evidence(
                "The \(name) is \(record.length) bytes; in pieces it may not pass the router of \(record.destination.ip).",
                [context.number(place)], severity: unanswered ? .error : .warning)
        })
}
