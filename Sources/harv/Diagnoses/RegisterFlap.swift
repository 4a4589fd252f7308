import SIPKit

extension Diagnosis {
    static let registerFlap = Diagnosis(
        "A11", "register-flap", .warning, .likely,
        "a registration jumps to and fro",
        sees: "a phone that sometimes rings and sometimes does not",
        condition: "a user's only Contact alternates between two addresses more than six times an hour, or the phone "
            + "registers and unregisters more than three times an hour (two devices that each refresh by themselves do not "
            + "count)",
        why: "a phone on two networks, a router that changes its address, or a phone that restarts again and again",
        remedy:
            "look at the phone's network and power; \"latest contact only\" (desc_time_order, max_contacts 1) rings "
            + "whichever was last",
        sources: "seed 003 \"latest contact\"; 002 ch. 8 note 30 (Contact: * at reboot)",
        explains: [],
        examples: [
            .yes(
                "two addresses in turn",
                Scene.register.then(
                    Scene.register.replacing("*", "192.168.1.2:5060", "192.168.1.3:5060"), after: 60,
                    as: "another address"
                ).happening(10)),
            .no("one address", Scene.register.happening(10)),
        ],
        .population { (population: Population) -> [Evidence] in
            population.ledgers.registrations.flaps.values.sorted { ($1.flips, $0.user) < ($0.flips, $1.user) }.map {
                flap in
                flap.flips > 6
                    ? Evidence(
                        "\(flap.user) jumps between \(flap.here) and \(flap.there), \(flap.flips) times an hour.")
                    : Evidence("\(flap.user) registers and unregisters, \(flap.goodbyes) times an hour.")
            }
        })
}
