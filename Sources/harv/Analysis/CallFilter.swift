import SIPKit

/// The expression of `--filter`: which conversations count. `method == INVITE and code >= 400 and not ua =~ "scanner"`.
indirect enum CallFilter: Sendable {
    case all(CallFilter, CallFilter)
    case any(CallFilter, CallFilter)
    case not(CallFilter)
    case compare(Field, Comparison, String)

    enum Field: String, CaseIterable, Sendable {
        case method, code, from, to, ua, src, dst, hint, duration, pdd, retrans, rule
        var isNumber: Bool { [.code, .duration, .pdd, .retrans].contains(self) }
    }

    enum Comparison: String, Sendable {
        case equal = "=="
        case unequal = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        /// Contains, in any case of letters.
        case holds = "=~"
        case lacks = "!~"
    }

    /// What is wrong with an expression, and where.
    struct Mistake: Error, Equatable, CustomStringConvertible {
        var text: String
        var place: Int
        var reason: String
        var description: String {
            "\(self.reason)\n  \(self.text)\n  \(String(repeating: " ", count: self.place))^"
        }
    }

    func matches(_ call: CallDetail) -> Bool {
        switch self {
        case .all(let left, let right): left.matches(call) && right.matches(call)
        case .any(let left, let right): left.matches(call) || right.matches(call)
        case .not(let inner): !inner.matches(call)
        case .compare(let field, let comparison, let value): Self.compare(field, comparison, value, call)
        }
    }

    private static func compare(_ field: Field, _ comparison: Comparison, _ value: String, _ call: CallDetail) -> Bool {
        if field.isNumber {
            let number: Double? =
                switch field {
                case .code: Double(call.status)
                case .duration: call.duration.map { Double($0) / 1e9 }
                case .pdd: call.ring.map { Double($0) / 1e9 }
                default: Double(call.repeats)
                }
            guard let number, let limit = Double(value) else { return comparison == .unequal }
            switch comparison {
            case .equal, .holds: return number == limit
            case .unequal, .lacks: return number != limit
            case .less: return number < limit
            case .lessOrEqual: return number <= limit
            case .greater: return number > limit
            case .greaterOrEqual: return number >= limit
            }
        }
        let texts: [String] =
            switch field {
            case .method: [call.method]
            case .from: [call.from]
            case .to: [call.to]
            case .ua: [call.userAgent]
            case .src: Self.addresses(call.source)
            case .dst: Self.addresses(call.destination)
            case .hint: [call.hint]
            case .rule: call.rules
            default: []
            }
        let wanted = value.lowercased()
        let isEqual = texts.contains { text in
            let text = text.lowercased()
            return text == wanted || ([.from, .to].contains(field) && CallDetail.user(text) == wanted)
        }
        switch comparison {
        case .equal: return isEqual
        case .unequal: return !isEqual
        case .holds: return texts.contains { $0.lowercased().contains(wanted) }
        case .lacks: return !texts.contains { $0.lowercased().contains(wanted) }
        case .less: return texts.contains { $0.lowercased() < wanted }
        case .lessOrEqual: return texts.contains { $0.lowercased() <= wanted }
        case .greater: return texts.contains { $0.lowercased() > wanted }
        case .greaterOrEqual: return texts.contains { $0.lowercased() >= wanted }
        }
    }

    /// An address with its port and without.
    private static func addresses(_ address: SocketAddress?) -> [String] {
        address.map { ["\($0)", "\($0.ip)"] } ?? []
    }

    // MARK: Reading

    static func parse(_ text: String) throws(Mistake) -> CallFilter {
        var parser = Parser(text)
        let filter = try parser.any(depth: 0)
        guard parser.place == parser.tokens.count else { throw parser.mistake("here the expression should end") }
        return filter
    }

    private struct Parser {
        let text: String
        var tokens: [(text: String, place: Int, isQuoted: Bool)] = []
        var place = 0

        init(_ text: String) {
            self.text = text
            let bytes = Array(text.utf8)
            var at = 0
            while at < bytes.count {
                if ASCII.isLWS(bytes[at]) {
                    at += 1
                    continue
                }
                let start = at
                if bytes[at] == ASCII.quote {
                    at += 1
                    while at < bytes.count, bytes[at] != ASCII.quote { at += 1 }
                    self.tokens.append((String(decoding: bytes[start + 1..<at], as: UTF8.self), start, true))
                    at += 1
                    continue
                }
                let isOperator = { (byte: UInt8) in [0x3C, 0x3D, 0x3E, 0x21, 0x7E].contains(byte) }
                if bytes[at] == ASCII.openParen || bytes[at] == ASCII.closeParen {
                    at += 1
                } else if isOperator(bytes[at]) {
                    while at < bytes.count, isOperator(bytes[at]) { at += 1 }
                } else {
                    while at < bytes.count, !ASCII.isLWS(bytes[at]), !isOperator(bytes[at]),
                        bytes[at] != ASCII.openParen, bytes[at] != ASCII.closeParen
                    {
                        at += 1
                    }
                }
                self.tokens.append((String(decoding: bytes[start..<at], as: UTF8.self), start, false))
            }
        }

        func mistake(_ reason: String) -> Mistake {
            Mistake(
                text: self.text,
                place: self.place < self.tokens.count ? self.tokens[self.place].place : self.text.utf8.count,
                reason: reason)
        }

        private var word: String? {
            self.place < self.tokens.count && !self.tokens[self.place].isQuoted ? self.tokens[self.place].text : nil
        }

        mutating func any(depth: Int) throws(Mistake) -> CallFilter {
            var left = try self.all(depth: depth)
            while self.word == "or" {
                self.place += 1
                left = .any(left, try self.all(depth: depth))
            }
            return left
        }

        private mutating func all(depth: Int) throws(Mistake) -> CallFilter {
            var left = try self.one(depth: depth)
            while self.word == "and" {
                self.place += 1
                left = .all(left, try self.one(depth: depth))
            }
            return left
        }

        private mutating func one(depth: Int) throws(Mistake) -> CallFilter {
            guard depth < 50 else { throw self.mistake("too many parentheses") }
            if self.word == "not" {
                self.place += 1
                return .not(try self.one(depth: depth + 1))
            }
            if self.word == "(" {
                self.place += 1
                let inner = try self.any(depth: depth + 1)
                guard self.word == ")" else { throw self.mistake("a closing parenthesis is missing") }
                self.place += 1
                return inner
            }
            guard let name = self.word, let field = Field(rawValue: name) else {
                let names = Field.allCases.map(\.rawValue).joined(separator: ", ")
                throw self.mistake("expected one of \(names)")
            }
            self.place += 1
            guard let sign = self.word,
                let comparison = Comparison(rawValue: sign == "=" ? "==" : sign == "~" ? "=~" : sign)
            else { throw self.mistake("expected ==, !=, <, <=, >, >=, =~ or !~") }
            self.place += 1
            guard self.place < self.tokens.count else { throw self.mistake("a value is missing") }
            let value = self.tokens[self.place].text
            guard !field.isNumber || Double(value) != nil else { throw self.mistake("\(field.rawValue) is a number") }
            self.place += 1
            return .compare(field, comparison, value)
        }
    }
}
