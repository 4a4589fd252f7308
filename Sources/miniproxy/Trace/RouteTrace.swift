import SIPKit

/// The way of one message through one block of the script: which lines, what they said, what they changed, and what the
/// script wanted in the end. A value; ``RouteTraceText`` and ``RouteTraceJSON`` print it.
struct RouteTrace: Sendable, Equatable {
    /// One instruction that was carried out.
    struct Step: Sendable, Equatable {
        var place: SourceLocation
        /// The script's own words.
        var text: String
        var verdict: TraceStep.Verdict
        /// The number that a function returned, where it says more than yes and no.
        var value: Int32?
        /// What is different behind it: header lines put in or taken out, another target, flags.
        var changes: [String]
    }

    /// `route`, `failure_route[1]`.
    var block: String
    /// Seconds since 1970.
    var time: Int64
    var source: String
    var startLine: String
    var callID: String
    var steps: [Step] = []
    /// `reply 404 Not Found`, `relay`; in the order in which they were wanted.
    var effects: [String] = []
}

/// Which messages are traced: those that have a text in their start line, From, To or Call-ID; all without one.
struct TraceFilter: Sendable, Equatable {
    var text: String

    init(_ text: String = "") { self.text = text.lowercased() }

    func admits(_ trace: RouteTrace, from: String, to: String) -> Bool {
        self.text.isEmpty
            || [trace.startLine, trace.callID, from, to].contains { $0.lowercased().range(of: self.text) != nil }
    }
}
