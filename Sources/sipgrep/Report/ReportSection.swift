import SIPKit

/// Some figures under one heading.
struct ReportSection {
    enum Value {
        case number(Int)
        case seconds(Int64)
        case text(String)
    }

    var name: String
    var rows: [(name: String, value: Value)]

    init(_ name: String, _ rows: [(String, Value)]) {
        self.name = name
        self.rows = rows.map { (name: $0.0, value: $0.1) }
    }

    init(_ name: String, counts: [(String, Int)]) {
        self.init(name, counts.map { ($0.0, Value.number($0.1)) })
    }
}

/// A report for people, for wikis and for programs.
enum ReportText {
    static func write(_ sections: [ReportSection], to output: inout OutputBuffer) {
        for (index, section) in sections.enumerated() {
            if index > 0 { output.write("\n") }
            output.write(Self.title(section.name) + "\n")
            let width = Swift.min(44, section.rows.map { $0.name.utf8.count }.max() ?? 0)
            for row in section.rows {
                let name = Self.title(row.name)
                let fill = String(repeating: " ", count: Swift.max(0, width - name.utf8.count))
                output.write("  \(name)\(fill)  \(Self.text(row.value))\n")
            }
        }
    }

    static func writeMarkdown(_ sections: [ReportSection], to output: inout OutputBuffer) {
        for section in sections {
            output.write("## \(Self.title(section.name))\n\n| what | value |\n|---|---:|\n")
            for row in section.rows {
                let name = row.name.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
                output.write("| \(Self.title(name)) | \(Self.text(row.value)) |\n")
            }
            output.write("\n")
        }
    }

    /// `{"v":1,"type":"stats","messages":{"packets":…},…}`; the rows of counted texts are lists of pairs.
    static func writeJSON(_ sections: [ReportSection], to output: inout OutputBuffer) {
        var json = JSONWriter()
        json.open(&output)
        json.write("v", 1, &output)
        json.write("type", "stats", &output)
        json.openList("sections", &output)
        for section in sections {
            json.open(&output)
            json.write("name", section.name, &output)
            json.openList("rows", &output)
            for row in section.rows {
                json.open(&output)
                json.write("name", row.name, &output)
                switch row.value {
                case .number(let number): json.write("value", number, &output)
                case .seconds(let time): json.write("value", seconds: time, &output)
                case .text(let text): json.write("value", text, &output)
                }
                json.close(&output)
            }
            json.closeList(&output)
            json.close(&output)
        }
        json.closeList(&output)
        json.close(&output)
        output.write("\n")
    }

    static func title(_ name: String) -> String {
        String(decoding: name.utf8.map { $0 == 0x5F ? ASCII.space : $0 }, as: UTF8.self)
    }

    static func text(_ value: ReportSection.Value) -> String {
        switch value {
        case .number(let number): String(number)
        case .seconds(let time): FlowText.seconds(time, digits: 3) + " s"
        case .text(let text): text
        }
    }
}
