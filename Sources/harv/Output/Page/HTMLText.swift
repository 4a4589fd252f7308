import SIPKit

/// Text that is safe in HTML and in SVG: what strangers wrote can open no tag and no attribute.
enum HTMLText {
    static func escape(_ text: String) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            case "'": output += "&#39;"
            case _ where scalar.value < 0x20 && scalar != "\n" && scalar != "\t": output += "\u{FFFD}"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }

    /// A number for a coordinate: one decimal.
    static func point(_ value: Double) -> String { NumberText.fixed(value, 1) }

    static func table(_ head: [String], _ rows: [[Cell]], numeric: Set<Int>) -> String {
        guard !rows.isEmpty else { return "" }
        var text = "<div class=scroll><table><thead><tr>"
        for (place, title) in head.enumerated() {
            text += "<th\(numeric.contains(place) ? " class=n" : "")>\(Self.escape(title))</th>"
        }
        text += "</tr></thead><tbody>"
        for row in rows {
            text += "<tr>"
            for (place, cell) in row.enumerated() {
                text += "<td\(numeric.contains(place) ? " class=n" : "")>\(cell.html)</td>"
            }
            text += "</tr>"
        }
        return text + "</tbody></table></div>"
    }

    /// What stands in a table.
    enum Cell {
        case text(String)
        case number(Int)
        /// A ratio in percent with a bar; `nil` where it is not defined.
        case share(Double?)
        case html(String)

        var html: String {
            switch self {
            case .text(let text): HTMLText.escape(text)
            case .number(let number): number == 0 ? "<span class=zero>0</span>" : NumberText.grouped(number)
            case .share(let share):
                share.map {
                    "<span class=meter><i style=width:\(NumberText.fixed(min(100, max(0, $0)), 0))%></i></span><span class=pct>\(NumberText.fixed($0, 1)) %</span>"
                } ?? "<span class=zero>–</span>"
            case .html(let html): html
            }
        }
    }
}
