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
        case .block, .missing: []
        }
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
    case integer(Int)
    case text([UInt8])
    case pattern(PatternMatcher)
    case substitution(Substitution)
    case block(BlockID?)
    case missing
}

/// A block of a program, by its place in `Program.blocks`.
struct BlockID: Hashable, Sendable { let index: Int32 }
