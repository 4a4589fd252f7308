import SIPKit

/// A line on standard error that tells how far a long run is: only on a terminal, only after two seconds, and five times a
/// second at the most.
final class ProgressBar {
    private let isOn: Bool
    private let write: (String) -> Void
    private var isShown = false
    private var lastShown: Duration = .zero

    init(_ options: SipsakOptions, isTerminal: Bool, write: @escaping (String) -> Void) {
        self.isOn = isTerminal && options.printsText
        self.write = write
    }

    func show(done: Int64, of total: Int64, count: Int, _ elapsed: Duration) {
        guard self.isOn, elapsed > .seconds(2), total > 0, elapsed - self.lastShown > .milliseconds(200) else { return }
        self.isShown = true
        self.lastShown = elapsed
        self.write("\r\u{1B}[K" + Self.text(done: done, of: total, count: count, elapsed))
    }

    /// `[=====>    ]  52.1%  20000/s  ETA 4 s`
    static func text(done: Int64, of total: Int64, count: Int, _ elapsed: Duration) -> String {
        let part = Swift.min(1, Swift.max(0, Double(done) / Double(Swift.max(1, total))))
        let seconds = Double(elapsed.wholeNanoseconds) / 1e9
        let width = 30
        let filled = Int(part * Double(width))
        let bar = String(repeating: "=", count: filled) + (filled < width ? ">" : "")
        let rest = part > 0 ? seconds / part - seconds : 0
        return "[\(Columns.left(bar, width))] \(Columns.right(JSONText.decimal(part * 100, 1), 5))%  "
            + "\(JSONText.decimal(seconds > 0 ? Double(count) / seconds : 0, 0))/s  ETA \(JSONText.decimal(rest, 0)) s"
    }

    func clear() {
        if self.isShown { self.write("\r\u{1B}[K") }
        self.isShown = false
    }
}
