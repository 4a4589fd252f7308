import SIPKit

/// A ladder as a Mermaid sequence diagram, for wikis and tickets.
enum FlowMermaid {
    static func render(_ call: FlowCall, title: String) -> String {
        var lines = ["sequenceDiagram", "    %% \(Self.safe(title))"]
        for (index, place) in call.places.enumerated() {
            lines.append("    participant P\(index) as \(Self.safe(call.title(place)))")
        }
        for event in call.events {
            let arrow = event.isMedia ? "-)" : event.isRequest ? "->>" : "-->>"
            let again = event.repeats > 0 ? " x\(event.repeats + 1)" : ""
            lines.append("    P\(event.from)\(arrow)P\(event.to): \(Self.safe(event.label))\(again)")
            if !event.note.isEmpty {
                lines.append("    Note over P\(event.from),P\(event.to): \(Self.safe(event.note))")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Semicolons and hashes end a statement or begin an entity there.
    private static func safe(_ text: String) -> String {
        String(
            decoding: text.utf8.flatMap { byte -> [UInt8] in
                switch byte {
                case ASCII.semicolon: Array("#59;".utf8)
                case 0x23: Array("#35;".utf8)
                case ASCII.less: Array("#lt;".utf8)
                case ASCII.greater: Array("#gt;".utf8)
                default: [byte]
                }
            }, as: UTF8.self)
    }
}
