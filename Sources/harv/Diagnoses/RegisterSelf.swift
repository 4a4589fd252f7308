import SIPKit

extension Diagnosis {
    static let registerSelf = Diagnosis(
        "A13", "register-self", .warning, .certain,
        "a Contact that is the server itself",
        sees: "calls to this user run in a circle",
        condition: "the Contact of a REGISTER names the server's own address, or the server answers 476",
        why: "a call for this user is sent to the server, which looks the user up, and so on",
        remedy: "set the phone's own address (not the server's) as its host; refuse such Contacts in the script (476)",
        sources: "the old script's label \"No Server Address in Contacts Allowed\"",
        explains: ["R38"],
        examples: [
            .yes(
                "the server's address as Contact",
                Scene.register.replacing("REGISTER again in", "alice@192.168.1.2:5060", "alice@192.0.2.10:5060")),
            .no("the phone's address", Scene.register),
        ],
        .registration(needs: []) { (context: CallContext) -> Evidence? in
            for place in context.records.indices {
                let record = context.records[place]
                if record.isAnswer(to: .register), record.status == 476, record.isFirst {
                    return Evidence(
                        "The registration of \(context.callee(place)) names the server itself as its Contact (476).",
                        [context.number(place)])
                }
                guard record.isRequest(.register), record.isFirst, context.isIn(record),
                    !context.servers.contains(where: { $0.ip == record.source.ip }),
                    let contact = context.registration(place)?.address, context.servers.contains(contact)
                else { continue }
                return Evidence(
                    "\(context.callee(place)) registers the server's own address \(contact.ip) as its Contact.",
                    [context.number(place)])
            }
            return nil
        })
}
