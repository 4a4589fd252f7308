import SIPKit

/// The words of a filter expression.
struct FilterToken: Equatable {
    enum Kind: Equatable {
        case word, text, symbol
        case end
    }
    let kind: Kind
    let text: String
    /// Where it begins, in bytes.
    let offset: Int
}

/// What is wrong with a filter expression, and where.
struct FilterError: Error, Equatable, CustomStringConvertible {
    let expression: String
    let offset: Int
    let reason: String

    var description: String {
        let before = String(decoding: Array(self.expression.utf8.prefix(self.offset)), as: UTF8.self)
        return "\(self.reason)\n  \(self.expression)\n  \(String(repeating: " ", count: before.count))^"
    }
}

enum FilterLexer {
    static func tokens(_ expression: String) throws(FilterError) -> [FilterToken] {
        let bytes = Array(expression.utf8)
        var tokens: [FilterToken] = []
        var at = 0
        while at < bytes.count {
            let start = at
            let byte = bytes[at]
            if ASCII.isLWS(byte) {
                at += 1
            } else if byte == ASCII.quote || byte == ASCII.apostrophe {
                var text: [UInt8] = []
                at += 1
                while at < bytes.count, bytes[at] != byte {
                    // In a string a backslash keeps its meaning for expressions; only the quote itself needs it here.
                    if bytes[at] == ASCII.backslash, at + 1 < bytes.count, bytes[at + 1] == byte { at += 1 }
                    text.append(bytes[at])
                    at += 1
                }
                guard at < bytes.count else {
                    throw FilterError(expression: expression, offset: start, reason: "this string has no end")
                }
                at += 1
                tokens.append(FilterToken(kind: .text, text: String(decoding: text, as: UTF8.self), offset: start))
            } else if let symbol = Self.symbol(bytes, at) {
                tokens.append(FilterToken(kind: .symbol, text: symbol, offset: start))
                at += symbol.utf8.count
            } else {
                while at < bytes.count, Self.isWord(bytes[at]) { at += 1 }
                guard at > start else {
                    let found = Printable.text([byte])
                    throw FilterError(expression: expression, offset: start, reason: "\"\(found)\" has no meaning here")
                }
                let text = String(decoding: bytes[start..<at], as: UTF8.self)
                tokens.append(FilterToken(kind: .word, text: text, offset: start))
            }
        }
        tokens.append(FilterToken(kind: .end, text: "", offset: bytes.count))
        return tokens
    }

    private static let symbols = [
        "==", "!=", "<=", ">=", "=~", "!~", "&&", "||", "<", ">", "~", "!", "(", ")", "{", "}", "[", "]", ",",
    ]

    private static func symbol(_ bytes: [UInt8], _ at: Int) -> String? {
        Self.symbols.first { bytes[at...].starts(with: $0.utf8) }
    }

    /// Names, numbers, addresses with their mask, 4xx, user@host.
    private static func isWord(_ byte: UInt8) -> Bool {
        ASCII.isAlphanumeric(byte) || byte >= 0x80 || Array("._-:/@+*%$".utf8).contains(byte)
    }
}
