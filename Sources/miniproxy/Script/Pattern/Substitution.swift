import SIPKit

/// `/expression/replacement/flags` as `subst` and its kin take it; the first character is the delimiter.
struct Substitution: Sendable {
    let pattern: PatternMatcher
    let replacement: [Part]
    /// Flag `g`: every match, not only the first.
    let replacesAll: Bool

    enum Part: Sendable, Equatable {
        case text([UInt8])
        /// `\0` to `\9`: what the group matched.
        case group(Int)
    }

    /// - Throws: ``PatternError`` with a place in the text.
    init(_ bytes: [UInt8]) throws(PatternError) {
        guard let delimiter = bytes.first else { throw PatternError("is empty", at: 0) }
        var parts: [[UInt8]] = [[]]
        var at = 1
        while at < bytes.count, parts.count < 3 {
            if bytes[at] == ASCII.backslash, at + 1 < bytes.count {
                // An escaped delimiter is the delimiter's character itself, everything else is the expression's business.
                if bytes[at + 1] != delimiter { parts[parts.count - 1].append(bytes[at]) }
                parts[parts.count - 1].append(bytes[at + 1])
                at += 2
            } else if bytes[at] == delimiter {
                parts.append([])
                at += 1
            } else {
                parts[parts.count - 1].append(bytes[at])
                at += 1
            }
        }
        guard parts.count == 3 else {
            let mark = String(decoding: [delimiter], as: UTF8.self)
            throw PatternError("is to be \(mark)expression\(mark)replacement\(mark)flags", at: bytes.count)
        }
        var options: PatternMatcher.Options = .lines
        var replacesAll = false
        for (offset, flag) in bytes[at...].enumerated() {
            switch flag {
            case UInt8(ascii: "i"): options.insert(.ignoringCase)
            case UInt8(ascii: "g"): replacesAll = true
            case UInt8(ascii: "s"): options.remove(.lines)
            default: throw PatternError("knows the flags i, g and s", at: at + offset)
            }
        }
        self.pattern = try PatternMatcher(extended: parts[0], options)
        self.replacement = try Self.parts(of: parts[1])
        self.replacesAll = replacesAll
    }

    private static func parts(of text: [UInt8]) throws(PatternError) -> [Part] {
        var parts: [Part] = []
        var literal: [UInt8] = []
        var at = 0
        while at < text.count {
            if text[at] == ASCII.backslash, at + 1 < text.count {
                let next = text[at + 1]
                at += 2
                switch next {
                case ASCII.zero...ASCII.nine:
                    if !literal.isEmpty { parts.append(.text(literal)) }
                    literal = []
                    parts.append(.group(Int(next - ASCII.zero)))
                case UInt8(ascii: "r"): literal.append(ASCII.cr)
                case UInt8(ascii: "n"): literal.append(ASCII.lf)
                case UInt8(ascii: "t"): literal.append(ASCII.tab)
                default: literal.append(next)
                }
            } else {
                literal.append(text[at])
                at += 1
            }
        }
        if !literal.isEmpty { parts.append(.text(literal)) }
        return parts
    }

    /// The edits for a subject: what to cut and what to put there, in order. Empty where nothing matches.
    func edits(in subject: Span<UInt8>) -> [(range: Range<Int>, text: [UInt8])] {
        var edits: [(range: Range<Int>, text: [UInt8])] = []
        var from = 0
        while from <= subject.count, let match = self.pattern.firstMatch(in: subject, from: from), let whole = match[0]
        {
            var text: [UInt8] = []
            for part in self.replacement {
                switch part {
                case .text(let bytes): text.append(contentsOf: bytes)
                case .group(let number):
                    guard number < match.count, let range = match[number] else { continue }
                    text.append(contentsOf: subject.copy(ByteRange(range.lowerBound, range.upperBound)))
                }
            }
            edits.append((whole, text))
            // A match of nothing must not be found again.
            from = whole.isEmpty ? whole.upperBound + 1 : whole.upperBound
            if !self.replacesAll { break }
        }
        return edits
    }

    /// The subject with its matches replaced; `nil` where nothing matches.
    func apply(to subject: Span<UInt8>) -> [UInt8]? {
        let edits = self.edits(in: subject)
        guard !edits.isEmpty else { return nil }
        var output: [UInt8] = []
        var at = 0
        for edit in edits {
            output.append(contentsOf: subject.copy(ByteRange(at, edit.range.lowerBound)))
            output.append(contentsOf: edit.text)
            at = edit.range.upperBound
        }
        output.append(contentsOf: subject.copy(ByteRange(at, subject.count)))
        return output
    }
}
