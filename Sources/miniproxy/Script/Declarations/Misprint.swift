/// A name or word that printed listings have wrong, with the one thing it can mean (LANGUAGE.md §13).
///
/// Each is accepted with a warning; `--strict` makes an error of it. What is wrong with characters and signs (callout
/// marks and numbers, `=` for `==`, lost quotes) is the lexer's and the parser's.
struct Misprint: Sendable {
    enum Place: Sendable, Equatable {
        case global, module, function
        /// An argument of this function, from 0.
        case argument(of: String, Int)
        /// In the text of a regular expression: suspicious only, read as it stands.
        case pattern
    }

    let place: Place
    let written: String
    let meant: String
    let why: String

    static let all: [Misprint] = [
        Misprint(.global, "log_stderr", "log_stderror", "the parameter's name is `log_stderror`"),
        Misprint(.module, "registrars", "registrar", "the module's name is `registrar`"),
        Misprint(.function, "avp_push", "avp_pushto", "no version has `avp_push`; `avp_pushto` is meant"),
        Misprint(
            .argument(of: "avp_pushto", 0), "s:ruri", "$ruri", "the destination is the variable `$ruri`, not an AVP"),
        Misprint(
            .argument(of: "force_rtp_proxy", 0), "1", "l",
            "the flag is the letter l (lookup only), not the digit one"),
        Misprint(
            .pattern, "\\`*", "\\*",
            "`\\`` is \"start of the text\" here, so the expression matches always; a star is `\\*`"),
    ]

    init(_ place: Place, _ written: String, _ meant: String, _ why: String) {
        self.place = place
        self.written = written
        self.meant = meant
        self.why = why
    }

    static func find(_ place: Place, _ written: String) -> Misprint? {
        self.all.first { $0.place == place && $0.written == written }
    }
}
