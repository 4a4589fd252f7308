import SIPKit

/// The files of `allow_routing` and `allow_register`: lines `"^sip:alice@" : ALL EXCEPT "^sip:9"` (FUNCTIONS.md §10).
///
/// They are read once, when the script is loaded, from the folder of the script.
struct PermissionFiles: Sendable {
    private var files: [String: [PermissionRule]] = [:]
    /// Sentences about files that are not there: they count as empty.
    private(set) var missing: [String] = []

    init() {}

    /// Reads the files that a script needs.
    ///
    /// - Parameter read: the bytes of a file, `nil` where there is none.
    /// - Throws: ``StoreError`` `.misconfigured` with file and line of a rule that is none.
    init(_ script: CheckedScript, _ settings: TrustedSettings, read: (String) -> [UInt8]?) throws(StoreError) {
        var names: Set<String> = []
        for call in script.calls.values
        where ["allow_routing", "allow_register", "allow_uri"].contains(call.function.name) {
            let pair =
                call.function.name == "allow_uri"
                ? Self.names(base: call.arguments.text(0), settings) : Self.names(call.arguments, settings)
            names.formUnion([pair.allow, pair.deny])
        }
        for name in names.sorted() {
            guard let bytes = read(name) else {
                self.missing.append("\(name): there is no such file; it counts as empty")
                continue
            }
            var rules: [PermissionRule] = []
            let lines = bytes.split(separator: ASCII.lf, omittingEmptySubsequences: false)
            for (place, line) in lines.enumerated() {
                do throws(PatternError) {
                    if let rule = try PermissionRule(Array(line)) { rules.append(rule) }
                } catch {
                    throw StoreError(.misconfigured, "\(name):\(place + 1): \(error)")
                }
            }
            self.files[name] = rules
        }
    }

    /// No argument: the standard files; one: a name to which the suffixes are added; two: the files.
    static func names(_ arguments: borrowing PreparedArguments, _ settings: TrustedSettings) -> (
        allow: String, deny: String
    ) {
        let first = String(decoding: arguments.text(0), as: UTF8.self)
        switch arguments.count {
        case 0: return (settings.allowFile, settings.denyFile)
        case 1: return Self.names(base: arguments.text(0), settings)
        default: return (first, String(decoding: arguments.text(1), as: UTF8.self))
        }
    }

    static func names(base: [UInt8], _ settings: TrustedSettings) -> (allow: String, deny: String) {
        let name = String(decoding: base, as: UTF8.self)
        return (name + settings.allowSuffix, name + settings.denySuffix)
    }

    /// Allowed where a line of the first file says so; denied where one of the second does; allowed otherwise.
    func allows(_ left: [UInt8], _ right: [UInt8], by names: (allow: String, deny: String)) -> Bool {
        if self.files[names.allow]?.contains(where: { $0.matches(left, right) }) == true { return true }
        return self.files[names.deny]?.contains { $0.matches(left, right) } != true
    }
}

/// One line: who, and whom.
struct PermissionRule: Sendable {
    private let left: Side
    private let right: Side

    private struct Side: Sendable {
        var isAll = false
        var patterns: [PatternMatcher] = []
        var exceptions: [PatternMatcher] = []

        func matches(_ text: [UInt8]) -> Bool {
            (self.isAll || self.patterns.contains { $0.matches(text.span) })
                && !self.exceptions.contains { $0.matches(text.span) }
        }
    }

    /// - Returns: `nil` for an empty line and a comment.
    /// - Throws: ``PatternError``: what the line lacks, or what is wrong with an expression.
    init?(_ line: [UInt8]) throws(PatternError) {
        var text = line[...]
        Self.skipBlanks(&text)
        guard let first = text.first, first != UInt8(ascii: "#"), first != ASCII.cr else { return nil }
        self.left = try Self.side(&text)
        guard text.popFirst() == ASCII.colon else { throw PatternError("expected `:` between the two lists", at: nil) }
        self.right = try Self.side(&text)
        guard text.isEmpty || text.first == UInt8(ascii: "#") else {
            throw PatternError("expected the end of the line behind the second list", at: nil)
        }
    }

    func matches(_ left: [UInt8], _ right: [UInt8]) -> Bool { self.left.matches(left) && self.right.matches(right) }

    private static func side(_ text: inout ArraySlice<UInt8>) throws(PatternError) -> Side {
        var side = Side()
        var isException = false
        Self.skipBlanks(&text)
        while let byte = text.first {
            if byte == ASCII.quote {
                text.removeFirst()
                guard let end = text.firstIndex(of: ASCII.quote) else {
                    throw PatternError("the expression has no closing quote", at: nil)
                }
                let pattern = try PatternMatcher(extended: Array(text[..<end]), .ignoringCase)
                if isException { side.exceptions.append(pattern) } else { side.patterns.append(pattern) }
                text = text[(end + 1)...]
            } else if text.starts(with: "ALL".utf8) {
                side.isAll = true
                text = text.dropFirst(3)
            } else if text.starts(with: "EXCEPT".utf8) {
                isException = true
                text = text.dropFirst(6)
            } else {
                break
            }
            Self.skipBlanks(&text)
            if text.first == ASCII.comma {
                text.removeFirst()
                Self.skipBlanks(&text)
            }
        }
        guard side.isAll || !side.patterns.isEmpty else {
            throw PatternError("expected ALL or an expression in quotes", at: nil)
        }
        return side
    }

    private static func skipBlanks(_ text: inout ArraySlice<UInt8>) {
        while let byte = text.first, byte == ASCII.space || byte == ASCII.tab || byte == ASCII.cr { text.removeFirst() }
    }
}
