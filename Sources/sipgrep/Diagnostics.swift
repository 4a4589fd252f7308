import Glibc
import SIPKit

/// Sentences for the person, on standard error.
struct Diagnostics: Sendable {
    /// - Parameter bare: without the program's name: the closing lines.
    func say(_ text: String, bare: Bool = false) {
        let line = Array(((bare ? "" : "sipgrep: ") + text + "\n").utf8)
        line.withUnsafeBytes { _ = Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    func say(_ text: String) { self.say(text, bare: false) }
}
