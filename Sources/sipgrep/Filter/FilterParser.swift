import SIPKit
import SIPPattern

/// Reads a filter expression: `method == INVITE and status >= 400 and not ua ~ scanner`.
///
/// ```
/// or     = and { ("or" | "||") and }
/// and    = unary { ("and" | "&&") unary }
/// unary  = ("not" | "!") unary | "(" or ")" | comparison
/// comparison = field [ operator value | "in" "{" value { "," value } "}" ]
/// field  = name | "header" "[" string "]"
///
/// A name of ``FilterAlias`` stands for the whole expression that it abbreviates.
/// ```
struct FilterParser {
    private let expression: String
    private var tokens: [FilterToken]
    private var at = 0
    private var depth = 0

    /// Parentheses and `not` inside one another beyond this are a mistake.
    static let maximumDepth = 64

    static func parse(_ expression: String) throws(FilterError) -> MessageFilter {
        var parser = FilterParser(expression: expression, tokens: try FilterLexer.tokens(expression))
        let filter = try parser.or()
        guard parser.token.kind == .end else {
            throw parser.error("\"and\", \"or\" or the end is expected")
        }
        return filter
    }

    private init(expression: String, tokens: [FilterToken]) {
        self.expression = expression
        self.tokens = tokens
    }

    private var token: FilterToken { self.tokens[self.at] }

    private func error(_ reason: String, at offset: Int? = nil) -> FilterError {
        FilterError(expression: self.expression, offset: offset ?? self.token.offset, reason: reason)
    }

    private mutating func skip(_ words: String...) -> Bool {
        guard self.token.kind == .word || self.token.kind == .symbol, words.contains(self.token.text.lowercased())
        else {
            return false
        }
        self.at += 1
        return true
    }

    private mutating func or() throws(FilterError) -> MessageFilter {
        var parts = [try self.and()]
        while self.skip("or", "||") { parts.append(try self.and()) }
        return parts.count == 1 ? parts[0] : .any(parts)
    }

    private mutating func and() throws(FilterError) -> MessageFilter {
        var parts = [try self.unary()]
        while self.skip("and", "&&") { parts.append(try self.unary()) }
        return parts.count == 1 ? parts[0] : .all(parts)
    }

    private mutating func unary() throws(FilterError) -> MessageFilter {
        self.depth += 1
        defer { self.depth -= 1 }
        guard self.depth <= Self.maximumDepth else { throw self.error("too many parentheses inside one another") }
        if self.skip("not", "!") { return .not(try self.unary()) }
        if self.skip("(") {
            let inner = try self.or()
            guard self.skip(")") else { throw self.error("\")\" is expected") }
            return inner
        }
        return try self.comparison()
    }

    private mutating func comparison() throws(FilterError) -> MessageFilter {
        if self.token.kind == .word, let alias = FilterAlias(rawValue: self.token.text.lowercased()) {
            self.at += 1
            return try Self.parse(alias.expression)
        }
        let field = try self.field()
        let operation = self.token
        if self.skip("in") {
            guard self.skip("{") else { throw self.error("\"{\" is expected after \"in\"") }
            var parts: [MessageFilter] = []
            repeat { parts.append(try self.compare(field, "==", try self.value())) } while self.skip(",")
            guard self.skip("}") else { throw self.error("\",\" or \"}\" is expected") }
            return .any(parts)
        }
        guard operation.kind == .symbol, ["==", "!=", "<", "<=", ">", ">=", "=~", "!~", "~"].contains(operation.text)
        else {
            if field == .status || field.kind == .text || field.scale > 1 { return .exists(field) }
            throw self.error("a comparison is expected: == != < <= > >= =~ !~ ~ in")
        }
        self.at += 1
        return try self.compare(field, operation.text, try self.value())
    }

    private mutating func field() throws(FilterError) -> FilterField {
        let name = self.token
        guard name.kind == .word else { throw self.error("the name of a field is expected") }
        self.at += 1
        if name.text.lowercased() == "header" {
            guard self.skip("[") else { throw self.error("\"[\" is expected: header[\"P-Asserted-Identity\"]") }
            let header = self.token
            guard header.kind != .end, header.kind != .symbol else {
                throw self.error("the name of a header is expected")
            }
            self.at += 1
            guard self.skip("]") else { throw self.error("\"]\" is expected") }
            return .header(Array(header.text.utf8))
        }
        if let known = FilterField.names.first(where: { $0.name == name.text.lowercased() }) { return known.field }
        let near = NearestName.find(
            name.text.lowercased(), in: FilterField.names.map(\.name) + FilterAlias.allCases.map(\.rawValue))
        let hint = near.map { "; did you mean \"\($0)\"?" } ?? ""
        throw self.error("there is no field \"\(Printable.text(name.text.utf8))\"\(hint)", at: name.offset)
    }

