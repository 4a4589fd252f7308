import SIPKit

/// Rows of RFC 4180, safe to open in a spreadsheet: what a stranger wrote never becomes a formula.
enum CSVWriter {
    static func row(_ cells: [String]) -> String { cells.map(Self.cell).joined(separator: ",") + "\r\n" }

    /// A cell that begins like a formula gets an apostrophe in front; numbers of ours do not.
    static func cell(_ text: String) -> String {
        var text = text
        if let first = text.utf8.first, [0x3D, 0x2B, 0x2D, 0x40, 0x09, 0x0D].contains(first), Double(text) == nil {
            text = "'" + text
        }
        guard text.utf8.contains(where: { $0 == ASCII.comma || $0 == ASCII.quote || $0 < 0x20 }) else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    static func seconds(_ time: Int64?) -> String { time.map { TimeText.exactSeconds($0) } ?? "" }
}
