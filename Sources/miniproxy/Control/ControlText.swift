/// Results as serctl and kamctl print them: what people and their scripts have always read (CONTROL.md §1, §2).
enum ControlText {
    /// The table of the `mysql` client; nothing for one without rows.
    static func table(_ result: JSONValue) -> String? {
        guard let columns = result["columns"]?.elements?.map({ $0.plainText ?? "" }),
            let rows = result["rows"]?.elements,
            !columns.isEmpty
        else { return nil }
        guard !rows.isEmpty else { return "" }
        let cells = rows.map { row in row.elements?.map { $0.plainText ?? "NULL" } ?? [] }
        var widths = columns.map(\.count)
        for row in cells {
            for place in widths.indices where place < row.count {
                widths[place] = Swift.max(widths[place], row[place].count)
            }
        }
        let border = "+" + widths.map { String(repeating: "-", count: $0 + 2) }.joined(separator: "+") + "+\n"
        func line(_ row: [String]) -> String {
            var line = ""
            for (place, width) in widths.enumerated() {
                let cell = place < row.count ? row[place] : ""
                line += "| \(cell)\(String(repeating: " ", count: Swift.max(0, width - cell.count))) "
            }
            return line + "|\n"
        }
        return border + line(columns) + border + cells.map(line).joined() + border
    }

    /// `<sip:666@gateway.foo.bar>;q=1.00;expires=1073741812`, one a line.
    ///
    /// - Parameter digits: of q behind the point; `nil` for as few as it needs, as SER 0.9 has it.
    static func contacts(_ result: JSONValue, digits: Int?) -> String {
        (result["contacts"]?.elements ?? []).map { contact in
            let q: String
            switch contact["q"] {
            case .number(let number): q = Self.rank(number, digits)
            case .integer(let number): q = Self.rank(Double(number), digits)
            default: q = ""
            }
            return "<\(contact["contact"]?.plainText ?? "")>;q=\(q);expires=\(contact["expires"]?.plainText ?? "")\n"
        }.joined()
    }

    private static func rank(_ number: Double, _ digits: Int?) -> String {
        let thousandths = Int((number * 1000).rounded())
        let fraction = String(thousandths % 1000)
        var text = "\(thousandths / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction
        if let digits { return String(text.dropLast(3 - digits)) }
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }

    static func dump(_ result: JSONValue) -> String {
        var text = ""
        for table in result.elements ?? [] {
            text += "===Domain '\(table["table"]?.plainText ?? "")'\n"
            for user in table["users"]?.elements ?? [] {
                text += "  AOR: \(user["aor"]?.plainText ?? "")\n"
                for line in Self.contacts(user, digits: nil).split(separator: "\n") { text += "    \(line)\n" }
            }
        }
        return text
    }

    static func threads(_ result: JSONValue) -> String {
        (result.elements ?? []).map { row in
            "\(row["index"]?.plainText ?? "")\t\(row["pid"]?.plainText ?? "")\t\(row["role"]?.plainText ?? "")\n"
        }.joined()
    }

    static func uptime(_ result: JSONValue) -> String {
        "Now: \(result["now"]?.plainText ?? "")\nUp Since: \(result["up_since"]?.plainText ?? "")\n"
            + "Up time: \(result["uptime"]?.plainText ?? "") [sec]\n"
    }

    static func transactions(_ result: JSONValue) -> String {
        func figure(_ name: String) -> String { result[name]?.plainText ?? "0" }
        return
            "Current: \(figure("current")) (\(figure("waiting")) waiting) Total: \(figure("total")) (\(figure("total_local")) local)\n"
            + "Replied localy: \(figure("replied_locally"))\n"
            + "Completion status 6xx: \(figure("6xx")), 5xx: \(figure("5xx")), 4xx: \(figure("4xx")), 3xx: \(figure("3xx")),2xx: \(figure("2xx"))\n"
    }

    static func stateless(_ result: JSONValue) -> String {
        let lines = [
            ["200", "202", "2xx"], ["300", "301", "302", "3xx"],
            ["400", "401", "403", "404", "407", "408", "483", "4xx"], ["500", "5xx"], ["6xx"], ["xxx"], ["failures"],
        ]
        return lines.map { names in
            names.map { "\($0): \(result[$0]?.plainText ?? "0")" }.joined(separator: " ") + "\n"
        }.joined()
    }

    static func tableFigures(_ result: JSONValue) -> String {
        "Domain Registered Expired\n"
            + (result.elements ?? []).map { table in
                "'\(table["table"]?.plainText ?? "")' \(table["registered"]?.plainText ?? "0") \(table["expired"]?.plainText ?? "0")\n"
            }.joined()
    }
}