    private mutating func value() throws(FilterError) -> FilterToken {
        let value = self.token
        guard value.kind == .word || value.kind == .text else { throw self.error("a value is expected") }
        self.at += 1
        return value
    }

    private func compare(
        _ field: FilterField, _ operation: String, _ value: FilterToken
    ) throws(FilterError) -> MessageFilter {
        switch field {
        case .anyIP:
            let parts = [
                try self.compare(.sourceIP, Self.positive(operation), value),
                try self.compare(.destinationIP, Self.positive(operation), value),
            ]
            return operation.hasPrefix("!") ? .not(.any(parts)) : .any(parts)
        case .anyPort:
            let parts = [
                try self.compare(.sourcePort, Self.positive(operation), value),
                try self.compare(.destinationPort, Self.positive(operation), value),
            ]
            return operation.hasPrefix("!") ? .not(.any(parts)) : .any(parts)
        default: break
        }
        switch operation {
        case "=~", "!~":
            do {
                let pattern = try BytePattern(value.text, [])
                return operation == "=~" ? .matches(field, pattern) : .not(.matches(field, pattern))
            } catch {
                throw self.error("the expression is wrong: \(error.reason)", at: value.offset + error.offset)
            }
        case "~": return .contains(field, Array(value.text.utf8))
        case "==": return try self.equal(field, value)
        case "!=": return .not(try self.equal(field, value))
        default: return try self.ordered(field, operation, value)
        }
    }

    private static func positive(_ operation: String) -> String {
        operation == "!=" ? "==" : operation == "!~" ? "=~" : operation
    }

    private func equal(_ field: FilterField, _ value: FilterToken) throws(FilterError) -> MessageFilter {
        switch field.kind {
        case .text: return .equals(field, Array(value.text.utf8))
        case .address:
            let parts = value.text.split(separator: "/", maxSplits: 1)
            guard let first = parts.first, let network = IPAddress(first) else {
                throw self.error("an IP address is expected, with or without /bits", at: value.offset)
            }
            let longest = network.family == .v4 ? 32 : 128
            guard parts.count == 1 || (0...longest).contains(Self.number(String(parts[1])) ?? -1) else {
                throw self.error("the number of bits is 0 to \(longest)", at: value.offset)
            }
            return .inside(field, network, parts.count == 1 ? longest : Self.number(String(parts[1])) ?? longest)
        case .number:
            // 4xx: all of a hundred.
            let text = value.text.lowercased()
            if field == .status, text.count == 3, text.hasSuffix("xx"), let digit = Self.number(String(text.prefix(1)))
            {
                return .number(field, digit * 100...digit * 100 + 99)
            }
            let number = try self.number(value, scale: field.scale)
            return .number(field, number...number)
        }
    }

    private func ordered(
        _ field: FilterField, _ operation: String, _ value: FilterToken
    ) throws(FilterError) -> MessageFilter {
        guard field.kind == .number else {
            throw self.error("\(operation) compares numbers; this field is none", at: value.offset)
        }
        let number = try self.number(value, scale: field.scale)
        switch operation {
        case "<": return number > 0 ? .number(field, 0...number - 1) : .any([])
        case "<=": return .number(field, 0...number)
        case ">": return .number(field, number + 1...Int.max)
        default: return .number(field, number...Int.max)
        }
    }

    private func number(_ value: FilterToken, scale: Int) throws(FilterError) -> Int {
        let parts = value.text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let whole = Self.number(parts[0]) else { throw self.error("a number is expected", at: value.offset) }
        guard parts.count > 1 else { return whole * scale }
        let digits = parts[1].prefix(3)
        guard scale > 1, let fraction = Self.number(String(digits)), parts[1].count <= 9 else {
            throw self.error("a whole number is expected", at: value.offset)
        }
        return whole * scale + fraction * scale / [1, 10, 100, 1000][digits.count]
    }

    private static func number(_ text: String) -> Int? {
        let bytes = Array(text.utf8)
        return ASCII.number(bytes.span, ByteRange(0, bytes.count), limit: UInt64(UInt32.max)).map { Int($0) }
    }
}

/// The known name that is nearest to what somebody typed.
enum NearestName {
    /// - Returns: `nil` when none is within two changes.
    static func find(_ typed: String, in names: [String]) -> String? {
        let scored = names.map { ($0, Self.distance(Array(typed.utf8), Array($0.utf8))) }
        return scored.min { $0.1 < $1.1 }.flatMap { $0.1 <= 2 ? $0.0 : nil }
    }

    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (index, byte) in left.enumerated() {
            var previous = row[0]
            row[0] = index + 1
            for column in right.indices {
                let change = previous + (byte == right[column] ? 0 : 1)
                previous = row[column + 1]
                row[column + 1] = Swift.min(change, previous + 1, row[column] + 1)
            }
        }
        return row[right.count]
    }
}
