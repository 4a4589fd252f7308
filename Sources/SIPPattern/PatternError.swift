/// Why a regular expression is none, and where.
public struct PatternError: Error, Sendable, CustomStringConvertible {
    public let pattern: String
    /// In bytes from the pattern's start.
    public let offset: Int
    public let reason: String

    /// The sentence, then the expression with a caret under the place.
    public var description: String {
        let before = self.pattern.utf8.prefix(self.offset)
        let column = String(decoding: before, as: UTF8.self).count
        return "\(self.reason) at \(self.offset)\n  \(self.pattern)\n  \(String(repeating: " ", count: column))^"
    }
}
