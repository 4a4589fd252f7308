/// A route trace for people: the message, then a line for each step with its verdict and the script's words, what it
/// changed below it.
enum RouteTraceText {
    static func text(_ trace: RouteTrace) -> String {
        var text = "\(trace.startLine)\n  from \(trace.source), Call-ID \(trace.callID), \(trace.block)\n"
        let places = trace.steps.map { "\($0.place)" }
        let width = places.map(\.count).max() ?? 0
        for (step, place) in zip(trace.steps, places) {
            let pad = String(repeating: " ", count: width - place.count)
            text += "  \(place)\(pad)  \(Self.verdict(step))  \(Self.oneLine(step.text))\n"
            for change in step.changes {
                text += "  \(String(repeating: " ", count: width))         \(change)\n"
            }
        }
        if trace.effects.isEmpty {
            text += "  = nothing: no answer, not sent on\n"
        } else {
            for effect in trace.effects { text += "  = \(effect)\n" }
        }
        return text
    }

    private static func verdict(_ step: RouteTrace.Step) -> String {
        let word =
            switch step.verdict {
            case .yes: "yes"
            case .no: "no"
            case .stop: "stop"
            case .asks: "asks"
            }
        return word + String(repeating: " ", count: 5 - word.count)
    }

    /// A condition may go over several lines of the script.
    private static func oneLine(_ text: String) -> String {
        text.split { $0 == "\n" || $0 == "\r\n" || $0 == "\t" || $0 == " " }.joined(separator: " ")
    }
}
