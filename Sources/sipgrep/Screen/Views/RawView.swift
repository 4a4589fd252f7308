import SIPKit
import SIPTrace

/// Messages as they were on the wire, one after another.
struct RawView: ScreenView {
    var hints: String { "Up Down scroll  Left Right message before, after  F2 save  q back" }

    let messages: [Int]
    var at: Int
    private var pager = TextPager()

    init(messages: [Int], at: Int = 0) {
        self.messages = messages
        self.at = at
    }

    /// A message's lines: names of headers in colour, nothing that a terminal would obey.
    static func lines(_ bytes: [UInt8]) -> [(String, Canvas.Style)] {
        var isHead = true
        return bytes.split(separator: ASCII.lf, omittingEmptySubsequences: false).enumerated().map { number, line in
            let text = Printable.text(line.last == ASCII.cr ? line.dropLast() : line)
            if number == 0 { return (text, Canvas.Style(color: .green, isBold: true)) }
            if text.isEmpty { isHead = false }
            return (text, isHead ? Canvas.Style(color: .plain) : Canvas.Style(color: .cyan))
        }
    }

    private func lines(_ screen: Screen) -> [(String, Canvas.Style)] {
        guard self.messages.indices.contains(self.at) else { return [("nothing to show", .dim)] }
        let message = screen.store.messages[self.messages[self.at]]
        var clock = LocalClock()
        let origin = message.origin
        var head = "\(FlowText.timeOfDay(origin.time, &clock))  \(origin.source) -> \(origin.destination)  "
        head += "\(origin.transport.viaName)  frame \(origin.frame)  \(self.at + 1) of \(self.messages.count)"
        if message.bytes.isEmpty { return [(head, .bold), ("this message had to make room for others", .dim)] }
        var lines = [(head, Canvas.Style.bold)]
        if !origin.wrapping.isEmpty { lines.append(("in " + origin.wrapping.names.joined(separator: ", "), .dim)) }
        for finding in message.lint { lines.append(("! \(finding)", .color(.red))) }
        return lines + [("", .plain)] + Self.lines(message.bytes)
    }

    mutating func handle(_ key: Key, _ screen: Screen) -> ScreenStep {
        if self.pager.handle(key, count: self.lines(screen).count, page: screen.page) { return .stay }
        switch key {
        case .left, .char("h"), .char("<"):
            self.at = Swift.max(0, self.at - 1)
            self.pager = TextPager()
        case .right, .char("l"), .char(">"):
            self.at = Swift.min(Swift.max(0, self.messages.count - 1), self.at + 1)
            self.pager = TextPager()
        case .function(2), .char("s"):
            let message = self.messages.indices.contains(self.at) ? self.messages[self.at] : nil
            let call = message.map { [screen.store.messages[$0].call] } ?? []
            return .open(SaveView(SaveScope(selected: call, shown: call, message: message)))
        case .function(1), .char("?"): return .open(HelpView())
        case .char("q"), .escape, .enter: return .close
        default: break
        }
        return .stay
    }

    mutating func draw(_ canvas: inout Canvas, _ screen: Screen) {
        self.pager.draw(&canvas, self.lines(screen), from: 1, page: screen.page)
    }
}
