import SIPKit

/// What a script sees of one message, and what it may do to it.
///
/// A `Program` runs over one of these. The server's is `RouteContext`; tests have a small one of their own. It is always
/// a concrete type: the run is generic and specialised, so that a comparison costs a comparison.
///
/// All texts are handed to a closure as the bytes where they lie. A value that the message does not have, or that cannot
/// be read, does not call the closure and is `false`: a condition that fails with an error counts as false, also when it
/// is a `!=` (LANGUAGE.md §7, "myself").
protocol ScriptHost {
    /// Hands a text of the message to `body` and returns what that says; `false` where there is no such text.
    func withText(_ text: ScriptText, _ body: (Span<UInt8>) -> Bool) -> Bool

    /// The status of the reply that an onreply block works on, of the winning reply in a failure block; 0 in a request.
    var statusCode: Int { get }

    /// Octets of the message as received (`msg:len`).
    var messageLength: Int { get }

    /// Where the packet came from: `src_ip`, `src_port`, `af`.
    var source: SocketAddress { get }

    /// The socket it came in on: `dst_ip`, `dst_port`.
    var destination: SocketAddress { get }

    /// What it came in over: `proto`.
    var transport: TransportProtocol { get }

    /// Whether host and port (5060 where the URI has none) of a URI are one of our sockets, of their names or an
    /// `alias`; `nil` for a URI that cannot be read, which makes both `==` and `!=` false.
    mutating func isMyself(_ uri: ScriptURI) -> Bool?

    /// Whether one of our sockets has this address; the port does not matter.
    func isMyself(_ address: IPAddress) -> Bool

    /// Whether a host name of the script (`src_ip==backup.example.org`) stands for this address now.
    ///
    /// `.yes` or `.no` where that is known, `.ask` where it has to be looked up first; then the run is parked and
    /// `resume(hostName:…)` says the rest.
    mutating func isAddress(_ address: IPAddress, ofHost name: [UInt8]) -> FunctionResult

    /// The same with the answer to the question that it asked.
    mutating func resume(_ address: IPAddress, ofHost name: [UInt8], _ answer: Answer) -> FunctionResult

    /// Flags 0 to 31 of the message: bit n is flag n. They go into the transaction with `t_relay` and come back from
    /// it in onreply and failure blocks.
    var flags: UInt32 { get set }

    /// What a variable holds, before its transformations (LANGUAGE.md §14).
    mutating func value(of variable: ScriptVariable) -> ScriptValue

    /// Writes to a variable; the checker has made sure that it can be written to. What the value cannot be is left alone
    /// and told to the log.
    mutating func set(_ variable: ScriptVariable, to value: ScriptValue)

    /// What the last call returned: `$rc`.
    var returnCode: Int32 { get set }

    /// `drop` of the modern dialect: the script ends, and a provisional reply is not relayed, a branch is not sent.
    mutating func drop()

    /// A function threw: it counts as −1. For the log.
    mutating func failed(_ function: ScriptFunction, _ error: ParseError)

    /// A `while` was ended after this many rounds. For the log.
    mutating func endedLoop(_ rounds: Int)

    /// One instruction was carried out. Called only while the run traces.
    mutating func trace(_ step: TraceStep)

    /// The body of a declared function for this kind of host; `nil` where this version has none.
    static func body(of function: ScriptFunction) -> FunctionBody<Self>?
}

/// The texts that a script compares (LANGUAGE.md §7).
enum ScriptText: UInt8, Sendable {
    /// The method of a request; of a reply the one in its CSeq.
    case method
    /// The Request-URI as it is now, rewritten or not.
    case requestURI
    /// The URI inside From, and inside To.
    case fromURI, toURI
}

/// The URIs that can be `myself`.
enum ScriptURI: UInt8, Sendable { case request, from, to }

/// One line of a route trace: which instruction, and what it said.
struct TraceStep: Sendable, Equatable {
    /// Of the program; `Program.location(of:)` gives file, line and column.
    var instruction: Int32
    var verdict: Verdict

    enum Verdict: Sendable, Equatable {
        /// A condition's element, or a command that returned a positive or a negative number.
        case yes, no
        /// A command that returned 0, or `break`, `return`, `drop`, `exit`: the block or the script ends.
        case stop
        /// The run waits for an answer.
        case asks
    }
}
