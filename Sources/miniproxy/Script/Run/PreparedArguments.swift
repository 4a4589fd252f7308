import SIPKit

/// The arguments of one call, made ready when the script was loaded: numbers are numbers, patterns are compiled.
///
/// The checker has refused what does not fit, so asking for an argument as what its parameter declares always works. An
/// optional argument that was left out is not there: look at `count`, or use a default.
struct PreparedArguments: Sendable {
    let values: [PreparedArgument]

    static let none = PreparedArguments(values: [])

    var count: Int { self.values.count }

    /// An `.integer`, `.flag`, `.bits` or `.status` argument.
    func integer(_ index: Int, default missing: Int = 0) -> Int {
        guard index < self.values.count, case .integer(let number) = self.values[index] else { return missing }
        return number
    }

    /// The bytes of the argument as written, for every kind of parameter.
    func text(_ index: Int) -> [UInt8] {
        guard index < self.values.count else { return [] }
        return switch self.values[index] {
        case .integer(let number): Array(String(number).utf8)
        case .text(let bytes): bytes
        case .pattern(let pattern): pattern.source
        case .substitution(let substitution): substitution.pattern.source
        case .filled(let format, _): format.source
        case .block, .missing: []
        }
    }

    /// Whether something has to be filled in for each message.
    var hasVariables: Bool {
        self.values.contains { if case .filled = $0 { true } else { false } }
    }

    /// The arguments for one message.
    ///
    /// - Throws: ``ParseError`` for a value that is not what the parameter wants.
    func filled(_ value: (ScriptVariable) -> ScriptValue) throws(ParseError) -> PreparedArguments {
        var values = self.values
        for place in values.indices {
            guard case .filled(let format, let kind) = values[place] else { continue }
            let text = format.fill(value)
            switch kind {
            case .text: values[place] = .text(text)
            case .number(let range):
                guard let number = ScriptValue.number(text), range.contains(number) else {
                    throw ParseError(
                        .outOfRange, "argument \(place + 1)", expected: "\(range.lowerBound) to \(range.upperBound)",
                        found: text)
                }
                values[place] = .integer(number)
            case .pattern(let options):
                do throws(PatternError) {
                    values[place] = .pattern(try PatternMatcher(extended: text, options))
                } catch {
                    throw ParseError(.malformed, "argument \(place + 1)", expected: "an expression", found: text)
                }
            }
        }
        return PreparedArguments(values: values)
    }

    /// A `.pattern` argument.
    func pattern(_ index: Int) -> PatternMatcher? {
        guard index < self.values.count, case .pattern(let pattern) = self.values[index] else { return nil }
        return pattern
    }

    /// A `.substitution` argument: `/expression/replacement/flags`.
    func substitution(_ index: Int) -> Substitution? {
        guard index < self.values.count, case .substitution(let value) = self.values[index] else { return nil }
        return value
    }

    /// A `.route` argument: which block of the program; `nil` for "0", which disarms.
    func block(_ index: Int) -> BlockID? {
        guard index < self.values.count, case .block(let block) = self.values[index] else { return nil }
        return block
    }
}

enum PreparedArgument: Sendable {
    /// What a filled-in text has to be.
    enum FilledKind: Sendable {
        case text
        case number(ClosedRange<Int>)
        case pattern(PatternMatcher.Options)
    }

    case integer(Int)
    case text([UInt8])
    case pattern(PatternMatcher)
    case substitution(Substitution)
    case block(BlockID?)
    /// A text with variables: what it is for a message is known when the message is there.
    case filled(FormatText, FilledKind)
    case missing
}

/// A block of a program, by its place in `Program.blocks`.
struct BlockID: Hashable, Sendable { let index: Int32 }
