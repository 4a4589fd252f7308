import SIPKit

extension Diagnosis {
    static let serverAdvertisesPrivate = Diagnosis(
        "N12", "server-advertises-private", .critical, .certain,
        "server gives a private address",
        sees: "calls drop after half a minute, ACK and BYE never come back, only for outside users",
        condition:
            "a message that leaves for a public peer carries the server's own Via or Record-Route with an address "
            + "out of scope, while its packets come from a public one",
        why: "answers and later requests are sent to the address that the server gave",
        remedy: "SER listen= the public address, record_route_preset(\"public:5060\"); Kamailio "
            + "listen=udp:10.0.0.1:5060 advertise 198.51.100.1:5060, and check alias",
        sources: "seed 003 Troubleshooting (multihomed), 002 ch. 8 note 16",
        explains: ["R1", "R2", "R4", "R6"],
        examples: [
            .yes(
                "a private address in the Via that it added",
                Scene.call.replacing("INVITE out", "SIP/2.0/UDP 192.0.2.10", "SIP/2.0/UDP 10.0.0.10")),
            .yes(
                "a private address in its Record-Route",
                Scene.call.replacing("INVITE out", "<sip:192.0.2.10;lr", "<sip:10.0.0.10;lr")),
            .no("its public address in both", Scene.call),
        ],
        .conversation(needs: []) { (context: CallContext) -> Evidence? in
            for place in context.records.indices {
                let record = context.records[place]
                // The Via tells without reading; the Record-Route is the server's own in what it has relayed.
                guard record.isRequest, context.isOut(record), AddressScope.isPublic(record.source.ip),
                    record.traits.contains(.hasPrivateVia)
                        || (record.passage == .relayed && record.toTag == 0 && record.traits.contains(.hasRecordRoute)),
                    let message = context.message(place),
                    let via = try? message.topVia()
                else { continue }
                if let host = IPAddress(parsing: message.span, via.host),
                    AddressScope.isOutOfScope(host, for: record.destination.ip)
                {
                    return Evidence(
                        "The server calls itself \(host) in Via; outside phones cannot send anything back to that.",
                        [context.number(place)])
                }
                guard record.passage == .relayed, let host = context.address(place, .recordRoute),
                    AddressScope.isOutOfScope(host, for: record.destination.ip),
                    let route = context.uri(place, .recordRoute),
                    context.uri(Int(record.original), .recordRoute)?.text != route.text
                else { continue }
                return Evidence(
                    "The server calls itself \(host) in Record-Route; outside phones cannot send anything back to that.",
                    [context.number(place)])
            }
            return nil
        })
}
