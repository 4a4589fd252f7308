import SIPKit
import SIPTrace

/// RTP streams of some calls, or of all.
struct StreamsView: ScreenView {
    var hints: String { "Up Down scroll  q back" }
    let calls: [Int]
    private var pager = TextPager()

    init(calls: [Int]) { self.calls = calls }

    private func lines(_ screen: Screen) -> [(String, Canvas.Style)] {
        let streams =
            self.calls.isEmpty
            ? screen.media.streams : self.calls.flatMap { screen.streams(of: screen.store.tracker.callID($0)) }
        guard !streams.isEmpty else { return [("no media was captured", .dim)] }
        var lines: [(String, Canvas.Style)] = []
        for stream in streams {
            let quality = screen.media.quality(stream)
            let style: Canvas.Style = quality.map { $0.mos < 3.6 ? .color(.red) : .color(.green) } ?? .bold
            lines.append(
                (
                    "\(stream.source) > \(stream.destination)  \(Printable.text(stream.codec.utf8))  ssrc 0x\(String(stream.ssrc, radix: 16))",
                    style
                ))
            let lost = Swift.min(20, Int((stream.lossFraction * 200).rounded()))
            let bar = String(repeating: "#", count: lost) + String(repeating: ".", count: 20 - lost)
            lines.append(
                (
                    "  loss [\(bar)] \(StreamLines.decimal(stream.lossFraction * 100)) %  \(stream.packets)/\(stream.expected) packets",
                    .plain
                ))
            var line =
                "  jitter \(StreamLines.decimal(stream.meanJitter)) ms, at most \(StreamLines.decimal(stream.maximumJitter))"
            if let quality { line += "  MOS \(StreamLines.decimal(quality.mos))" }
            if !stream.digits.isEmpty { line += "  keys \(Printable.text(stream.digits))" }
            lines.append((line, .plain))
            if let reported = stream.reported { lines.append((StreamLines.text(reported), .plain)) }
        }
        return lines
    }

    mutating func handle(_ key: Key, _ screen: Screen) -> ScreenStep {
        if self.pager.handle(key, count: self.lines(screen).count, page: screen.page) { return .stay }
        return key == .char("q") || key == .escape || key == .enter ? .close : .stay
    }

    mutating func draw(_ canvas: inout Canvas, _ screen: Screen) {
        self.pager.draw(&canvas, self.lines(screen), from: 1, page: screen.page)
    }
}
