import SIPKit
import SIPTrace

/// One way to show a message.
protocol MessagePrinter {
    /// Whether hash marks and the lines around the messages belong to the form.
    var isNgrepLike: Bool { get }
    mutating func print(_ origin: MessageOrigin, _ message: Span<UInt8>, to output: inout OutputBuffer)
    /// Prints what comes after the last message.
    mutating func finish(_ summary: Summary, to output: inout OutputBuffer)
}

extension MessagePrinter {
    var isNgrepLike: Bool { true }
    mutating func finish(_ summary: Summary, to output: inout OutputBuffer) {}
}

/// The form of 2002, which the manuals of that time show: deltas, and each line with a blank before it.
struct ClassicPrinter: MessagePrinter {
    var header: HeaderLine
    let other: UInt8
    var highlight: Highlight?

    mutating func print(_ origin: MessageOrigin, _ message: Span<UInt8>, to output: inout OutputBuffer) {
        output.write(byte: ASCII.lf)
        self.header.write(origin, message, to: &output)
        output.write(byte: ASCII.lf)
        if self.header.standsAlone { return }
        self.highlight?.look(message)
        var at = 0
        while at < message.count {
            let end = message.firstIndex(of: ASCII.lf, in: ByteRange(at, message.count)).map { $0 + 1 } ?? message.count
            output.write(byte: ASCII.space)
            if let highlight = self.highlight {
                highlight.write(message, at..<end, keepingLF: true, other: self.other, to: &output)
            } else {
                output.writePrintable(message.extracting(at..<end), keepingLF: true, other: self.other)
            }
            at = end
        }
        output.write(byte: ASCII.lf)
    }
}

/// `-W byline`: lines as lines, byte for byte what `ngrep` 1.47 prints.
struct BylinePrinter: MessagePrinter {
    var header: HeaderLine
    let other: UInt8
    var highlight: Highlight?

    mutating func print(_ origin: MessageOrigin, _ message: Span<UInt8>, to output: inout OutputBuffer) {
        output.write(byte: ASCII.lf)
        self.header.write(origin, message, to: &output)
        NgrepParts.writeEnd(origin, to: &output)
        if self.header.standsAlone { return }
        if self.highlight != nil {
            self.highlight?.look(message)
            self.highlight?.write(message, 0..<message.count, keepingLF: true, other: self.other, to: &output)
        } else {
            output.writePrintable(message, keepingLF: true, other: self.other)
        }
        output.write(byte: ASCII.lf)
    }
}

/// `-W single` and `-W none`: a message is one line; with `single` its header stands on it too.
struct OneLinePrinter: MessagePrinter {
    var header: HeaderLine
    let other: UInt8
    var highlight: Highlight?
    let joinsHeader: Bool

    mutating func print(_ origin: MessageOrigin, _ message: Span<UInt8>, to output: inout OutputBuffer) {
        output.write(byte: ASCII.lf)
        self.header.write(origin, message, to: &output)
        if self.joinsHeader {
            NgrepParts.writeFlags(origin, to: &output)
            output.write(byte: ASCII.space)
        } else {
            NgrepParts.writeEnd(origin, to: &output)
        }
        if self.header.standsAlone { return }
        if self.highlight != nil {
            self.highlight?.look(message)
            self.highlight?.write(message, 0..<message.count, keepingLF: false, other: self.other, to: &output)
        } else {
            output.writePrintable(message, keepingLF: false, other: self.other)
        }
        output.write(byte: ASCII.lf)
    }
}

/// `-W normal`: rows of a fixed width, the last one filled with blanks.
struct RowPrinter: MessagePrinter {
    var header: HeaderLine
    let other: UInt8
    let width: Int

    mutating func print(_ origin: MessageOrigin, _ message: Span<UInt8>, to output: inout OutputBuffer) {
        output.write(byte: ASCII.lf)
        self.header.write(origin, message, to: &output)
        NgrepParts.writeEnd(origin, to: &output)
        if self.header.standsAlone { return }
        var at = 0
        while at < message.count {
            let end = Swift.min(at + self.width, message.count)
            output.write("  ")
            output.writePrintable(message.extracting(at..<end), keepingLF: false, other: self.other)
            for _ in end - at..<self.width { output.write(byte: ASCII.space) }
            output.write(byte: ASCII.lf)
            at = end
        }
    }
}

/// `-x`: sixteen bytes a row, as numbers and as characters.
struct HexPrinter: MessagePrinter {
    var header: HeaderLine
    let other: UInt8

    mutating func print(_ origin: MessageOrigin, _ message: Span<UInt8>, to output: inout OutputBuffer) {
        output.write(byte: ASCII.lf)
        self.header.write(origin, message, to: &output)
        NgrepParts.writeEnd(origin, to: &output)
        if self.header.standsAlone { return }
        for row in stride(from: 0, to: message.count, by: 16) {
            output.write("  ")
            for column in 0..<16 {
                if row + column < message.count {
                    let byte = message[row + column]
                    output.write(byte: ASCII.hexDigit(byte >> 4))
                    output.write(byte: ASCII.hexDigit(byte))
                    output.write(byte: ASCII.space)
                } else {
                    output.write("   ")
                }
                if column == 7 || column == 15 { output.write("   ") }
            }
            let end = Swift.min(row + 16, message.count)
            output.writePrintable(message.extracting(row..<end), keepingLF: false, other: self.other)
            for _ in end - row..<16 { output.write(byte: ASCII.space) }
            output.write(byte: ASCII.lf)
        }
    }
}

/// What `ngrep` 1.47 puts after the addresses.
enum NgrepParts {
    static func writeFlags(_ origin: MessageOrigin, to output: inout OutputBuffer) {
        guard origin.transport == .tcp, !origin.viaHEP else { return }
        output.write(" [")
        // In ngrep's order: ACK SYN RST FIN URG PSH ECE CWR.
        let letters: [(UInt8, UInt8)] = [
            (16, 0x41), (2, 0x53), (4, 0x52), (1, 0x46), (32, 0x55), (8, 0x50), (64, 0x45), (128, 0x43),
        ]
        for (bit, letter) in letters where origin.tcpFlags & bit != 0 { output.write(byte: letter) }
        output.write("]")
    }

    static func writeEnd(_ origin: MessageOrigin, to output: inout OutputBuffer) {
        Self.writeFlags(origin, to: &output)
        output.write(" #")
        output.write(number: origin.frame)
        output.write(byte: ASCII.lf)
    }
}

/// `-W raw`: the bytes as they were on the wire, nothing around them. Not for terminals.
struct RawPrinter: MessagePrinter {
    var isNgrepLike: Bool { false }

    mutating func print(_ origin: MessageOrigin, _ message: Span<UInt8>, to output: inout OutputBuffer) {
        output.write(message)
    }
}
