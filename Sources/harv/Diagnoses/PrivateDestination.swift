import SIPKit

extension Diagnosis {
    static let privateDestination = Diagnosis(
        "N19", "private-destination", .error, .certain,
        "server sent to a private address",
        sees: "calls to some users never arrive",
        condition: "the server has a public address and sends a request to a private one",
        why: "the address was taken from a Contact that nobody repaired",
        remedy: "repair Contacts at registration (fix_nated_register) and in dialogs (fix_nated_contact, "
            + "set_contact_alias); SER's own examples answer 479 to registrations with private Contacts from public "
            + "sources",
        sources: "seed 003 (NAT), the old script's codes 476-479",
        explains: ["R27", "R23"],
        examples: [
            .yes("an INVITE to 192.168.1.9", Scene.call.to("INVITE out", "192.168.1.9:5060")),
            .no("an INVITE to a public address", Scene.call),
        ],
        .conversation(needs: [.toPrivate]) { (context: CallContext) -> Evidence? in
            guard !context.isLaboratory else { return nil }
            for place in context.records.indices {
                let record = context.records[place]
                guard record.isRequest, context.isOut(record), AddressScope.isPublic(record.source.ip),
                    record.destination.ip.isPrivate
                else { continue }
                let named =
                    context.requestURI(place)?.host == "\(record.destination.ip)" ? "the Request-URI" : "the route"
                return Evidence(
                    "The server tried to send \(record.method.name) to \(record.destination.ip), found in \(named).",
                    [context.number(place)])
            }
            return nil
        })
}
