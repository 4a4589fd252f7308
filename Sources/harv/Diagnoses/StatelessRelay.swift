import SIPKit

extension Diagnosis {
    static let statelessRelay = Diagnosis(
        "R25", "stateless-relay", .notice, .certain,
        "the server forwards without memory",
        sees: "no accounting, no failover; repeats everywhere",
        condition:
            "nine in ten of the repeats that come in (20 or more) are passed on as repeats, and the server never "
            + "says 100 Trying",
        why: "a stateless server cannot absorb repeats, fork, fail over or account",
        remedy: "t_relay() instead of forward()",
        sources: "seed 003 \"Stateful versus Stateless Forwarding\"; 002 ch. 4",
        explains: [],
        examples: [
            .yes(
                "every repeat is passed on",
                Scene.call.dropping("100 out").again("INVITE in", after: 0.5).again("INVITE out", after: 0.5).happening(
                    20)),
            .no("the server absorbs them", Scene.call.again("INVITE in", after: 0.5).happening(20)),
        ],
        .population { (population: Population) -> [Evidence] in
            let habits = population.ledgers.habits
            guard habits.repeatsIn >= 20, habits.localTrying == 0, habits.repeatsForwarded * 10 >= habits.repeatsIn * 9
            else { return [] }
            return [
                Evidence(
                    "The server forwards without memory: \(habits.repeatsForwarded) of \(habits.repeatsIn) repeats were passed on, and nothing can be accounted, forked or failed over."
                )
            ]
        })
}
