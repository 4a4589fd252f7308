import Synchronization

/// The lines that a script has logged.
final class LineBasket: Sendable {
    private let kept = Mutex<[String]>([])

    var lines: [String] { self.kept.withLock { $0 } }

    func add(_ line: String) { self.kept.withLock { $0.append(line) } }
}
