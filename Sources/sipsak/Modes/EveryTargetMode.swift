import SIPKit
import SIPNet

/// `--all-targets` and `--targets FILE`: pings several places one after another; the worst result is the run's.
struct EveryTargetMode {
    let options: SipsakOptions
    let console: any Console
    let reporter: (any Reporter)?

    func run(_ target: TargetURI) throws(UsageError) -> (ExitStatus, ProbeTally) {
        var status = ExitStatus.ok
        var tally = ProbeTally()
        func add(_ result: ExitStatus, _ part: ProbeTally) {
            if status == .ok || status == .warning { status = result }
            tally.merge(part)
        }
        if let file = self.options.lookup.targetsFile {
            for uri in try Self.targets(try FileText.read(file), file) {
                let result = self.ping(uri) { opener throws(SessionOpener.Failure) in try opener.open(uri) }
                add(result.0, result.1)
                if result.0 == .interrupted { break }
            }
        } else {
            let resolution = TargetFinder(options: self.options).find(self.options.outboundProxy ?? target)
            guard !resolution.targets.isEmpty else {
                if self.options.printsText { self.console.out("'\(target.host)' is unresolvable\n") }
                self.reporter?.error(class: "dns", "'\(target.host)' is unresolvable", .unresolvable)
                return (.unresolvable, tally)
            }
            for place in resolution.targets {
                let result = self.ping(target) { opener throws(SessionOpener.Failure) in
                    try opener.open(target, [place], path: target.path)
                }
                add(result.0, result.1)
                if result.0 == .interrupted { break }
            }
        }
        return (status, tally)
    }

    /// A line is a target; `#` begins a comment.
    static func targets(_ bytes: [UInt8], _ name: String) throws(UsageError) -> [TargetURI] {
        var found: [TargetURI] = []
        for (index, line) in bytes.split(separator: ASCII.lf, omittingEmptySubsequences: false).enumerated() {
            let text = Array(line.drop { ASCII.isLWS($0) }.prefix { !ASCII.isLWS($0) })
            guard let first = text.first, first != 0x23 else { continue }
            do throws(UsageError) {
                found.append(try TargetURI.word(String(decoding: text, as: UTF8.self)))
            } catch {
                throw UsageError("\(Printable.text(name.utf8)):\(index + 1): \(error.message) (--targets)")
            }
        }
        guard !found.isEmpty else { throw UsageError("\(Printable.text(name.utf8)) has no targets (--targets)") }
        return found
    }

    private func ping(
        _ uri: TargetURI, _ open: (SessionOpener) throws(SessionOpener.Failure) -> Session
    ) -> (ExitStatus, ProbeTally) {
        var options = self.options
        options.pings = true
        options.count = options.count ?? 1
        options.uri = uri
        do throws(SessionOpener.Failure) {
            let session = try open(SessionOpener(options: options, console: self.console, reporter: self.reporter))
            defer { session.wire.close() }
            do throws(UsageError) {
                let draft = try ShootDraft.make(options, uri, file: nil, &session.factory)
                let status = PingMode(session: session, draft: draft, search: nil, count: options.count).run()
                return (status, session.tally)
            } catch {
                self.console.fail(error.message)
                return (.local, session.tally)
            }
        } catch {
            if !error.isTold { self.console.fail("\(self.console.line(uri.text.utf8)): \(error.message)") }
            self.reporter?.error(class: error.kind, error.message, error.status)
            return (error.status, ProbeTally())
        }
    }
}
