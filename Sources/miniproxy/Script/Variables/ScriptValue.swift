import SIPKit

/// What a variable or an expression of a script holds.
enum ScriptValue: Sendable, Equatable {
    /// `$null`: there is no such thing.
    case null
    case number(Int)
    case text([UInt8])

    /// As text; nothing for `$null`.
    var bytes: [UInt8] {
        switch self {
        case .null: []
        case .number(let number): Array(String(number).utf8)
        case .text(let text): text
        }
    }

    /// As a number; 0 for what is none.
    var number: Int {
        switch self {
        case .null: 0
        case .number(let number): number
        case .text(let text): Self.number(text) ?? 0
        }
    }

    /// A condition takes the number (Kamailio): 0, nothing and text that is no number are false.
    var isTrue: Bool { self.number != 0 }

    /// Digits with a sign before them, up to 18: more would not fit, and no script means them.
    static func number(_ text: [UInt8]) -> Int? {
        let isNegative = text.first == ASCII.minus
        let digits = isNegative || text.first == ASCII.plus ? Array(text.dropFirst()) : text
        guard let number = ASCII.number(digits.span, ByteRange(0, digits.count), limit: 999_999_999_999_999_999) else {
            return nil
        }
        return isNegative ? -Int(number) : Int(number)
    }
}
