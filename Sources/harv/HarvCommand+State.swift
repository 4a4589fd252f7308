import SIPKit

/// What `--state` can do together with other options.
extension HarvCommand {
    /// Options that make no sense in a run that has seen only a part of the trace, with the reason.
    var misfits: [(option: String, reason: String)] {
        var misfits: [(String, String)] = []
        func refuse(_ isGiven: Bool, _ option: String, _ reason: String) {
            if isGiven { misfits.append((option, reason)) }
        }
        refuse(self.follow, "-f", "it follows a log by itself, from now on")
        refuse(self.files.contains("-"), "- (standard input)", "it cannot be gone on with; name the file")
        refuse(
            self.call != nil, "--call", "the messages of calls that are over are not kept; ask for it without --state")
        refuse(
            self.since != nil || self.until != nil, "--since and --until",
            "what they leave out would be missing in all later runs")
        refuse(self.csv != nil, "--csv", "calls that earlier runs saw would be missing in its table")
        refuse(self.ndjson == "calls", "--ndjson calls", "calls that earlier runs saw would be missing")
        refuse(self.ndjson == "messages", "--ndjson messages", "messages that earlier runs saw would be missing")
        refuse(self.classic && self.raw, "--classic=raw", "it keeps no tables; --classic has them")
        refuse(self.anonymize, "--anonymize", "each run would choose other names")
        return misfits
    }

    /// What the command line says that changes figures; in an order of its own.
    func keptOptions() -> [Kept.Option] {
        func list(_ values: [String]) -> String { values.sorted().joined(separator: " ") }
        return [
            ("--server", list(self.server)), ("--domain", list(self.domain)), ("--gateway", list(self.gateway)),
            ("--trust", list(self.trust)), ("--latching", list(self.latching)), ("--tz", "\(self.tz)"),
            ("--filter", self.filter ?? ""), ("--include-noise", self.includeNoise ? "yes" : ""),
            ("--only", self.only ?? ""), ("--ignore", self.ignore ?? ""), ("--by", self.by ?? ""),
            ("--calls", "\(self.calls)"), ("--html", self.html != nil ? "yes" : ""), ("--memory", "\(self.memory)"),
            ("--max-calls", "\(self.maxCalls)"), ("--log", self.log.isEmpty ? "" : "yes"),
            ("--count", self.look.counting.rawValue), ("--registrations", self.registrations ? "yes" : ""),
        ].map { Kept.Option(name: $0.0, value: $0.1) }
    }
}

extension HarvCommand {
    /// What the last run left; `nil` without `--state`.
    func keeper() throws -> StateKeeper? {
        guard let state else { return nil }
        guard !self.files.isEmpty || !self.log.isEmpty else {
            throw self.fail(
                "--state needs the name of the log: without one harv takes the newest, which may be another the next time"
            )
        }
        for path in self.files where try self.traces(in: path) != [path] {
            throw self.fail(
                "\(path): a folder; with --state name the log that is written, rotated ones are found by themselves")
        }
        do {
            return try StateKeeper(state, options: self.keptOptions())
        } catch {
            throw self.fail(error.description)
        }
    }
}
