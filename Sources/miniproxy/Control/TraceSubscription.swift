/// A client of the control socket that follows the route trace: method `trace.on` with a filter and `text` or `json`.
final class TraceSubscription: Sendable {
    private let tracing: TraceSwitch
    private let number: Int
    private let texts: WorkQueue<String>
    /// What the request is answered with.
    let answer: JSONValue

    /// Traces that wait to be sent; more are left out, so that a slow reader holds no loop up.
    static let limit = 1_000

    /// - Returns: `nil` for a line that does not ask for this.
    init?(_ line: [UInt8], _ tracing: TraceSwitch) {
        guard let request = try? JSONReader.value(line), request["method"] == .text("trace.on") else { return nil }
        let words = request["params"]?.elements?.map { $0.plainText ?? "" } ?? []
        let isJSON = words.count > 1 && words[1] == "json"
        let texts = WorkQueue<String>(limit: Self.limit)
        self.texts = texts
        self.tracing = tracing
        self.answer = .object(["jsonrpc": .text("2.0"), "result": .text("on"), "id": request["id"] ?? .null])
        self.number = tracing.start(TraceFilter(words.first ?? "")) { trace in
            _ = texts.put(isJSON ? RouteTraceJSON.text(trace) + "\n" : RouteTraceText.text(trace))
        }
    }

    /// What has come since the last time.
    func take() -> [String] { self.texts.count > 0 ? self.texts.take(most: Self.limit) : [] }

    func stop() { self.tracing.stop(self.number) }
}
