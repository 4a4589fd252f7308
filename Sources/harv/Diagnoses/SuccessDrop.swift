import Glibc
import SIPKit

extension Diagnosis {
    static let successDrop = Diagnosis(
        "C7", "success-drop", .error, .likely,
        "an hour with far fewer successes",
        sees: "complaints that begin at a certain time",
        condition:
            "in one hour the share of answered attempts of all calls or of one route (20 or more, three other hours "
            + "at least) lies more than five points and three standard errors below that of all other hours; with many "
            + "hours compared, so much more that chance alone would say it once in a thousand traces",
        why: "people's habits change slowly; a drop is a fault",
        remedy:
            "look at what else began in that hour: findings with the same time, changes of configuration, a gateway",
        sources: "RFC 6076 §4.6, ITU-T E.425",
        explains: [],
        examples: [
            .yes(
                "a bad fourth hour",
                Scene.attempts([(50, 10), (50, 10), (50, 10), (10, 50)])),
            .no("hours alike", Scene.attempts([(50, 10), (48, 12), (50, 10), (46, 14)])),
            .no("two hours only", Scene.attempts([(50, 10), (10, 50)])),
        ],
        .population { (population: Population) -> [Evidence] in
            let entries = population.ledgers.hours.entries
            var totals: [UInt16?: (tried: Int, answered: Int, hours: Int)] = [:]
            for (key, tally) in entries {
                let before = totals[key.hint] ?? (0, 0, 0)
                totals[key.hint] = (
                    before.tried + tally.tried, before.answered + tally.answered, before.hours + 1
                )
            }
            let compared = entries.values.count { $0.tried >= 20 }
            // Bonferroni: the more comparisons, the rarer each must be. 3 for one, 4.4 for a day of five routes.
            let limit = max(3, (2 * log(1000 * Double(max(1, compared)))).squareRoot() - 0.6)
            return entries.sorted { ($0.key.hour, $0.key.hint ?? 0) < ($1.key.hour, $1.key.hint ?? 0) }.compactMap {
                key, tally in
                guard tally.tried >= 20, let total = totals[key.hint], total.hours >= 4 else { return nil }
                let others = total.tried - tally.tried
                guard others >= 60 else { return nil }
                let base = Double(total.answered - tally.answered) / Double(others)
                let here = Double(tally.answered) / Double(tally.tried)
                let error = (base * (1 - base) * (1 / Double(tally.tried) + 1 / Double(others))).squareRoot()
                guard base - here > 0.05, base - here > limit * error else { return nil }
                let route = key.hint.flatMap { population.name(.label($0)) }.map { " for \($0)" } ?? ""
                return Evidence(
                    "From \(TimeText.clock(key.hour * 3_600_000_000_000)) on, for an hour, only \(NumberText.percent(100 * here)) of \(tally.tried) attempts\(route) were answered; in all other hours \(NumberText.percent(100 * base))."
                ).of("", key.hour * 3_600_000_000_000)
            }
        })
}
