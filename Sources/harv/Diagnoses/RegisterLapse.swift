import SIPKit

extension Diagnosis {
    static let registerLapse = Diagnosis(
        "A10", "register-lapse", .warning, .certain,
        "a registration ran out unnoticed",
        sees: "a phone that cannot be called for a while, and then again",
        condition:
            "the granted time of a binding passed before the next REGISTER, and a call in the gap got 404 or 480 "
            + "from the server (unless as many calls were delivered in such gaps: then the registrar keeps bindings longer)",
        why: "the phone refreshes too late, or its refresh got lost",
        remedy: "let the phone refresh at half the time; look for lost REGISTERs (R21, R22) at the end of the interval",
        sources: "RFC 3261 §10",
        explains: ["A14"],
        examples: [
            .yes(
                "a minute was granted, the call comes after five",
                Scene.register.replacing("200 out", "expires=600", "expires=60").then(
                    .callToRegistered(.answeredByServer(404, "Not Found")), after: 300, as: "a call")),
            .no(
                "the binding is valid",
                Scene.register.then(
                    .callToRegistered(.answeredByServer(404, "Not Found")), after: 300, as: "a call")),
            .no(
                "the call is delivered all the same",
                Scene.register.replacing("200 out", "expires=600", "expires=60").then(
                    .callToRegistered(.call), after: 300, as: "a call")),
        ],
        .population { (population: Population) -> [Evidence] in
            let absences = population.ledgers.absences
            guard absences.lapsed.count > 4 * absences.deliveredAnyway else { return [] }
            return absences.lapsed.evidence
        })
}
