import SIPKit

/// What each element of a message may be compared with, and how (LANGUAGE.md §7).
extension Checker {
    mutating func check(_ comparison: SyntaxComparison, _ element: String) {
        if comparison.right.isComputed {
            self.check(value: comparison.left)
            self.check(value: comparison.right)
            return
        }
        switch ConditionElement(element) {
        case .text: self.checkText(comparison, element)
        case .address: self.checkAddress(comparison, element)
        case .number: self.checkNumber(comparison, element)
        case .transport: self.checkWord(comparison, element, ["udp", "tcp", "tls", "sctp", "ws", "wss"])
        case .family: self.checkWord(comparison, element, ["inet", "inet6"])
        case .myself:
            self.allow([.equal, .notEqual], comparison, element)
            guard case .operand(let right) = comparison.right,
                ["uri", "from_uri", "to_uri", "src_ip", "dst_ip"].contains(right.text)
            else {
                self.badRight(comparison, "`myself` is compared with uri, from_uri, to_uri, src_ip or dst_ip")
                return
            }
        case .other: self.notAvailable("`\(element)`", at: comparison.left.range)
        }
    }

    private mutating func allow(
        _ operators: [SyntaxComparison.Operator], _ comparison: SyntaxComparison, _ element: String
    ) {
        guard !operators.contains(comparison.comparison) else { return }
        let list = operators.map { "`\($0.rawValue)`" }.joined(separator: ", ")
        self.diagnostics.error(
            .badOperator, at: comparison.operatorRange,
            "`\(element)` is compared with \(list), not with `\(comparison.comparison.rawValue)`")
    }

    mutating func badRight(_ comparison: SyntaxComparison, _ message: String) {
        self.diagnostics.error(.badOperand, at: comparison.right.range, message)
    }

    /// method, uri, status, from_uri, to_uri.
    private mutating func checkText(_ comparison: SyntaxComparison, _ element: String) {
        self.allow([.equal, .notEqual, .matches], comparison, element)
        switch comparison.right {
        case .string(let bytes, let range):
            if comparison.comparison == .matches {
                self.checkPattern(bytes, range, .ignoringCase)
            } else if element == "status", !bytes.allSatisfy(ASCII.isDigit) {
                self.diagnostics.warning(
                    .badOperand, at: range, "a status is three digits, so this is never equal",
                    help: "an expression is compared with `=~`")
            }
        case .operand(let right):
            if comparison.comparison == .matches { self.badRight(comparison, "a string expected behind `=~`") }
            if right.text == "myself", element == "method" || element == "status" {
                self.badRight(comparison, "`\(element)` is not compared with `myself`")
            }
        case .number where element == "status" && comparison.comparison != .matches: break
        default: self.badRight(comparison, "a string expected behind `\(comparison.comparison.rawValue)`")
        }
    }

    private mutating func checkAddress(_ comparison: SyntaxComparison, _ element: String) {
        self.allow([.equal, .notEqual, .matches], comparison, element)
        switch comparison.right {
        case .string(let bytes, let range):
            if comparison.comparison == .matches { self.checkPattern(bytes, range, .ignoringCase) }
        case .operand(let right):
            if comparison.comparison == .matches {
                self.badRight(comparison, "a string expected behind `=~`")
            } else if NetworkPrefix(right.text) == nil, right.text.contains("/") || right.text.first?.isNumber == true {
                self.badRight(comparison, "`\(right.text)` is no address, no network and no host name")
            }
        default: self.badRight(comparison, "an address, a network, a host name or `myself` expected")
        }
    }

    private mutating func checkNumber(_ comparison: SyntaxComparison, _ element: String) {
        self.allow([.equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual], comparison, element)
        if comparison.right.number == nil {
            self.badRight(comparison, element == "msg:len" ? "a number or `max_len` expected" : "a number expected")
        }
    }

    private mutating func checkWord(_ comparison: SyntaxComparison, _ element: String, _ words: [String]) {
        self.allow([.equal, .notEqual], comparison, element)
        guard let word = comparison.right.word, words.contains(word.lowercased()) else {
            self.badRight(comparison, "`\(element)` is one of \(words.joined(separator: ", "))")
            return
        }
    }

    /// Compiles an expression of the script for its errors; what is odd is warned of.
    mutating func checkPattern(_ bytes: [UInt8], _ range: SourceRange, _ options: PatternMatcher.Options) {
        do throws(PatternError) {
            _ = try PatternMatcher(extended: bytes, options)
        } catch {
            self.report(error, bytes, range)
        }
        self.checkMisprints(inPattern: bytes, range)
    }

    mutating func report(_ error: PatternError, _ bytes: [UInt8], _ range: SourceRange) {
        let text = Printable.text(bytes)
        // The listings lost the star of `\*`; then the expression ends in a backslash.
        let source = self.sources.text(range)
        let lost = error.message == "ends in a backslash" && source.hasSuffix(#"\\""#)
        let end = SourceRange(file: Int(range.file), range.end - 3, range.end)
        self.diagnostics.error(
            .badPattern, at: range, "the expression `\(text)` \(Self.sentence(error))",
            help: lost ? "for a star write `\\*`" : nil, fix: lost ? .replace(end, #"\*""#) : nil)
    }

    private static func sentence(_ error: PatternError) -> String {
        let isVerb = ["ends ", "is ", "knows "].contains { error.message.hasPrefix($0) }
        let place = error.offset.map { " (at its character \($0 + 1))" } ?? ""
        return isVerb ? error.message : "is wrong: \(error.message)\(place)"
    }

    private mutating func checkMisprints(inPattern bytes: [UInt8], _ range: SourceRange) {
        let source = self.sources.text(range)
        for misprint in Misprint.all where misprint.place == .pattern {
            guard let place = source.range(of: misprint.written) else { continue }
            let start = range.start + source[..<place.lowerBound].utf8.count
            let at = SourceRange(file: Int(range.file), start, start + misprint.written.utf8.count)
            self.diagnostics.warning(
                .suspiciousPattern, at: at, misprint.why, fix: .replace(at, misprint.meant))
        }
    }
}

/// The kinds of elements that conditions compare.
enum ConditionElement {
    case text, address, number, transport, family, myself, other

    init(_ word: String) {
        switch word {
        case "method", "uri", "status", "from_uri", "to_uri": self = .text
        case "src_ip", "dst_ip": self = .address
        case "src_port", "dst_port", "msg:len": self = .number
        case "proto": self = .transport
        case "af": self = .family
        case "myself": self = .myself
        default: self = .other
        }
    }
}

extension SyntaxExpression {
    /// The number that it stands for; `max_len` is the largest message of SER.
    var number: Int? {
        switch self {
        case .number(let number, _): number
        case .operand(let operand):
            if case .number(let number) = operand.value { number } else { operand.text == "max_len" ? 65535 : nil }
        default: nil
        }
    }

    var word: String? {
        switch self {
        case .operand(let operand): operand.text
        case .string(let bytes, _): String(decoding: bytes, as: UTF8.self)
        default: nil
        }
    }
}

extension String {
    /// The first place of a text; without Foundation.
    func range(of part: String) -> Range<String.Index>? {
        guard !part.isEmpty else { return nil }
        var start = self.startIndex
        while start < self.endIndex {
            if self[start...].hasPrefix(part) {
                return start..<self.index(start, offsetBy: part.count)
            }
            start = self.index(after: start)
        }
        return nil
    }
}
