import SIPKit

extension Diagnosis {
    static let contactPrivateDialog = Diagnosis(
        "N6", "contact-private-dialog", .error, .certain,
        "callee told a private Contact",
        sees: "the call sets up, then BYE, re-INVITE or transfer never arrive; calls cannot be ended by the far "
            + "side",
        condition: "INVITE, SUBSCRIBE, REFER, UPDATE, or their 18x or 2xx, leaves the server for a public peer with a "
            + "Contact out of scope",
        why: "requests during a call go to the Contact, and nobody outside can reach that one",
        remedy: "fix_nated_contact() for everything but REGISTER, also in onreply_route; Kamailio set_contact_alias() "
            + "in route[NATDETECT] and for replies, handle_ruri_alias() in route[DLGURI]",
        sources: "seed 002 ch. 4, ch. 8 notes 37, 46; 001",
        explains: [],
        examples: [
            .yes(
                "the INVITE leaves with the phone's inside Contact",
                Scene.call.replacing("INVITE out", "sip:alice@203.0.113.5:1024", "sip:alice@192.168.1.2:5060")),
            .no("the server wrote the outside address", Scene.call),
            .no(
                "an alias parameter carries the outside address",
                Scene.call.replacing(
                    "INVITE out", "<sip:alice@203.0.113.5:1024>",
                    "<sip:alice@192.168.1.2:5060;alias=203.0.113.5~1024~1>")),
        ],
        .conversation(needs: [.privateContact]) { (context: CallContext) -> Evidence? in
            guard !context.isLaboratory else { return nil }
            for (inPlace, out) in context.pairs {
                let record = context.records[out]
                let forms = [.invite, .subscribe, .refer, .update].contains(record.method)
                guard forms, record.isRequest || (record.status > 100 && record.status < 300),
                    let contact = context.privateContact(out)
                else { continue }
                // When requests from the other side arrive all the same, somebody on the way knows better.
                let other = context.records.contains {
                    $0.isRequest && $0.toTag == record.fromTag && $0.passage == .relayed && $0.toTag != 0
                }
                if record.isRequest, other { continue }
                return Evidence(
                    "\(record.destination) was told to reach \(record.isRequest ? context.caller(out) : context.callee(out)) at \(contact); "
                        + "requests during the call will be lost.",
                    [context.number(inPlace), context.number(out)])
            }
            return nil
        })
}
