import SIPKit

/// A calculation of a script: what stands right of `=`, in `while (…)`, in `if ($var(x) + 1 > 3)`.
///
/// It is a tree and is walked for each message. Comparisons of an element of the message with a constant, which old
/// scripts are made of, are instructions of their own and never come here. The parser bounds how deep a tree can be.
indirect enum ScriptExpression: Sendable {
    case constant(ScriptValue)
    case variable(ScriptVariable)
    case text(ScriptText)
    case number(NumberOperand)
    case address(isSource: Bool)
    case status
    case arithmetic(Arithmetic, ScriptExpression, ScriptExpression)
    case unary(Unary, ScriptExpression)
    case compare(SyntaxComparison.Operator, ScriptExpression, ScriptExpression, ignoringCase: Bool)
    case matches(ScriptExpression, PatternMatcher)
    case matchesText(ScriptExpression, ScriptExpression)
    case not(ScriptExpression)
    case and(ScriptExpression, ScriptExpression)
    case or(ScriptExpression, ScriptExpression)

    enum Arithmetic: String, Sendable {
        case plus = "+"
        case minus = "-"
        case times = "*"
        case divide = "/"
        case modulo = "mod"
        case shiftLeft = "<<"
        case shiftRight = ">>"
        case xor = "^"
    }
    enum Unary: String, Sendable {
        case minus = "-"
        case complement = "~"
        case integer = "int"
        case string = "str"
        case defined
        case length = "strlen"
        case isEmpty = "strempty"
    }

    func value(_ host: inout some ScriptHost) -> ScriptValue {
        switch self {
        case .constant(let value): return value
        case .variable(let variable): return host.read(variable)
        case .text(let text):
            var found = ScriptValue.null
            _ = host.withText(text) { bytes in
                found = .text(bytes.copy(ByteRange(0, bytes.count)))
                return true
            }
            return found
        case .number(.messageLength): return .number(host.messageLength)
        case .number(.sourcePort): return .number(Int(host.source.port))
        case .number(.destinationPort): return .number(Int(host.destination.port))
        case .address(let isSource):
            return .text(Array(String(describing: (isSource ? host.source : host.destination).ip.unmapped).utf8))
        case .status: return .number(host.statusCode)
        case .arithmetic(let operation, let left, let right):
            return Self.calculate(operation, left.value(&host), right.value(&host))
        case .unary(let operation, let inner): return Self.apply(operation, inner.value(&host))
        case .compare, .matches, .matchesText, .not, .and, .or: return .number(self.isTrue(&host) ? 1 : 0)
        }
    }

    func isTrue(_ host: inout some ScriptHost) -> Bool {
        switch self {
        case .not(let inner): return !inner.isTrue(&host)
        case .and(let left, let right): return left.isTrue(&host) && right.isTrue(&host)
        case .or(let left, let right): return left.isTrue(&host) || right.isTrue(&host)
        case .compare(let comparison, let left, let right, let ignoringCase):
            return Self.compare(comparison, left.value(&host), right.value(&host), ignoringCase)
        case .matches(let inner, let pattern):
            let value = inner.value(&host)
            return value != .null && pattern.matches(value.bytes.span)
        case .matchesText(let inner, let expression):
            let value = inner.value(&host)
            guard value != .null,
                let pattern = try? PatternMatcher(extended: expression.value(&host).bytes, .ignoringCase)
            else { return false }
            return pattern.matches(value.bytes.span)
        default: return self.value(&host).isTrue
        }
    }

    // MARK: Operators

    /// A text that is joined with itself in a loop comes to an end.
    static var longestText: Int { 65_536 }

    /// `+` joins texts and adds numbers: what stands left decides (Kamailio). A sum that would not fit wraps around, and
    /// nothing is divided by 0.
    private static func calculate(_ operation: Arithmetic, _ left: ScriptValue, _ right: ScriptValue) -> ScriptValue {
        if operation == .plus {
            if case .text(let text) = left { return .text(Array((text + right.bytes).prefix(Self.longestText))) }
            if left == .null, case .text(let text) = right { return .text(text) }
        }
        let (a, b) = (left.number, right.number)
        switch operation {
        case .plus: return .number(a &+ b)
        case .minus: return .number(a &- b)
        case .times: return .number(a &* b)
        case .divide: return b == 0 ? .null : .number(a.dividedReportingOverflow(by: b).partialValue)
        case .modulo: return b == 0 ? .null : .number(a.remainderReportingOverflow(dividingBy: b).partialValue)
        case .shiftLeft: return .number(a << Swift.min(Swift.max(b, 0), 63))
        case .shiftRight: return .number(a >> Swift.min(Swift.max(b, 0), 63))
        case .xor: return .number(a ^ b)
        }
    }

    private static func apply(_ operation: Unary, _ value: ScriptValue) -> ScriptValue {
        switch operation {
        case .minus: .number(0 &- value.number)
        case .complement: .number(~value.number)
        case .integer: .number(value.number)
        case .string: .text(value.bytes)
        case .defined: .number(value == .null ? 0 : 1)
        case .length: .number(value.bytes.count)
        case .isEmpty: .number(value.bytes.isEmpty ? 1 : 0)
        }
    }

    /// Numbers as numbers where one side is one, else texts; nothing equals nothing alone.
    private static func compare(
        _ comparison: SyntaxComparison.Operator, _ left: ScriptValue, _ right: ScriptValue, _ ignoringCase: Bool
    ) -> Bool {
        switch comparison {
        case .equal: return Self.equals(left, right, ignoringCase)
        case .notEqual: return !Self.equals(left, right, ignoringCase)
        case .less: return left.number < right.number
        case .lessOrEqual: return left.number <= right.number
        case .greater: return left.number > right.number
        case .greaterOrEqual: return left.number >= right.number
        case .matches: return false  // Compiled into a case of its own.
        }
    }

    private static func equals(_ left: ScriptValue, _ right: ScriptValue, _ ignoringCase: Bool) -> Bool {
        switch (left, right) {
        case (.null, .null): return true
        case (.null, _), (_, .null): return false
        case (.number(let a), .number(let b)): return a == b
        case (.number(let a), .text(let b)), (.text(let b), .number(let a)): return ScriptValue.number(b) == a
        case (.text(let a), .text(let b)):
            return ignoringCase ? a.map(ASCII.lowercased) == b.map(ASCII.lowercased) : a == b
        }
    }
}

extension ScriptHost {
    /// The value of a variable with its transformations carried out.
    mutating func read(_ variable: ScriptVariable) -> ScriptValue {
        variable.transformations.reduce(self.value(of: variable)) { $1.apply($0) }
    }
}
