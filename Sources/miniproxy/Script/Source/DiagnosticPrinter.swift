import SIPKit

/// Writes diagnostics for people, compilers' fashion, and for programs.
struct DiagnosticPrinter {
    let sources: SourceMap

    /// `file:line:col: error: message`, the line, a caret, the cure.
    func text(_ diagnostic: Diagnostic) -> String {
        let location = self.sources.location(of: diagnostic.range)
        var text = "\(location): \(diagnostic.severity.rawValue): \(diagnostic.message)\n"
        if self.sources.files.indices.contains(Int(diagnostic.range.file)) {
            let line = self.sources.files[Int(diagnostic.range.file)].line(location.line)
            if !line.isEmpty {
                let cut = String(line.unicodeScalars.prefix(Self.longestLine))
                let shown = cut.split(separator: "\t", omittingEmptySubsequences: false)
                    .map { Printable.text(Array($0.utf8)) }
                text += "  \(shown.joined(separator: "\t"))\n"
                // A tab stays a tab, so that the caret stands where the reader sees the place.
                let pad = line.unicodeScalars.prefix(min(location.column - 1, Self.longestLine))
                    .map { $0 == "\t" ? "\t" : " " }
                text += "  \(pad.joined())^\n"
            }
        }
        if let help = diagnostic.help { text += "  help: \(help)\n" }
        if let fix = diagnostic.fix { text += "  fix: \(self.words(fix))\n" }
        return text
    }

    /// Longer lines are cut: the text of a file that is no script may be one line of megabytes.
    private static let longestLine = 200

    private func words(_ fix: Diagnostic.Fix) -> String {
        let old = self.sources.text(fix.range)
        if old.isEmpty { return "write `\(fix.replacement)` here" }
        if fix.replacement.isEmpty { return "leave `\(old)` out" }
        return "write `\(fix.replacement)` for `\(old)`"
    }

    /// One JSON object, without a line end.
    func json(_ diagnostic: Diagnostic) -> String {
        let location = self.sources.location(of: diagnostic.range)
        var fields = [
            "\"file\":\(JSONText.quote(location.file))", "\"line\":\(location.line)", "\"column\":\(location.column)",
            "\"severity\":\"\(diagnostic.severity.rawValue)\"", "\"code\":\"\(diagnostic.code.rawValue)\"",
            "\"message\":\(JSONText.quote(diagnostic.message))",
        ]
        if let help = diagnostic.help { fields.append("\"help\":\(JSONText.quote(help))") }
        if let fix = diagnostic.fix {
            let start = self.sources.location(of: fix.range)
            let end = self.sources.location(of: fix.range.after)
            fields.append(
                "\"fix\":{\"line\":\(start.line),\"column\":\(start.column),\"endLine\":\(end.line),"
                    + "\"endColumn\":\(end.column),\"replacement\":\(JSONText.quote(fix.replacement))}")
        }
        return "{\(fields.joined(separator: ","))}"
    }
}

/// A string as JSON writes it (RFC 8259 §7).
enum JSONText {
    static func quote(_ text: String) -> String {
        var output = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            case "\n": output += "\\n"
            case "\r": output += "\\r"
            case "\t": output += "\\t"
            case _ where scalar.value < 0x20:
                let hex = String(scalar.value, radix: 16)
                output += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output + "\""
    }
}
