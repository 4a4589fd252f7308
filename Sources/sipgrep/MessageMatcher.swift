import SIPKit
import SIPPattern

/// The match of the command line: what a message must (with `-v`: must not) contain.
struct MessageMatcher {
    /// For showing where a message matches.
    let pattern: BytePattern?
    private let isInverted: Bool
    private let lookLimit: Int
    /// The line that tells about it before the first message; `nil` when everything is shown.
    let announcement: String?

    /// - Throws: ``Failure`` with the expression and a caret where it is wrong.
    init(_ settings: Settings) throws(Failure) {
        self.isInverted = settings.isInverted
        self.lookLimit = settings.lookLimit ?? .max
        guard let text = settings.match, !text.isEmpty else {
            self.pattern = nil
            self.announcement = nil
            return
        }
        var options: BytePattern.Options = settings.isCaseless ? .caseless : []
        do {
            if settings.isHex {
                let bytes = try Self.bytes(hex: text)
                self.pattern = try BytePattern(bytes, shown: text, [.literal])
            } else {
                options.insert(.ungreedy)
                if settings.singleLine { options.insert(.singleLine) }
                let expression = settings.wholeWords ? "((^\(text)\\W)|(\\W\(text)$)|(\\W\(text)\\W))" : text
                self.pattern = try BytePattern(expression, options)
            }
        } catch let error as PatternError {
            throw Failure("match: \(error)")
        } catch let error as Failure {
            throw error
        } catch {
            throw Failure("match: \(error)")
        }
        self.announcement = Self.announce(self.pattern, settings)
    }

    private static func announce(_ pattern: BytePattern?, _ settings: Settings) -> String? {
        guard let pattern else { return nil }
        let verb = settings.isInverted ? "don't match" : "match"
        if settings.isHex {
            let digits = pattern.text.hasPrefix("0x") ? pattern.text : "0x" + pattern.text
            return "\(verb): \(digits)"
        }
        // The old form did not know of a JIT; ngrep's present forms tell.
        let jit = settings.form != .classic && pattern.usesJIT ? " (JIT)" : ""
        return "\(verb)\(jit): \(pattern.text)"
    }

    private static func bytes(hex text: String) throws(Failure) -> [UInt8] {
        var digits = Array(text.utf8)
        if text.hasPrefix("0x") || text.hasPrefix("0X") { digits.removeFirst(2) }
        let values = digits.compactMap(ASCII.hexValue)
        guard !values.isEmpty, values.count == digits.count, values.count % 2 == 0 else {
            throw Failure("-X: an even number of hexadecimal digits is needed, here is \"\(text)\"")
        }
        return stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }

    /// How often the expression's limits were reached: those messages count as not matching.
    var limitsReached: Int { self.pattern?.limitsReached ?? 0 }

    /// Whether everything matches, so that nobody needs to look.
    var takesAll: Bool { self.pattern == nil }

    @inline(__always)
    func accepts(_ message: Span<UInt8>) -> Bool {
        guard let pattern = self.pattern else { return true }
        let looked = message.count > self.lookLimit ? message.extracting(first: self.lookLimit) : message
        return pattern.matches(looked) != self.isInverted
    }
}
