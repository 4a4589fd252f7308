/// `-h`, `--help` and `-V`.
enum HelpText {
    static let version = """
        sipsak \(RequestFactory.version)  by the sipkit project
         option-compatible with sipsak 0.9.7 by Nils Ohlmeier

        """

    static let usage = """
        sipsak \(RequestFactory.version) by the sipkit project
         option-compatible with sipsak 0.9.7 by Nils Ohlmeier

         shoot  : sipsak [-f FILE] [-L] -s SIPURI
         trace  : sipsak -T -s SIPURI
         usrloc : sipsak -U [-I|M] [-b NUMBER] [-e NUMBER] [-x NUMBER] [-z NUMBER] -s SIPURI
         usrloc : sipsak -I|M [-b NUMBER] [-e NUMBER] -s SIPURI
         usrloc : sipsak -U [-C SIPURI] [-x NUMBER] -s SIPURI
         message: sipsak -M [-B STRING] [-O STRING] [-c SIPURI] -s SIPURI
         flood  : sipsak -F [-e NUMBER] -s SIPURI
         random : sipsak -R [-t NUMBER] [--seed NUMBER] -s SIPURI
         ping   : sipsak --ping [--count NUMBER] SIPURI
         load   : sipsak --rate NUMBER [--duration SECONDS] SIPURI

         additional parameter in every mode:
           [-a PASSWORD] [-d] [-i] [-H HOSTNAME] [-l PORT] [-m NUMBER] [-n] [-N]
           [-r PORT] [-v] [-V] [-w]


        """

    static var help: String {
        var text = Self.usage
        for option in OptionTable.all {
            guard let sentence = OptionHelp.sentence(option.id) else { continue }
            let letter = option.letter.map { "-\(Character(UnicodeScalar($0)))" } ?? "  "
            let names = option.names.first.map { "--\($0)" } ?? ""
            let value = sentence.value.map { option.letter == nil ? "=\($0)" : " \($0)" } ?? ""
            let left = "  \(letter)\(option.letter == nil ? "  " : ", ")\(names)\(value)"
            let padding = String(repeating: " ", count: Swift.max(2, 34 - left.utf8.count))
            text += left + padding + sentence.text + "\n"
        }
        return text
    }
}
