import SIPKit

@testable import miniproxy

/// A message for tests of the interpreter: its values are plain, its functions say what the test wants and are noted.
struct ScriptedHost: ScriptHost {
    var method = "INVITE"
    var requestURI = "sip:bob@example.org"
    var fromURI = "sip:alice@example.org"
    var toURI = "sip:bob@example.org"
    var statusCode = 0
    var messageLength = 700
    var source = SocketAddress(IPAddress(v4: 0xC000_0207), 5060)
    var destination = SocketAddress(IPAddress(v4: 0x7F00_0001), 5060)
    var transport = TransportProtocol.udp
    var flags: UInt32 = 0
    var mine: Set<String> = ["sip:bob@example.org"]
    /// URIs that cannot be read.
    var unreadable: Set<String> = []

    /// What functions say; `.yes` where nothing is set.
    var verdicts: [String: FunctionResult] = [:]
    /// What they say after an answer.
    var later: [String: FunctionResult] = [:]
    private(set) var calls: [String] = []
    private(set) var steps: [TraceStep] = []
    private(set) var answers: [Answer] = []
    private(set) var isDropped = false
    private(set) var failures: [String] = []
    /// Functions that throw.
    var broken: Set<String> = []

    func withText(_ text: ScriptText, _ body: (Span<UInt8>) -> Bool) -> Bool {
        let value =
            switch text {
            case .method: self.method
            case .requestURI: self.requestURI
            case .fromURI: self.fromURI
            case .toURI: self.toURI
            }
        return body(Array(value.utf8).span)
    }

    func isMyself(_ uri: ScriptURI) -> Bool? {
        let text = [ScriptURI.request: self.requestURI, .from: self.fromURI, .to: self.toURI][uri] ?? ""
        return self.unreadable.contains(text) ? nil : self.mine.contains(text)
    }

    func isMyself(_ address: IPAddress) -> Bool { address == self.destination.ip }

    mutating func isAddress(_ address: IPAddress, ofHost name: [UInt8]) -> FunctionResult { .ask }

    mutating func resume(_ address: IPAddress, ofHost name: [UInt8], _ answer: Answer) -> FunctionResult {
        self.answers.append(answer)
        if case .addresses(let found) = answer { return found.contains(address) ? .yes : .no }
        return .no
    }

    var returnCode: Int32 = 1
    /// What variables hold, by the name in them: `var(x)`, `ru`.
    var variables: [String: ScriptValue] = [:]
    private(set) var endedLoops = 0

    private static func name(_ variable: ScriptVariable) -> String {
        switch variable.name {
        case .known(let known): known.rawValue
        case .header(let name): "hdr(\(String(decoding: name, as: UTF8.self)))"
        case .attribute(let name): "avp(\(name))"
        case .script(let name): "var(\(String(decoding: name, as: UTF8.self)))"
        case .null: "null"
        }
    }

    mutating func value(of variable: ScriptVariable) -> ScriptValue {
        switch variable.name {
        case .known(.returnCode): .number(Int(self.returnCode))
        case .known(.method): .text(Array(self.method.utf8))
        case .known(.requestURI): .text(Array(self.requestURI.utf8))
        default: self.variables[Self.name(variable)] ?? .null
        }
    }

    mutating func set(_ variable: ScriptVariable, to value: ScriptValue) {
        self.variables[Self.name(variable)] = value
    }

    mutating func endedLoop(_ rounds: Int) { self.endedLoops += 1 }

    mutating func drop() { self.isDropped = true }

    mutating func failed(_ function: ScriptFunction, _ error: ParseError) { self.failures.append(function.name) }

    mutating func trace(_ step: TraceStep) { self.steps.append(step) }

    static func body(of function: ScriptFunction) -> FunctionBody<ScriptedHost>? {
        let name = function.name
        return FunctionBody<ScriptedHost>(
            { arguments, host throws(ParseError) in
                let texts = (0..<arguments.count).map { String(decoding: arguments.text($0), as: UTF8.self) }
                host.calls.append(texts.isEmpty ? name : "\(name) \(texts.joined(separator: ","))")
                if host.broken.contains(name) { throw ParseError(.malformed, "test") }
                return host.verdicts[name] ?? .yes
            },
            resume: { _, answer, host in
                host.answers.append(answer)
                return host.later[name] ?? .yes
            })
    }
}
