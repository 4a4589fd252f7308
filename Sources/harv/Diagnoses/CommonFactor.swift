import SIPKit

extension Diagnosis {
    static let commonFactor = Diagnosis(
        "O9", "common-factor", .info, .likely,
        "what the calls of a finding have in common",
        sees: "a fault that only some have",
        condition:
            "of the calls a rule found (ten or more), four in five have one User-Agent, network, next hop, route "
            + "label, hour, transport or large INVITEs in common, and of the rest two in five at most; Fisher's exact test "
            + "below 0.001",
        why: "this is what operators look for by hand all day",
        remedy: "look there first",
        sources: "operators' lists",
        explains: [],
        examples: [
            .yes(
                "one kind of phone",
                Scene.call.replacing("INVITE out", "IN IP4 192.0.2.10", "IN IP4 192.168.1.2").replacing(
                    "*", "Testphone 1.0", "Badphone 2.0"
                ).then(Scene.call, after: 40, as: "a good call").then(Scene.call, after: 80, as: "another").happening(
                    12)),
            .no(
                "all phones are alike",
                Scene.call.replacing("INVITE out", "IN IP4 192.0.2.10", "IN IP4 192.168.1.2").then(
                    Scene.call, after: 40, as: "a good call"
                ).happening(12)),
        ],
        .remark { (finding: Finding, population: Population) -> String? in
            guard finding.callCount >= 10,
                let common = population.ledgers.factors.common(finding.factors, of: finding.callCount),
                let name = population.name(common.factor)
            else { return nil }
            return "\(NumberText.fixed(100 * common.share, 0)) % of them have in common: \(name)"
        })
}
