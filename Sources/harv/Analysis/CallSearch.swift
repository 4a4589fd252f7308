import SIPKit

/// Collects the calls of a number or user name (`--call 4711`).
struct CallSearch: Sendable, Codable {
    /// What was asked for, in the parts that are compared.
    struct Name: Sendable, Equatable, Codable {
        /// The user, in small letters.
        private let user: String
        /// Empty where none was named.
        private let host: String
        /// The digits, when the user is a number as people write it: with a plus, hyphens, dots, blanks, parentheses.
        private let digits: [UInt8]

        /// Numbers of so many digits and more are the same with and without what stands in front of them.
        static let leastDigits = 7

        /// - Parameter text: `4711`, `+49 30 123456`, `alice`, `alice@example.org`, with or without `sip:` or `tel:`.
        init(_ text: String) {
            let text = text.lowercased()
            let scheme = ["sip:", "sips:", "tel:"].first { text.hasPrefix($0) } ?? ""
            let parts = text.dropFirst(scheme.count).split(separator: "@", maxSplits: 1)
            let user = text.dropFirst(scheme.count).hasPrefix("@") ? "" : String(parts.first ?? "")
            self.init(user: user, host: parts.count > 1 ? String(parts[1]) : "")
        }

        /// The user and the host of a URI; one without a user is known by its host.
        init(user: String, host: String) {
            self.user = (user.isEmpty ? host : user).lowercased()
            self.host = host.lowercased()
            let number = user.utf8.drop { $0 == ASCII.plus }.filter { !"-. ()".utf8.contains($0) }
            self.digits = number.allSatisfy(ASCII.isDigit) ? Array(number) : []
        }

        /// Whether a party of a call is who was asked for.
        func matches(_ party: Name) -> Bool {
            guard !self.user.isEmpty, self.host.isEmpty || self.host == party.host else { return false }
            if self.user == party.user { return true }
            guard !self.digits.isEmpty, !party.digits.isEmpty else { return false }
            if self.digits == party.digits { return true }
            // 030 123456 is +49 30 123456 and 0049 30 123456: what stands in front differs, zeros of trunk and country too.
            let (a, b) = (self.digits.drop { $0 == ASCII.zero }, party.digits.drop { $0 == ASCII.zero })
            let (short, long) = a.count <= b.count ? (a, b) : (b, a)
            return short.count >= Self.leastDigits && long.suffix(short.count).elementsEqual(short)
        }
    }

    private let name: Name
    private(set) var calls: [CallLine] = []
    /// All that were found, also those that are not kept.
    private(set) var count = 0
    /// The ladder of the first one.
    private(set) var ladder: String? = nil

    static let maxCalls = 10_000

    init(_ name: Name) { self.name = name }

    /// Keeps a call of whom was asked for: who calls, who is called, or whom the INVITE asked for.
    ///
    /// - Parameter ladder: draws it; asked for the first call only.
    mutating func note(_ context: CallContext, ladder: () -> String) {
        guard let facts = context.facts else { return }
        let invite = facts.firstInvite
        let parties = [context.uri(invite, .from), context.uri(invite, .to), context.requestURI(invite)]
        let isWanted = parties.contains { party in
            guard let party else { return false }
            return self.name.matches(Name(user: party.user, host: party.host))
        }
        guard isWanted else { return }
        self.count += 1
        if self.count == 1 { self.ladder = ladder() }
        guard self.calls.count < Self.maxCalls else { return }
        self.calls.append(CallLine(facts, context.records, context.conversation.message(invite)))
    }
}
