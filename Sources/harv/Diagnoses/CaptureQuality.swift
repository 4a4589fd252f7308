import SIPKit
import SIPTrace

extension Diagnosis {
    static let captureQuality = Diagnosis(
        "O6", "capture-quality", .info, .certain,
        "what the capture does not show",
        sees: "nothing",
        condition: "hash marks without text, one side only, later fragments, or a clock that goes backwards",
        why: "what is not in the capture cannot be judged",
        remedy: "capture without a match word and without a port filter that hides fragments",
        sources: "seed 003 ngrep sample; 000 (66 marks, 19 shown)",
        explains: [],
        examples: [
            .yes(
                "only one side",
                Scene.call.dropping("INVITE out", "180 out", "200 out", "ACK out", "BYE out", "BYE 200 out").happening(
                    1)),
            .no("both sides", Scene.call),
        ],
        .population { (population: Population) -> [Evidence] in
            var notes: [String] = []
            let summary = population.summary
            if summary.text.hidden > 0 {
                notes.append("\(summary.text.hidden) packets met the filter and are not shown")
            }
            if !summary.hasBothSides, summary.calls.tried > 0 {
                notes.append("one side only: nothing can be said about forwarding")
            }
            if summary.backwards > 0 {
                notes.append(
                    "times go backwards \(summary.backwards) times, by \(NumberText.fixed(Double(summary.furthestBack) / 1e9, 3)) s at most"
                )
            }
            return notes.isEmpty ? [] : [Evidence("\(notes.joined(separator: "; ")).")]
        })
}
