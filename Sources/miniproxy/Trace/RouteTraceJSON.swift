/// A route trace for programs: one object on one line (NDJSON).
enum RouteTraceJSON {
    static func text(_ trace: RouteTrace) -> String {
        let steps = trace.steps.map { step in
            var fields = [
                "\"file\":\(JSONText.quote(step.place.file))", "\"line\":\(step.place.line)",
                "\"column\":\(step.place.column)", "\"text\":\(JSONText.quote(step.text))",
                "\"verdict\":\"\(Self.verdict(step.verdict))\"",
            ]
            if let value = step.value { fields.append("\"value\":\(value)") }
            if !step.changes.isEmpty { fields.append("\"changes\":\(Self.list(step.changes))") }
            return "{\(fields.joined(separator: ","))}"
        }
        return "{\"time\":\(trace.time),\"block\":\(JSONText.quote(trace.block)),"
            + "\"source\":\(JSONText.quote(trace.source)),\"startLine\":\(JSONText.quote(trace.startLine)),"
            + "\"callID\":\(JSONText.quote(trace.callID)),\"steps\":[\(steps.joined(separator: ","))],"
            + "\"effects\":\(Self.list(trace.effects))}"
    }

    static func list(_ texts: [String]) -> String { "[\(texts.map(JSONText.quote).joined(separator: ","))]" }

    private static func verdict(_ verdict: TraceStep.Verdict) -> String {
        switch verdict {
        case .yes: "yes"
        case .no: "no"
        case .stop: "stop"
        case .asks: "asks"
        }
    }
}
