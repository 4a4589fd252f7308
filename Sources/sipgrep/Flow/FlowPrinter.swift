import SIPKit
import SIPTrace

/// `--flow`: collects what matched, call by call, and draws the calls at the end.
struct FlowPrinter: MessagePrinter {
    enum Format: String, Sendable, CaseIterable { case text, mermaid, svg, html }

    var isNgrepLike: Bool { false }
    private let format: Format
    private let isWide: Bool
    private var tracker = DialogTracker(maximumDialogs: Self.maximumCalls)
    private var reading = MessageReading()
    private var calls: [FlowCall] = []
    private var omitted = 0

    /// Pictures are for looking at: nobody looks at more.
    static let maximumCalls = 1000

    private let names: NameTable?

    init(_ format: Format, isWide: Bool, names: NameTable? = nil) {
        self.names = names
        self.format = format
        self.isWide = isWide
    }

    mutating func print(_ origin: MessageOrigin, _ message: Span<UInt8>, to output: inout OutputBuffer) {
        self.reading.read(message)
        guard let (dialog, isRepeated) = self.tracker.take(origin, message, self.reading) else {
            self.omitted += 1
            return
        }
        if dialog == self.calls.count {
            self.calls.append(FlowCall(callID: Array(self.tracker.callID(dialog)), names: self.names))
        }
        self.calls[dialog].add(origin, message, self.reading, isRepeated: isRepeated, keepsText: self.format == .html)
    }

    mutating func finish(_ summary: Summary, to output: inout OutputBuffer) {
        if let media = summary.media { self.add(media) }
        let titles = self.calls.indices.map { self.title($0) }
        switch self.format {
        case .text:
            for (index, call) in self.calls.enumerated() {
                if index > 0 { output.write("\n") }
                output.write(FlowText.render(call, title: titles[index], isWide: self.isWide))
            }
        case .mermaid:
            for (index, call) in self.calls.enumerated() {
                if index > 0 { output.write("\n") }
                output.write(FlowMermaid.render(call, title: titles[index]))
            }
        case .svg:
            output.write(FlowSVG.document(Array(zip(self.calls, titles))))
        case .html:
            output.write(FlowHTML.document(Array(zip(self.calls, titles))))
        }
        if self.omitted > 0, self.format == .text { output.write("\n\(self.omitted) more messages not drawn\n") }
    }

    /// With `-r`: the streams, each to the call that announced it.
    private mutating func add(_ media: MediaTracker) {
        var numbers: [[UInt8]: Int] = [:]
        for (number, call) in self.calls.enumerated() { numbers[call.callID] = number }
        for stream in media.streams {
            guard let number = numbers[Array(media.callID(stream))] else { continue }
            self.calls[number].add(stream, media.quality(stream))
        }
    }

    /// `call 0009b7aa-…@153.96.14.162   bkraegelin -> 7271   answered, 12.4 s, ended by caller`
    private func title(_ dialog: Int) -> String {
        let record = self.tracker.records[dialog]
        let kind = record.method == .invite ? "call" : record.method == .register ? "registration" : "dialog"
        let from = Printable.text(self.tracker.fromUser(dialog))
        let to = Printable.text(self.tracker.toUser(dialog))
        var outcome = "\(record.state.name)"
        if record.answered >= 0 {
            outcome = "answered, \(FlowText.seconds(record.talkTime ?? 0)) s"
            let side = record.endedByCaller ? "caller" : "callee"
            outcome += record.ended >= 0 ? ", ended by \(side)" : ", end not seen"
        } else if record.finalStatus >= 300 {
            outcome += " (\(record.finalStatus))"
        }
        return "\(kind) \(Printable.text(self.calls[dialog].callID))   \(from) -> \(to)   \(outcome)"
    }
}
