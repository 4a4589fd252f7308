import SIPKit

extension Diagnosis {
    static let registerContactChanged = Diagnosis(
        "N9", "register-contact-changed", .warning, .certain,
        "answer lists another Contact",
        sees: "phones register, then say \"not registered\", again and again",
        condition: "the 2xx to a REGISTER does not list the Contact that the phone sent, but one with the packet's "
            + "source address",
        why: "RFC 3261 section 10.3 has the phone look for its own Contact in the answer",
        remedy: "never fix_nated_contact() on REGISTER; use fix_nated_register()",
        sources: "seed 002 ch. 4 note, ch. 8 note 32",
        explains: [],
        examples: [
            .yes(
                "the answer lists the outside address instead",
                Scene.register.replacing(
                    "200 out", "<sip:alice@192.168.1.2:5060>;expires=600;received=\"sip:203.0.113.5:1024\"",
                    "<sip:alice@203.0.113.5:1024>;expires=600")),
            .no("the answer lists what the phone sent", Scene.register),
        ],
        .registration(needs: [.any(.hasOtherVia), .otherContact]) { (context: CallContext) -> Evidence? in
            for place in context.records.indices
            where context.records[place].isAnswer(to: .register) && context.records[place].isSuccess {
                let answer = context.records[place]
                guard
                    let asked = context.records.firstIndex(where: {
                        $0.isRequest(.register) && $0.topBranch == answer.topBranch && $0.cSeq == answer.cSeq
                            && $0.traits.contains(.hasOtherVia)
                    }),
                    !context.hasSameContact(asked, place), let own = context.uri(asked, .contact),
                    let message = context.message(place),
                    let listed = try? message.addresses(.contact), !listed.isEmpty
                else { continue }
                let hosts = listed.compactMap { try? URIRanges(parsing: message.span, $0.uri) }.map {
                    (Printable.text(message[$0.host]), $0.port)
                }
                if hosts.contains(where: { $0.0 == own.host && ($0.1 ?? 5060) == (own.port ?? 5060) }) { continue }
                guard let changed = hosts.first(where: { IPAddress($0.0) == context.records[asked].source.ip }) else {
                    continue
                }
                return Evidence(
                    "The server answered the registration of \(context.callee(asked)) with the Contact \(changed.0) instead of \(own.host); "
                        + "many phones then think they are not registered.",
                    [context.number(asked), context.number(place)])
            }
            return nil
        })
}
