import SIPKit

extension Diagnosis {
    static let registerPrivateBinding = Diagnosis(
        "N8", "register-private-binding", .error, .likely,
        "registered at an inside address",
        sees: "a user can call out, nobody can call him",
        condition:
            "a REGISTER from a public address has a private Contact, the server kept it without received=, and a "
            + "later call to this user left for the private address or failed (408, 477, 478, 479)",
        why: "the server has to remember where the REGISTER came from, not what the phone thinks its address is",
        remedy: "SER: if (!search(\"^Contact:[ ]*\\*\") && nat_uac_test(\"19\")) { setflag(6); fix_nated_register(); "
            + "force_rport(); } before save(\"location\"), and nat_flag 6; Kamailio: fix_nated_register(), and "
            + "received_avp in nathelper and registrar",
        sources: "seed 001 (contact attribute), 002 ch. 4 \"Registration behind NAT\", ch. 8 notes 30-33",
        explains: ["N19", "R27", "R38", "N14"],
        examples: [
            .yes(
                "the call leaves for the inside address",
                Scene.callToRegistered(.callToQuietPhone).replacing("200 out", ";received=\"sip:203.0.113.5:1024\"", "")
                    .replacing("INVITE out", "bob@198.51.100.7:5060", "alice@192.168.1.2:5060").to(
                        "INVITE out", "192.168.1.2:5060"
                    ).to("INVITE out again", "192.168.1.2:5060")),
            .no(
                "the server knows better and sends it to where the REGISTER came from",
                Scene.callToRegistered(.callToQuietPhone).replacing("200 out", ";received=\"sip:203.0.113.5:1024\"", "")
            ),
            .no(
                "it kept the outside address",
                Scene.callToRegistered(.callToQuietPhone).to("INVITE out", "192.168.1.2:5060")),
        ],
        .call(needs: []) { (context: CallContext) -> Evidence? in
            guard !context.isLaboratory, let facts = context.facts, !facts.isAnswered, let ledgers = context.ledgers,
                let user = context.target,
                let binding = ledgers.registrations[user], binding.isUnreachable, let listed = binding.listed
            else { return nil }
            if let copy = facts.inviteCopy {
                guard context.records[copy].destination.ip == listed.ip else { return nil }
            } else if ![408, 477, 478, 479].contains(facts.status)
                || context.records.contains(where: {
                    $0.isAnswer(to: .invite) && ($0.passage == .relayed || (180..<200).contains($0.status))
                })
            {
                // Who rings was reached, whatever the trace lacks.
                return nil
            }
            return Evidence(
                "\(context.callee(facts.lastInvite)) is registered at \(listed); calls to it leave for an address that does not exist outside.",
                [facts.inviteCopy, facts.lastInvite].compactMap { $0 }.sorted().map { context.number($0) })
        })
}
