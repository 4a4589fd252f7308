import SIPKit

extension Diagnosis {
    static let tollFraud = Diagnosis(
        "S5", "toll-fraud", .critical, .likely,
        "calls abroad as never before",
        sees: "a telephone bill",
        condition: "one account makes 20 international calls or more within an hour, five times its usual number, and "
            + "either five at once, or tries three prefixes with failures before the first success",
        why: "whoever has stolen a password calls numbers that pay him, as many as possible before it is noticed",
        remedy:
            "block the account and change its password now; limit parallel calls, hours and prefixes by account; let "
            + "the gateway refuse premium prefixes",
        sources: "seed 002 ch. 7, ch. 10; 003",
        explains: [],
        examples: [
            .yes("25 calls, six at once", Scene.callsAbroad(25, every: 5)),
            .no("25 calls one after another, all day", Scene.callsAbroad(25, every: 400)),
            .no("calls at home", Scene.call.happening(25)),
        ],
        .population { (population: Population) -> [Evidence] in
            population.ledgers.accounts.alarms.map { name, alarm in
                Evidence(
                    "\(name) made \(alarm.calls) calls to \(alarm.prefix)\(alarm.prefixes > 1 ? " and \(alarm.prefixes - 1) other prefixes" : "") in \(alarm.minutes) minutes (\(alarm.parallel) at once), usually \(NumberText.fixed(alarm.usualPerDay, 0)) a day.",
                    count: alarm.calls)
            }
        })
}
