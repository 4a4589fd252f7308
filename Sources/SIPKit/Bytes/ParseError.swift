/// Why some bytes are not what they should be: a kind for programs, a sentence for people.
///
/// Two errors are equal when kind and element are, so that tests and callers name the kind and not the wording.
public struct ParseError: Error, Sendable {
    public enum Kind: String, Sendable {
        /// The bytes do not follow the grammar.
        case malformed
        /// The grammar is followed, the number is too large or too small.
        case outOfRange
        /// The bytes end before the value does.
        case truncated
        /// A mandatory part is not there.
        case missing
        /// A part that may stand once stands twice.
        case duplicate
        /// A limit of ours was reached (`docs/limits.md`).
        case tooLarge
        /// Understood, but of a kind that this element does not handle (scheme, version, algorithm).
        case unsupported
    }

    public let kind: Kind
    /// The grammar's name of what was read: "Max-Forwards", "Request-URI", "start line".
    public let element: String
    /// What should have stood there; may be empty where the kind says it all.
    public let expected: String
    /// The beginning of what stood there instead, at most 40 bytes.
    public let found: [UInt8]
    /// Where, in bytes from the start of the text that was read; `nil` where no place can be named.
    public let offset: Int?

    public init(_ kind: Kind, _ element: String, expected: String = "", found: [UInt8] = [], at offset: Int? = nil) {
        self.kind = kind
        self.element = element
        self.expected = expected
        self.found = found.count > 40 ? Array(found[..<40]) : found
        self.offset = offset
    }
}

extension ParseError: Equatable {
    public static func == (left: ParseError, right: ParseError) -> Bool {
        left.kind == right.kind && left.element == right.element
    }
}

extension ParseError: CustomStringConvertible {
    public var description: String {
        var text = "\(self.element): "
        switch self.kind {
        case .missing: text += "missing"
        case .duplicate: text += "stands more than once"
        case .tooLarge: text += "over the limit"
        case .truncated: text += "cut off"
        case .unsupported: text += "not supported"
        case .malformed, .outOfRange: text += self.expected.isEmpty ? self.kind.rawValue : "expected \(self.expected)"
        }
        switch self.kind {
        case .malformed, .outOfRange: break
        default: if !self.expected.isEmpty { text += " (\(self.expected))" }
        }
        if !self.found.isEmpty { text += ", found \"\(Printable.text(self.found))\"" }
        if let offset = self.offset { text += " at byte \(offset)" }
        return text
    }
}
