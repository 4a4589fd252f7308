import SIPKit
import SIPTrace

/// `--csv` and `--fields`: chosen fields, one line a message.
struct ColumnPrinter: MessagePrinter {
    enum Style: Sendable {
        /// RFC 4180, with a line of names first.
        case csv
        /// Separated by tabs, no names.
        case tabs
    }

    var isNgrepLike: Bool { false }
    let style: Style
    let columns: [Column]
    private var reading = MessageReading()
    private var clock = UTCClock()
    private var hasBegun = false

    enum Column: Equatable, Sendable {
        case time
        case field(String, FilterField)
    }

    init(style: Style, columns: [Column]) {
        self.style = style
        self.columns = columns
    }

    /// - Throws: ``Failure`` for a name that is no field.
    static func columns(_ list: String) throws(Failure) -> [Column] {
        var columns: [Column] = []
        for name in list.split(separator: ",") {
            if name == "ts" {
                columns.append(.time)
            } else if let known = FilterField.names.first(where: { $0.name == name }) {
                columns.append(.field(known.name, known.field))
            } else if name.hasPrefix("header."), name.count > 7 {
                columns.append(.field(String(name), .header(Array(name.dropFirst(7).utf8))))
            } else {
                let near = NearestName.find(String(name), in: ["ts"] + FilterField.names.map(\.name))
                throw Failure("there is no column \"\(name)\"\(near.map { "; did you mean \"\($0)\"?" } ?? "")")
            }
        }
        guard !columns.isEmpty else { throw Failure("no columns were named") }
        return columns
    }

    mutating func print(_ origin: MessageOrigin, _ message: Span<UInt8>, to output: inout OutputBuffer) {
        self.begin(&output)
        self.reading.read(message)
        for (index, column) in self.columns.enumerated() {
            if index > 0 { output.write(byte: self.style == .csv ? ASCII.comma : ASCII.tab) }
            switch column {
            case .time: self.clock.write(origin.time, to: &output)
            case .field(_, let field): self.write(field.value(origin, message, self.reading), message, &output)
            }
        }
        if self.style == .csv { output.write("\r\n") } else { output.write("\n") }
    }

    private mutating func begin(_ output: inout OutputBuffer) {
        guard !self.hasBegun else { return }
        self.hasBegun = true
        guard self.style == .csv else { return }
        let names = self.columns.map { column in
            switch column {
            case .time: "ts"
            case .field(let name, _): name
            }
        }
        output.write(names.joined(separator: ",") + "\r\n")
    }

    private func write(_ value: FieldValue, _ message: Span<UInt8>, _ output: inout OutputBuffer) {
        switch value {
        case .absent: return
        case .number(let number): output.write(number: number)
        case .ip(let ip): output.write(ip.description)
        case .text(let text): self.write(text.span, &output)
        case .range(let range): self.write(message.extracting(range.indices), &output)
        }
    }

    private func write(_ text: Span<UInt8>, _ output: inout OutputBuffer) {
        guard self.style == .csv else { return output.writePrintable(text, keepingLF: false) }
        var needsQuotes = false
        for index in text.indices where [ASCII.quote, ASCII.comma, ASCII.cr, ASCII.lf].contains(text[index]) {
            needsQuotes = true
            break
        }
        guard needsQuotes else { return output.writePrintable(text, keepingLF: false) }
        output.write("\"")
        for index in text.indices {
            if text[index] == ASCII.quote { output.write(byte: ASCII.quote) }
            output.write(byte: PrintableBytes.isPrintable(text[index]) ? text[index] : ASCII.dot)
        }
        output.write("\"")
    }
}
