import SIPKit
import SIPNet

/// `--tls-info` and `--cert-days`: what TLS agreed on, whom it met, and for how long that holds.
struct TLSPrinter {
    let options: SipsakOptions
    let console: any Console

    /// Days until the server's certificate ends.
    static func days(_ facts: TLSFacts, now seconds: Int64) -> Int64? {
        facts.chain.first?.daysLeft(now: seconds)
    }

    /// What the certificate's age makes of a run.
    func judge(_ facts: TLSFacts, now seconds: Int64) -> ExitStatus {
        if facts.problem != nil, !self.options.tls.ignoresFailure { return .untrusted }
        guard let limits = self.options.tls.days, let days = Self.days(facts, now: seconds) else { return .ok }
        return days < Int64(limits.fail) ? .missed : days < Int64(limits.warn) ? .warning : .ok
    }

    func tell(_ facts: TLSFacts, now seconds: Int64) {
        guard self.options.printsText else { return }
        self.console.out(
            "TLS \(facts.version?.rawValue ?? "?"), \(self.console.line((facts.cipher ?? "unknown cipher").utf8))\n")
        for (index, certificate) in facts.chain.enumerated() {
            self.console.out("  \(index == 0 ? "server" : "issuer")  \(self.console.line(certificate.subject.utf8))\n")
            if index == 0 {
                let names = certificate.names.map { self.console.line($0.utf8) }.joined(separator: ", ")
                self.console.out("  names   \(names.isEmpty ? "none" : names)\n")
                self.console.out("  by      \(self.console.line(certificate.issuer.utf8))\n")
            }
            let until = certificate.notAfter.map { UTCDate.text(seconds: $0).prefix(10) } ?? "?"
            let left =
                certificate.daysLeft(now: seconds).map { $0 < 0 ? "ended \(-$0) days ago" : "\($0) days left" } ?? "?"
            self.console.out("  until   \(until) (\(left))\n")
        }
        self.console.out(
            facts.problem.map { "  NOT GOOD: \(self.console.line($0.utf8))\n" } ?? "  the certificate is good\n")
    }
}
