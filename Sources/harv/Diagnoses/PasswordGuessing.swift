import SIPKit

extension Diagnosis {
    static let passwordGuessing = Diagnosis(
        "S9", "password-guessing", .warning, .certain,
        "somebody tries passwords",
        sees: "floods of 401 and 403 for a few users",
        condition:
            "20 different refused logins or more from one address in ten minutes, and three of them for one nonce, "
            + "or for three users, or more than one a second (a phone with a wrong password is A1)",
        why: "a weak password is found in hours",
        remedy:
            "ban the address (pike, a htable, fail2ban); long random passwords; the same answer for wrong users and "
            + "wrong passwords",
        sources: "the family of S1",
        explains: ["A1"],
        examples: [
            .yes("25 passwords for one nonce", Scene.guesses(25)),
            .no("five", Scene.guesses(5)),
            .no("a phone with a wrong password", Scene.refusedLogin("example.net").happening(8)),
        ],
        .population { (population: Population) -> [Evidence] in
            let leftOut = Set(population.summary.leftOut.map(\.address))
            return population.ledgers.guesses.sources.filter(\.value.isGuessing).sorted {
                ($1.value.worst, "\($0.key)") < ($0.value.worst, "\($1.key)")
            }.map { address, source in
                Evidence(
                    "\(address) tried \(source.worst) passwords for \(source.worstUsers == 1 ? "one user" : "\(source.worstUsers) users") within ten minutes."
                ).of("", source.firstTime).about(leftOut.contains(address) ? SocketAddress(address, 0) : nil)
            }
        })
}
