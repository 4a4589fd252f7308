import Glibc
import SIPKit
import Synchronization

/// The line on a terminal that says how far reading has come, how fast it is, and how long it will take.
///
/// The reading thread notes bytes; a thread of our own draws four times a second, from half a second on.
final class Progress: @unchecked Sendable {
    private let total = Atomic<Int>(0)
    private let done = Atomic<Int>(0)
    private let isOver = Atomic<Bool>(false)
    private let wasDrawn = Atomic<Bool>(false)
    private var sizes: [Int] = []
    private var finished = 0
    private let begun = Stopwatch.now()
    private var worker: Worker?

    /// What one line says.
    struct Line: Equatable {
        var done: Int
        /// 0 where nobody knows how much there is.
        var total: Int
        /// Nanoseconds since the beginning.
        var elapsed: Int64

        func text(width: Int, drawsBlocks: Bool) -> String {
            let rate = self.elapsed > 0 ? Double(self.done) / (Double(self.elapsed) / 1e9) : 0
            let speed = "\(NumberText.bytes(Int(rate)))/s"
            guard self.total > 0 else { return "\(NumberText.bytes(self.done))  \(speed)" }
            let share = min(1, Double(self.done) / Double(self.total))
            let rest = rate > 0 ? Double(max(0, self.total - self.done)) / rate : 0
            let cells = 20
            let filled = Int(share * Double(cells))
            let bar =
                String(repeating: drawsBlocks ? "\u{2588}" : "#", count: filled)
                + String(repeating: drawsBlocks ? "\u{2591}" : ".", count: cells - filled)
            let left = "\(TimeText.span(Int64(rest * 1e9))) left"
            let text =
                "\(bar) \(NumberText.right("\(Int(share * 100))", 3)) %  \(NumberText.bytes(self.done)) of "
                + "\(NumberText.bytes(self.total))  \(speed)  \(left)"
            return NumberText.left(text, min(width, text.unicodeScalars.count))
        }
    }

    /// - Parameter drawsBlocks: whether the bar may use block characters.
    func start(drawsBlocks: Bool) {
        self.worker = Worker { [self] in
            var ticks = 0
            while !self.isOver.load(ordering: .acquiring) {
                usleep(50_000)
                ticks += 1
                if ticks >= 10, ticks % 5 == 0 { self.draw(drawsBlocks) }
            }
        }
    }

    private func draw(_ drawsBlocks: Bool) {
        self.wasDrawn.store(true, ordering: .relaxed)
        StandardError.write("\r\u{1B}[K" + self.line.text(width: 78, drawsBlocks: drawsBlocks))
    }

    var line: Line {
        Line(
            done: self.done.load(ordering: .relaxed), total: self.total.load(ordering: .relaxed),
            elapsed: Stopwatch.now() - self.begun)
    }

    /// Takes the line away.
    func end() {
        self.isOver.store(true, ordering: .releasing)
        self.worker?.join()
        if self.wasDrawn.load(ordering: .relaxed) { StandardError.write("\r\u{1B}[K") }
    }

    // MARK: Called by the reader

    func begin(_ paths: [String]) {
        self.sizes = paths.map { path in
            var status = stat()
            guard path != "-", stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return 0 }
            return Int(status.st_size)
        }
        self.total.store(self.sizes.contains(0) ? 0 : self.sizes.reduce(0, +), ordering: .relaxed)
    }

    /// Notes how much of an input was read. What is packed counts when it is finished: nobody knows what is inside.
    func note(_ place: Int, bytes: Int) {
        let size = place < self.sizes.count ? self.sizes[place] : 0
        self.done.store(self.finished + (size > 0 ? min(size, bytes) : bytes), ordering: .relaxed)
    }

    func finish(_ place: Int) {
        if place < self.sizes.count { self.finished += self.sizes[place] }
    }
}
