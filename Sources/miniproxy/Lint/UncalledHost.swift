import SIPKit

/// The host of programs that are only looked at: every declared function has a body, and none is ever called.
struct UncalledHost: ScriptHost {
    func withText(_ text: ScriptText, _ body: (Span<UInt8>) -> Bool) -> Bool { false }
    var statusCode: Int { 0 }
    var messageLength: Int { 0 }
    var source: SocketAddress { SocketAddress(.anyV4, 0) }
    var destination: SocketAddress { SocketAddress(.anyV4, 0) }
    var transport: TransportProtocol { .udp }
    func isMyself(_ uri: ScriptURI) -> Bool? { nil }
    func isMyself(_ address: IPAddress) -> Bool { false }
    mutating func isAddress(_ address: IPAddress, ofHost name: [UInt8]) -> FunctionResult { .no }
    mutating func resume(_ address: IPAddress, ofHost name: [UInt8], _ answer: Answer) -> FunctionResult { .no }
    var flags: UInt32 {
        get { 0 }
        set { _ = newValue }
    }
    var returnCode: Int32 {
        get { 0 }
        set { _ = newValue }
    }
    mutating func value(of variable: ScriptVariable) -> ScriptValue { .null }
    mutating func set(_ variable: ScriptVariable, to value: ScriptValue) {}
    mutating func endedLoop(_ rounds: Int) {}
    mutating func drop() {}
    mutating func failed(_ function: ScriptFunction, _ error: ParseError) {}
    mutating func trace(_ step: TraceStep) {}
    static func body(of function: ScriptFunction) -> FunctionBody<UncalledHost>? { FunctionBody { _, _ in .yes } }
}
