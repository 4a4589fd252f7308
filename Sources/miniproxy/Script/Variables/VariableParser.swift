import SIPKit

/// Reads the name of a variable as a script writes it: `$name`, `$name(argument)`, `$(name(argument)[index]{…}{…})`.
struct VariableParser {
    private let text: [UInt8]
    private var at = 0

    private init(_ text: some Sequence<UInt8>) { self.text = Array(text) }

    /// The whole of a token.
    static func parse(_ text: some Sequence<UInt8>) throws(VariableError) -> ScriptVariable {
        var parser = VariableParser(text)
        let variable = try parser.variable()
        guard parser.at == parser.text.count else {
            throw VariableError("`\(parser.shown)` goes on behind the variable's name")
        }
        return variable
    }

    /// The variable that begins at `start` of a text, and where it ends; `nil` where the `$` begins none.
    static func parse(
        _ text: [UInt8], from start: Int
    ) throws(VariableError) -> (variable: ScriptVariable, end: Int)? {
        var parser = VariableParser(text[start...])
        guard let next = parser.peek(1), Self.isNameByte(next) || next == ASCII.openParen, !ASCII.isDigit(next) else {
            return nil
        }
        let variable = try parser.variable()
        return (variable, start + parser.at)
    }

    private func peek(_ offset: Int = 0) -> UInt8? {
        self.at + offset < self.text.count ? self.text[self.at + offset] : nil
    }

    private var shown: String { Printable.text(Array(self.text.prefix(80))) }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        ASCII.isAlphanumeric(byte) || byte == UInt8(ascii: "_")
    }

    private mutating func take(while condition: (UInt8) -> Bool) -> [UInt8] {
        let start = self.at
        while let byte = self.peek(), condition(byte) { self.at += 1 }
        return Array(self.text[start..<self.at])
    }

    private mutating func variable() throws(VariableError) -> ScriptVariable {
        self.at += 1
        guard self.peek() == ASCII.openParen else { return ScriptVariable(name: try self.name()) }
        self.at += 1
        var variable = ScriptVariable(name: try self.name())
        if self.peek() == ASCII.openBracket { variable.index = try self.index() }
        while self.peek() == UInt8(ascii: "{") { variable.transformations.append(try self.transformation()) }
        guard self.peek() == ASCII.closeParen else { throw VariableError("`\(self.shown)` lacks its `)`") }
        self.at += 1
        return variable
    }

    private mutating func name() throws(VariableError) -> ScriptVariable.Name {
        let isQuestion = self.peek() == ASCII.question
        let word = isQuestion ? [ASCII.question] : self.take(while: Self.isNameByte)
        if isQuestion { self.at += 1 }
        let name = String(decoding: word, as: UTF8.self)
        var argument: [UInt8]?
        if self.peek() == ASCII.openParen, Self.takesArgument.contains(name) {
            self.at += 1
            let inner = self.take { $0 != ASCII.closeParen }
            guard self.peek() == ASCII.closeParen else { throw VariableError("`$\(name)(` lacks its `)`") }
            self.at += 1
            argument = inner
        }
        switch (name, argument) {
        case ("null", nil): return .null
        case ("hdr", let header?) where !header.isEmpty: return .header(header)
        case ("avp", let attribute?) where !attribute.isEmpty:
            return .attribute(
                AttributeName(attribute.first == UInt8(ascii: "$") ? Array(attribute[1...]) : attribute).name)
        case ("var", let own?) where !own.isEmpty: return .script(own)
        case ("msg", let part?):
            switch String(decoding: part, as: UTF8.self) {
            case "len": return .known(.messageLength)
            case "buf", "buffer": return .known(.messageText)
            case "body": return .known(.body)
            default: throw VariableError("`$msg` knows len, buf and body")
            }
        case ("hdr", _), ("avp", _), ("var", _), ("msg", _):
            throw VariableError("`$\(name)` needs a name in parentheses")
        default:
            if let known = ScriptVariable.Known(name: name) { return .known(known) }
            let names = ScriptVariable.Known.allCases.map(\.rawValue) + Self.takesArgument
            let nearest = names.first { $0.lowercased() == name.lowercased() } ?? NearestName.of(name, among: names)
            throw VariableError("unknown variable `$\(name)`", help: nearest.map { "did you mean `$\($0)`?" })
        }
    }

    private static let takesArgument = ["hdr", "avp", "var", "msg"]

    private mutating func index() throws(VariableError) -> ScriptVariable.Index {
        self.at += 1
        let inner = self.take { $0 != ASCII.closeBracket && $0 != ASCII.closeParen }
        guard self.peek() == ASCII.closeBracket else { throw VariableError("`\(self.shown)` lacks its `]`") }
        self.at += 1
        if inner == [ASCII.star] { return .all }
        guard let number = ScriptValue.number(inner), abs(number) <= 1000 else {
            throw VariableError("an index is a number or `*`")
        }
        return .at(number)
    }

    private mutating func transformation() throws(VariableError) -> Transformation {
        self.at += 1
        let start = self.at
        while let byte = self.peek(), byte != UInt8(ascii: "}") { self.at += 1 }
        guard self.peek() != nil else { throw VariableError("`\(self.shown)` lacks its `}`") }
        let inner = Array(self.text[start..<self.at])
        self.at += 1
        return try Transformation(parsing: inner)
    }
}
