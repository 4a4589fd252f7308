import SIPKit

/// What stands in braces behind a variable: `{s.len}`, `{uri.user}`, `{param.value,transport}`; one value in, one out.
struct Transformation: Sendable, Equatable {
    enum Operation: String, Sendable, CaseIterable {
        case length = "s.len"
        case integer = "s.int"
        case substring = "s.substr"
        case select = "s.select"
        case lower = "s.tolower"
        case upper = "s.toupper"
        case strip = "s.strip"
        case stripTail = "s.striptail"
        case trim = "s.trim"
        case uriUser = "uri.user"
        case uriHost = "uri.host"
        case uriPort = "uri.port"
        case uriParameters = "uri.params"
        case uriParameter = "uri.param"
        case uriTransport = "uri.transport"
        case addressURI = "nameaddr.uri"
        case addressName = "nameaddr.name"
        case toURI = "tobody.uri"
        case toUser = "tobody.user"
        case toHost = "tobody.host"
        case toTag = "tobody.tag"
        case parameter = "param.value"

        /// How many arguments stand behind it.
        var arguments: ClosedRange<Int> {
            switch self {
            case .substring, .select: 2...2
            case .strip, .stripTail, .uriParameter: 1...1
            case .parameter: 1...2
            default: 0...0
            }
        }
        /// Whether the first `numbers` of the arguments are numbers.
        var numbers: Int {
            switch self {
            case .substring: 2
            case .select, .strip, .stripTail: 1
            default: 0
            }
        }
    }

    let operation: Operation
    private let texts: [[UInt8]]
    private let numbers: [Int]

    init(parsing text: [UInt8]) throws(VariableError) {
        let parts = text.split(separator: ASCII.comma, omittingEmptySubsequences: false).map(Array.init)
        let name = String(decoding: parts.first ?? [], as: UTF8.self)
        guard let operation = Operation(rawValue: name) else {
            let nearest = NearestName.of(name, among: Operation.allCases.map(\.rawValue))
            throw VariableError(
                "unknown transformation `{\(Printable.text(text))}`", help: nearest.map { "did you mean `{\($0)}`?" })
        }
        // The separator of `s.select` may be the comma itself.
        var arguments = Array(parts.dropFirst())
        if operation == .select, arguments.count == 3, arguments[1].isEmpty, arguments[2].isEmpty {
            arguments = [arguments[0], [ASCII.comma]]
        }
        guard operation.arguments.contains(arguments.count) else {
            throw VariableError("`{\(name)}` has \(operation.arguments.upperBound) arguments behind commas")
        }
        let numbers = arguments.prefix(operation.numbers).map { ScriptValue.number($0) }
        guard !numbers.contains(nil) else { throw VariableError("an argument of `{\(name)}` is a number") }
        self.operation = operation
        self.texts = arguments
        self.numbers = numbers.compactMap { $0 }
    }

    func apply(_ value: ScriptValue) -> ScriptValue {
        if case .null = value { return self.operation == .length ? .number(0) : .null }
        let text = value.bytes
        switch self.operation {
        case .length: return .number(text.count)
        case .integer: return .number(value.number)
        case .lower: return .text(text.map(ASCII.lowercased))
        case .upper: return .text(text.map { $0 &- 0x61 < 26 ? $0 & 0xDF : $0 })
        case .strip: return .text(Array(text.dropFirst(Swift.max(0, self.numbers[0]))))
        case .stripTail: return .text(Array(text.dropLast(Swift.max(0, self.numbers[0]))))
        case .trim:
            let rest = text.drop(while: ASCII.isLWS)
            return .text(Array(rest.reversed().drop(while: ASCII.isLWS).reversed()))
        case .substring: return self.substring(text)
        case .select: return self.select(text)
        case .uriUser, .uriHost, .uriPort, .uriParameters, .uriParameter, .uriTransport: return self.uri(text)
        case .addressURI, .addressName, .toURI, .toUser, .toHost, .toTag: return self.address(text)
        case .parameter: return self.parameter(text)
        }
    }

    /// From an offset, a negative one from the end; a length of 0 goes to the end.
    private func substring(_ text: [UInt8]) -> ScriptValue {
        let offset = self.numbers[0]
        let start =
            offset < 0 ? Swift.max(0, text.count + Swift.max(offset, -text.count)) : Swift.min(offset, text.count)
        let length = self.numbers[1]
        let rest = text[start...]
        return .text(length <= 0 ? Array(rest) : Array(rest.prefix(length)))
    }

    /// The part between two separators; negative numbers count from the end.
    private func select(_ text: [UInt8]) -> ScriptValue {
        guard let separator = self.texts[1].first else { return .null }
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        let wanted = self.numbers[0]
        let place = wanted < 0 ? parts.count + Swift.max(wanted, -parts.count - 1) : wanted
        return parts.indices.contains(place) ? .text(Array(parts[place])) : .null
    }

    private func uri(_ text: [UInt8]) -> ScriptValue {
        guard let uri = try? URIRanges(parsing: text.span, ByteRange(0, text.count)) else { return .null }
        func part(_ range: ByteRange) -> ScriptValue { .text(text.span.copy(range)) }
        switch self.operation {
        case .uriUser: return part(uri.user)
        case .uriHost: return part(uri.host)
        case .uriPort: return .number(Int(uri.port ?? 0))
        case .uriParameters: return part(uri.parameters)
        case .uriTransport: return uri.parameter("transport", in: text.span).map(part) ?? .null
        default:
            var list = URIParameterList(text.span, uri.parameters)
            while let next = list.next() {
                if text.span.copy(next.name).map(ASCII.lowercased) == self.texts[0].map(ASCII.lowercased) {
                    return part(next.value)
                }
            }
            return .null
        }
    }

    private func address(_ text: [UInt8]) -> ScriptValue {
        var cursor = ByteCursor(text.span, ByteRange(0, text.count))
        guard let address = try? AddressRanges(parsing: &cursor) else { return .null }
        func part(_ range: ByteRange) -> ScriptValue { .text(text.span.copy(range)) }
        switch self.operation {
        case .addressURI, .toURI: return part(address.uri)
        case .addressName: return part(address.displayName)
        case .toTag: return part(address.tag)
        default:
            guard let uri = try? URIRanges(parsing: text.span, address.uri) else { return .null }
            return part(self.operation == .toUser ? uri.user : uri.host)
        }
    }

    /// `a=1;b=2` and the name of one.
    private func parameter(_ text: [UInt8]) -> ScriptValue {
        let separator = self.texts.count > 1 ? self.texts[1].first ?? ASCII.semicolon : ASCII.semicolon
        for part in text.split(separator: separator) {
            let sides = part.split(separator: ASCII.equals, maxSplits: 1, omittingEmptySubsequences: false)
            let name = Array(sides[0].drop(while: ASCII.isLWS).reversed().drop(while: ASCII.isLWS).reversed())
            guard name.map(ASCII.lowercased) == self.texts[0].map(ASCII.lowercased) else { continue }
            return .text(sides.count > 1 ? Array(sides[1]) : [])
        }
        return .null
    }
}
