import Glibc
import SIPKit

/// The log that a person reads: one line an event; on standard error with the time in front, or to the system's log.
///
/// Levels are SER's (LANGUAGE.md §3): −3 alert, −2 critical, −1 error, 1 warning, 2 notice, 3 info, 4 debug; a line is
/// written when its level is not above the threshold. Text of strangers is made printable.
struct ProxyLog: Sendable {
    let threshold: Int
    /// `nil`: standard error.
    var syslog: SyslogSocket?

    init(threshold: Int, syslog: SyslogSocket? = nil) {
        self.threshold = threshold
        self.syslog = syslog
    }

    static let names: [Int: String] = [
        -3: "alert", -2: "critical", -1: "error", 0: "error", 1: "warning", 2: "notice", 3: "info", 4: "debug",
    ]

    func callAsFunction(_ level: Int, _ text: @autoclosure () -> String) {
        guard level <= self.threshold else { return }
        self.write(level, text())
    }

    /// A line of a script's `log()` or `xlog()`.
    func script(_ level: Int, _ text: ArraySlice<UInt8>) {
        guard level <= self.threshold else { return }
        var text = text
        while text.last == ASCII.lf || text.last == ASCII.cr { text.removeLast() }
        self.write(level, Printable.text(text))
    }

    private func write(_ level: Int, _ text: String) {
        if let syslog = self.syslog { return syslog.write(level, text) }
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        localtime_r(&now.tv_sec, &parts)
        let milliseconds = now.tv_nsec / 1_000_000
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let padded =
            milliseconds < 10 ? "00\(milliseconds)" : milliseconds < 100 ? "0\(milliseconds)" : "\(milliseconds)"
        let line =
            "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)).\(padded) \(Self.names[level] ?? "debug"): \(text)\n"
        // One write a line, so that lines of several threads do not mix. A log that cannot be written is no reason to stop.
        _ = Array(line.utf8).withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
