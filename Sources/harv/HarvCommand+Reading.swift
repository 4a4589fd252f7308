import Glibc
import SIPKit
import SIPTrace

/// What is read: which inputs, with what is known about them, and from when to when.
extension HarvCommand {
    func inputs() throws -> [String] {
        var paths = self.files
        if paths.isEmpty, let newest = DefaultLog.newest() { paths = [newest] }
        guard !paths.isEmpty else { throw self.fail("name a trace to read, or - for standard input") }
        return try paths.flatMap { try self.traces(in: $0) } + self.log
    }

    /// A folder stands for its `sip.*`, as with the old script.
    func traces(in path: String) throws -> [String] {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return [path] }
        let found = DefaultLog.all(in: path)
        guard !found.isEmpty else { throw self.fail("\(path): a folder without sip.* files; name the files") }
        return found
    }

    func addresses(_ texts: [String], _ option: String) throws -> Set<IPAddress> {
        try Set(
            texts.map { text in
                guard let address = IPAddress(text) else {
                    throw self.fail("--\(option): expected an IP address, found \"\(Printable.text(text.utf8))\"")
                }
                return address
            })
    }

    func trace(_ paths: [String]) throws -> TraceRun {
        var trace = TraceRun(paths: paths)
        trace.servers = self.server.compactMap { SocketAddress($0, defaultPort: 5060) }
        trace.options.known = KnownHosts(
            domains: Set(self.domain.map { $0.lowercased() }), gateways: try self.addresses(self.gateway, "gateway"),
            trusted: try self.trust.map { text in
                guard let network = KnownHosts.Network(text) else {
                    throw self.fail("--trust: expected ADDRESS[/BITS], found \"\(Printable.text(text.utf8))\"")
                }
                return network
            },
            latching: try self.addresses(self.latching, "latching"))
        trace.zoneOffset = self.tz * 3600
        trace.limits.bytes = self.memory << 20
        trace.options.includesNoise = self.includeNoise
        trace.options.expectsLog = !self.log.isEmpty
        trace.options.maxCallLines = self.calls
        trace.limits.conversations = self.maxCalls
        trace.options.wantedCall = self.call.map { Array($0.utf8) }
        trace.options.wantedName = self.call.map { CallSearch.Name($0) }
        trace.options.wantsText = self.anonymize
        trace.options.form = self.form
        trace.options.counting = self.look.counting
        trace.options.wantsPage = self.html != nil
        trace.options.wantsUsers = self.registrations || self.csv != nil
        trace.options.groupedBy = self.by.flatMap(CallGroups.Key.init)
        if let filter {
            do {
                trace.options.filter = try CallFilter.parse(filter)
            } catch {
                throw self.fail("--filter: \(error)")
            }
            trace.options.filterText = filter
        }
        if self.anonymize { trace.anonymizer = Anonymizer(seed: UInt64.random(in: 1...UInt64.max)) }
        if let jobs { trace.jobs = jobs }
        let list = { (text: String?) in
            Set((text ?? "").split(separator: ",").compactMap { DiagnosisTable.rule(String($0))?.id })
        }
        trace.engine = DiagnosisEngine(only: list(self.only), ignored: list(self.ignore))
        Interruption.install()
        trace.isStopped = { Interruption.isAsked }
        return trace
    }

    func read(_ lines: OutputFile?) throws -> (Summary, WeekComparison?) {
        let keeper = try self.keeper()
        let paths = try self.inputs()
        var trace = try self.trace(paths)
        trace.options.keepsHours = keeper != nil
        if let lines, self.ndjson == "messages" {
            trace.onMessage = { lines.write(MessageLine.json($0)) }
        } else if let lines {
            let isCSV = self.csv != nil
            trace.options.onCall = { call in
                lines.write(isCSV ? CallRecordWriter.csv(call) : CallRecordWriter.json(call))
            }
        }
        trace.times = try self.times(paths)
        let shows = isatty(STDERR_FILENO) != 0 && !self.noProgress
        if shows {
            let progress = Progress()
            progress.start(drawsBlocks: PageForm.Terminal.current().hasUTF8 && !self.look.ascii)
            trace.progress = progress
        }
        defer { trace.progress?.end() }
        do {
            // Packets by kind need none of the tables.
            let countsOnly =
                self.classic && (self.raw || self.look.counting == .raw) && self.filter == nil && self.call == nil
                && !self.check && self.warn.isEmpty
                && self.crit.isEmpty && self.failOn == nil && self.html == nil && self.csv == nil && !self.registrations
                && keeper == nil && self.ndjson == nil
            if countsOnly { return (try trace.countPackets(), nil) }
            guard let keeper else { return (try trace.run(), nil) }
            keeper.prepare(&trace)
            let summary = try trace.run(from: keeper.takeTables)
            try keeper.save()
            guard self.baseline == "auto" else { return (summary, nil) }
            return (summary, WeekComparison(summary, before: keeper.lastTime))
        } catch {
            throw self.fail("\(error)")
        }
    }

    /// The times between `--since` and `--until`. Times of day and distances need the trace's own first and last time.
    func times(_ paths: [String]) throws -> ClosedRange<Int64> {
        var bounds: [Int64] = [.min, .max]
        for (place, text) in [self.since, self.until].enumerated() {
            guard let text else { continue }
            guard let wanted = TimeBound(text) else {
                throw self.fail("\(text): no time; 14:00, '2026-03-02 14:00', -2h, or seconds since 1970")
            }
            if wanted.needsTrace {
                guard !paths.contains("-") else {
                    throw self.fail("\(text): standard input can be read once only; give the date too")
                }
                var scout = TraceRun(paths: paths)
                scout.zoneOffset = self.tz * 3600
                scout.engine = DiagnosisEngine([])
                guard let summary = try? scout.run(), let first = summary.firstTime, let last = summary.lastTime else {
                    throw self.fail("\(text): the trace has no times")
                }
                bounds[place] = wanted.time(first: first, last: last)
            } else {
                bounds[place] = wanted.time(first: 0, last: 0) - Int64(self.tz) * 3_600_000_000_000
            }
        }
        guard bounds[0] <= bounds[1] else { throw self.fail("--since is after --until") }
        return bounds[0]...bounds[1]
    }

    /// The figures of a saved report, or of another trace.
    func figures(of path: String) throws -> Figures {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw self.fail("\(path): \(String(cString: strerror(errno)))") }
        var status = stat()
        let isSmall = fstat(descriptor, &status) == 0 && status.st_size < 64 << 20
        let source = TextSource(descriptor: descriptor, closing: true)
        if isSmall {
            let bytes = source.head(Int(status.st_size))
            if let value = JSONValue(bytes.span), value["schema"]?.number == 1 { return Figures(value) }
        }
        do {
            return Figures(try self.trace([path]).run())
        } catch {
            throw self.fail("\(error)")
        }
    }

    func followInput() throws {
        guard self.files.count <= 1 else { throw self.fail("-f follows one file, or - for standard input") }
        let path = try self.inputs()[0]
        guard let window = TimeBound.length(self.last), let interval = TimeBound.length(self.interval), interval > 0
        else { throw self.fail("--last and --interval: a number with s, m, h or d") }
        var size = winsize()
        let isTerminal = isatty(STDOUT_FILENO) != 0
        let rows = ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_row > 0 ? Int(size.ws_row) : 40
        let screen = LiveScreen(isTerminal: isTerminal, rows: rows, form: self.form)
        var trace = try self.trace([path])
        trace.jobs = 1
        let live = LiveRun(path: path, window: window, interval: interval, run: trace) { summary, length, isShortened in
            let output = OutputFile("-")
            output.write(screen.show(summary, window: length, isShortened: isShortened))
            output.flush()
        }
        do {
            try live.go()
        } catch {
            throw self.fail("\(error)")
        }
    }
}
