import SIPKit

extension Diagnosis {
    static let scanner = Diagnosis(
        "S1", "scanner", .notice, .certain,
        "they only probe; left out below",
        sees: "floods of 401, 403 and 404",
        condition:
            "a User-Agent of a known tool, or ten users and more asked for in a minute of which nine in ten were "
            + "refused",
        why: "somebody looks for accounts with weak passwords",
        remedy: "drop by User-Agent and rate (pike, a htable ban), fail2ban; do not answer 404 and 401 differently",
        sources: "Kamailio's REQINIT; the old script counted sipsak",
        explains: [],
        examples: [
            .yes("friendly-scanner", Scene.register.replacing("*", "Testphone 1.0", "friendly-scanner")),
            .no("a phone", Scene.register),
        ],
        .population { (population: Population) -> [Evidence] in
            population.summary.noise.scanners.map { address, source in
                let span = TimeText.span(max(0, source.lastTime - source.firstTime))
                return Evidence(
                    "\(address) tried \(source.allUsers) names in \(span); \(source.succeeded) answered.",
                    severity: source.succeeded > 0 ? .warning : nil)
            }
        })
}
