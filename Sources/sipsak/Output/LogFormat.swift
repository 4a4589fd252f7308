import SIPKit

/// `--log-format`: a line of one's own for each answer or failure.
///
/// `%{rtt_ms}` stands for the cell of that column of `--csv`, `%%` for a percent sign, `\\t` for a tab. An empty cell is `-`, so
/// that a line has as many words every time.
struct LogFormat: Equatable, Sendable {
    private enum Piece: Equatable, Sendable {
        case text(String)
        case cell(String)
    }

    private let pieces: [Piece]

    /// - Throws: ``UsageError`` for a name that is no column, and for a percent sign that begins nothing.
    init(_ text: String, columns: [String]) throws(UsageError) {
        var pieces: [Piece] = []
        var plain: [UInt8] = []
        var rest = Array(text.utf8)[...]
        func wrong(_ what: String) -> UsageError {
            UsageError(
                "\(what) in '\(Printable.text(text.utf8))' (--log-format); there are \(columns.joined(separator: ", "))"
            )
        }
        while let byte = rest.popFirst() {
            if byte == 0x5C, rest.first == 0x74 {
                rest.removeFirst()
                plain.append(ASCII.tab)
                continue
            }
            guard byte == ASCII.percent else {
                plain.append(byte)
                continue
            }
            if rest.first == ASCII.percent {
                rest.removeFirst()
                plain.append(ASCII.percent)
                continue
            }
            guard rest.first == 0x7B, let end = rest.firstIndex(of: 0x7D) else {
                throw wrong("a percent sign that begins no %{NAME}")
            }
            let name = String(decoding: rest[(rest.startIndex + 1)..<end], as: UTF8.self)
            guard columns.contains(name) else { throw wrong("no column is called '\(Printable.text(name.utf8))'") }
            if !plain.isEmpty { pieces.append(.text(String(decoding: plain, as: UTF8.self))) }
            plain = []
            pieces.append(.cell(name))
            rest = rest[(end + 1)...]
        }
        if !plain.isEmpty { pieces.append(.text(String(decoding: plain, as: UTF8.self))) }
        self.pieces = pieces
    }

    func line(_ cells: [String: String]) -> String {
        self.pieces.map { piece in
            switch piece {
            case .text(let text): text
            case .cell(let name): (cells[name] ?? "").isEmpty ? "-" : cells[name] ?? "-"
            }
        }.joined()
    }
}
