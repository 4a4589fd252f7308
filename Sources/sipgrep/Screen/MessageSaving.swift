import Glibc
import SIPKit
import SIPTrace

/// Writes messages that are in memory, in any of the formats of the screen.
enum MessageSaving {
    /// - Throws: ``CaptureError`` or ``Failure``, with a sentence.
    static func save(_ messages: [CapturedMessage], as format: SaveView.Format, to path: String) throws {
        switch format {
        case .pcap, .pcapng:
            var kind = PcapWriter.Kind(path: path)
            kind.isPcapng = format == .pcapng
            var writer = try PcapWriter(path: path, link: .ethernet, kind: kind)
            for message in messages {
                let bytes = message.bytes
                let frame = PacketBuilder.frame(message.origin, bytes.span)
                try writer.write(frame.span, time: message.time, wireLength: frame.count)
            }
            try writer.flush(isLast: true)
        case .txt, .json, .html, .svg, .mermaid:
            var settings = Settings()
            switch format {
            case .json: settings.form = .json
            case .html: (settings.form, settings.flow) = (.flow, .html)
            case .svg: (settings.form, settings.flow) = (.flow, .svg)
            case .mermaid: (settings.form, settings.flow) = (.flow, .mermaid)
            default: (settings.form, settings.clock) = (.byline, .absolute)
            }
            try Self.print(messages, settings, to: path)
        }
    }

    private static func print(_ messages: [CapturedMessage], _ settings: Settings, to path: String) throws(Failure) {
        let shown = Printable.text(path.utf8)
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Failure("\(shown): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var output = OutputBuffer(descriptor: descriptor)
        var printer = PrinterChoice.printer(settings)
        for message in messages {
            let bytes = message.bytes
            printer.print(message.origin, bytes.span, to: &output)
        }
        var counts = TraceCounts()
        counts.messages = messages.count
        printer.finish(Summary(counts: counts, matched: messages.count, limitsReached: 0), to: &output)
        output.flush()
        guard output.failure == 0 else { throw Failure("\(shown): \(String(cString: strerror(output.failure)))") }
    }
}
