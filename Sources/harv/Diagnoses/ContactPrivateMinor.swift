import SIPKit

extension Diagnosis {
    static let contactPrivateMinor = Diagnosis(
        "N7", "contact-private-minor", .notice, .certain,
        "private Contact, harmless there",
        sees: "nothing",
        condition:
            "as contact-private-dialog, but in ACK, BYE, CANCEL, PRACK, INFO or MESSAGE, where the Contact is not "
            + "used for routing",
        why: "it shows that requests during a call skip the NAT part of the script",
        remedy: "run the NAT part for all requests but REGISTER",
        sources: "seed 000 (ACK at 14:54.803), 002 ch. 4",
        explains: [],
        examples: [
            .yes(
                "an ACK with a private Contact",
                Scene.call.adding("Contact", "<sip:alice@192.168.1.2>", to: "ACK in").adding(
                    "Contact", "<sip:alice@192.168.1.2>", to: "ACK out")),
            .no("no Contact at all", Scene.call),
        ],
        .conversation(needs: [.privateContact, .relayedRequest]) { (context: CallContext) -> Evidence? in
            guard !context.isLaboratory else { return nil }
            for (_, out) in context.pairs where context.records[out].isRequest {
                let record = context.records[out]
                guard [.ack, .bye, .cancel, .prack, .info, .message].contains(record.method),
                    context.privateContact(out) != nil
                else { continue }
                return Evidence(
                    "A private Contact passed through in \(record.method.name); harmless here, but it shows that in-dialog requests skip the NAT part.",
                    [context.number(out)])
            }
            return nil
        })
}
