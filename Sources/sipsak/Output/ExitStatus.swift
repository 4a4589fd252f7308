/// How a run ended, in the numbers that scripts know from the original.
struct ExitStatus: Equatable, Sendable {
    let code: Int32
    /// The code of `--strict-exit`, where it is another one.
    private var strict: Int32?

    private var isWarning: Bool

    private init(code: Int32, strict: Int32? = nil, isWarning: Bool = false) {
        self.code = code
        self.strict = strict
        self.isWarning = isWarning
    }

    var strictCode: Int32 { self.strict ?? self.code }

    static let ok = ExitStatus(code: 0)
    /// The final answer was not 2xx, or a step of a longer exchange failed.
    static let rejected = ExitStatus(code: 1)
    /// A local problem: options, names, sockets, authentication.
    static let local = ExitStatus(code: 2)
    /// Nobody answers.
    static let remote = ExitStatus(code: 3)
    /// Wrong password, or none where one is needed.
    static let unauthorized = ExitStatus(code: 2, strict: 6)
    /// A name without an address.
    static let unresolvable = ExitStatus(code: 2, strict: 7)
    /// No connection: the original calls that a local problem.
    static let unconnected = ExitStatus(code: 2, strict: 3)
    /// The server's certificate is not good, or TLS failed.
    static let untrusted = ExitStatus(code: 3, strict: 8)
    /// More retransmissions than `-W` allows, or a warning threshold missed: 0 without `-N`.
    static let warning = ExitStatus(code: 0, strict: 0, isWarning: true)
    /// A critical threshold missed.
    static let missed = ExitStatus(code: 4)
    static let assertion = ExitStatus(code: 5)
    /// `-q` did not match.
    static let unmatched = ExitStatus(code: 32)
    static let interrupted = ExitStatus(code: 130)

    /// What `-N` prints last, and the code that Nagios understands.
    ///
    /// - Parameter isUnknownKnown: whether local problems are 3, UNKNOWN (`--unknown-code`); the original never says so.
    func nagios(isUnknownKnown: Bool) -> (line: String, code: Int32) {
        switch self {
        case .ok: ("SIP ok", 0)
        case .warning: ("SIP warning", 1)
        case .local where isUnknownKnown, .unresolvable where isUnknownKnown: ("SIP unknown", 3)
        default: ("SIP failure", 2)
        }
    }
}
