import SIPKit

extension Diagnosis {
    static let shortCalls = Diagnosis(
        "C4", "short-calls", .warning, .likely,
        "many calls end at once",
        sees: "\"hello? hello?\", and another try",
        condition:
            "of the answered calls of one next hop, route label or device kind (20 or more), over 15 % last less "
            + "than five seconds, twice the share of all others (20 or more)",
        why: "no sound, a false answer, or a mailbox that picks up",
        remedy: "listen to one of them; look at the sound rules (N1, N3, M2, M12) for calls of this route",
        sources: "sngrep's request for it (short calls reveal lost ACKs and codecs)",
        explains: [],
        examples: [
            .yes(
                "one of two gateways",
                Scene.call.then(
                    Scene.call.to("INVITE out", "198.51.100.9:5060").from("200 in", "198.51.100.9:5060").replacing(
                        "INVITE out", "USRLOC", "OTHER"
                    ).at("BYE in", 4).at("BYE out", 4.001).at("BYE 200 in", 4.03).at("BYE 200 out", 4.031), after: 40,
                    as: "by another gateway"
                ).happening(25)),
            .no("all are long", Scene.call.happening(40)),
        ],
        .population { (population: Population) -> [Evidence] in
            let table = population.ledgers.factors
            let all = table.all
            var found: [(name: String, tally: FactorTable.Tally)] = []
            for (factor, tally) in table.tallies where tally.answered >= 20 && all.answered - tally.answered >= 20 {
                switch factor {
                case .hop, .label, .calleeAgent, .callerAgent: break
                case .network, .hour, .transport, .large: continue
                }
                let share = Double(tally.short) / Double(tally.answered)
                let rest = Double(all.short - tally.short) / Double(all.answered - tally.answered)
                guard share > 0.15, share > 2 * rest else { continue }
                // By chance: Fisher's test, so that twenty calls with four short ones do not speak.
                let chance = FactorTable.fisher(
                    tally.short, tally.answered - tally.short, all.short - tally.short,
                    all.answered - tally.answered - all.short + tally.short)
                guard chance < 0.000_1, let name = population.name(factor) else { continue }
                found.append((name, tally))
            }
            return found.sorted { ($1.tally.short, $0.name) < ($0.tally.short, $1.name) }.prefix(5).map { name, tally in
                Evidence(
                    "\(tally.short) of \(tally.answered) answered calls with \(name) lasted less than 5 s; of all others \(all.short - tally.short) of \(all.answered - tally.answered).",
                    count: tally.short)
            }
        })
}

extension Population {
    /// A factor in words.
    func name(_ factor: Factor) -> String? {
        func agent(_ number: UInt32) -> String? {
            let agents = self.summary.agents.agents
            guard Int(number) < agents.count, number > 0 else { return nil }
            return Printable.text(agents[Int(number)].text)
        }
        switch factor {
        case .callerAgent(let number): return agent(number)
        case .calleeAgent(let number): return agent(number).map { "\($0) as callee" }
        case .network(let address): return "callers in \(address)/\(address.family == .v4 ? 24 : 48)"
        case .hop(let address): return "the next hop \(address)"
        case .label(let number):
            let labels = self.summary.hints.labels
            return Int(number) < labels.count ? "the route label \(Printable.text(labels[Int(number)]))" : nil
        case .hour(let hour): return "the hour from \(hour):00"
        case .transport(let transport): return "\(transport.viaName)"
        case .large: return "INVITEs over 1300 bytes"
        }
    }
}
