import Glibc
import SIPKit

/// How alerts are told.
enum AlertPrinter {
    enum Format: String, Sendable, CaseIterable { case text, json, syslog, fail2ban }

    /// One line; for syslog, nothing is returned: it goes there.
    static func line(_ alert: Alert, _ format: Format, _ clock: inout UTCClock) -> String? {
        let time = clock.text(alert.time)
        let evidence = Printable.text(alert.evidence.utf8)
        switch format {
        case .text: return "alert \(time) \(alert.sentence)"
        case .fail2ban:
            return "\(time) sipgrep[\(getpid())]: \(alert.kind.rawValue) from <\(alert.source)>: \(evidence)"
        case .json:
            let escaped = evidence.unicodeScalars.reduce(into: "") { text, scalar in
                if scalar == "\"" || scalar == "\\" { text.unicodeScalars.append("\\") }
                text.unicodeScalars.append(scalar)
            }
            return
                "{\"v\":1,\"type\":\"alert\",\"ts\":\"\(time)\",\"kind\":\"\(alert.kind.rawValue)\",\"source\":\"\(alert.source)\","
                + "\"count\":\(alert.count),\"evidence\":\"\(escaped)\"}"
        case .syslog:
            // The text is an argument, never the format: a stranger wrote parts of it.
            alert.sentence.withCString { text in
                withVaList([text]) { vsyslog(LOG_WARNING | LOG_USER, "sipgrep: %s", $0) }
            }
            return nil
        }
    }
}
