import Glibc
import SIPKit
import SIPTrace

/// One run: inputs → messages → presenter, until the inputs end, enough was found or a signal comes.
struct Run {
    let settings: Settings
    let diagnostics: Diagnostics
    private let others = OtherPackets()

    init(settings: Settings, diagnostics: Diagnostics) {
        self.settings = settings
        self.diagnostics = diagnostics
    }

    /// Does the work. What leaves a result behind (a file cut short) is told on standard error as it comes.
    ///
    /// - Throws: ``Failure`` for what cannot be done.
    func execute() throws(Failure) -> ExitStatus {
        var extractor = try self.extractor()
        if self.settings.isScreen {
            let feed = try self.feed()
            return try ScreenRun(settings: self.settings).execute(feed, extractor)
        }
        var presenter = try Presenter(self.settings, diagnostics: self.diagnostics)
        presenter.media = extractor.media
        var isDamaged = false
        var drops: LiveCapture.Drops?
        var deviceFailed = false
        if self.settings.isLive {
            let (lost, hasFailed) = try self.readDevices(&extractor, &presenter)
            deviceFailed = hasFailed
            isDamaged = lost.byKernel + lost.byInterface > 0
            drops = lost
        } else if !self.settings.texts.isEmpty {
            try self.readTexts(&presenter, &extractor)
        } else if let address = self.settings.listensTo {
            try self.readHEP(address, &extractor, &presenter)
        } else {
            isDamaged = try self.readFiles(&extractor, &presenter)
        }
        let record = PacketRecord(time: 0, start: 0, count: 0, wireLength: 0, link: .ethernet)
        extractor.finish { origin, message in
            presenter.take(origin, message, record, packet: message.extracting(first: 0))
        }
        var summary = Summary(
            counts: extractor.counts, matched: presenter.matched, limitsReached: presenter.limitsReached, drops: drops)
        summary.closedConnections = extractor.closedConnections
        if self.settings.followsMedia { summary.media = extractor.media }
        let isSaved = try presenter.end(summary)
        self.say(summary)
        guard isSaved, !deviceFailed else { return .failed }
        if self.settings.isStrict, isDamaged { return .damaged }
        return presenter.matched > 0 ? .selected : .nothingSelected
    }

    private func extractor() throws(Failure) -> MessageExtractor {
        var extractor = MessageExtractor()
        extractor.joinsSegments = self.settings.joinsSegments
        extractor.opensTunnels = self.settings.opensTunnels
        extractor.opensHEP = self.settings.opensHEP
        if self.settings.followsMedia || self.settings.savesMedia {
            let media = MediaTracker()
            media.codecs = self.settings.codecs
            extractor.media = media
        }
        if self.settings.savesMedia || self.settings.showsEmpty {
            let others = self.others
            let wantsEmpty = self.settings.showsEmpty
            extractor.others = { origin, payload, reason in
                if reason == .rtp || wantsEmpty { others.add(origin, payload, reason) }
            }
        }
        let keys = TLSKeyLog()
        extractor.keys = keys
        if let path = self.settings.keyLog {
            do {
                try keys.follow(path, mayBeMissing: self.settings.isLive)
            } catch {
                throw Failure("--keylog \(error)")
            }
            if !self.settings.isLive { keys.end() }
            extractor.holdsForKeys = self.settings.isLive
        }
        if let text = self.settings.captureFilter {
            do {
                extractor.filter = try PacketFilter(text)
            } catch {
                throw Failure("filter: \(error)\n  \(text)")
            }
        }
        return extractor
    }

    /// The input, opened, for the screen.
    private func feed() throws(Failure) -> InputFeed {
        do {
            if self.settings.isLive {
                var devices: [LiveCapture] = []
                for name in self.settings.devices { devices.append(try self.openDevice(name)) }
                try Privileges.enter(self.settings.root)
                if let user = self.settings.user { try Privileges.drop(to: user) }
                return InputFeed(devices: devices)
            }
            if let address = self.settings.listensTo { return InputFeed(hep: try HEPListener(address)) }
            return InputFeed(files: try CaptureMerge(self.settings.files, assuming: self.settings.assumedLink))
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure("\(error)")
        }
    }

    /// - Returns: whether a file was damaged.
    private func readFiles(
        _ extractor: inout MessageExtractor, _ presenter: inout Presenter
    ) throws(Failure) -> Bool {
        var inputs: CaptureMerge
        let canReadTwice = !self.settings.files.contains("-")
        let facts = presenter.needsFacts && canReadTwice ? try self.facts() : nil
        if let facts { presenter.know(facts) }
        if self.settings.wholeDialogs, canReadTwice { presenter.know(try self.wantedDialogs(facts)) }
        do {
            inputs = try CaptureMerge(self.settings.files, assuming: self.settings.assumedLink)
        } catch {
            throw Failure("\(error)")
        }
        extractor.holdsForKeys = inputs.mayHoldSecrets
        presenter.begin(.files, link: inputs.link)
        var goesOn = true
        var pace = ReplayPace()
        while goesOn, !presenter.isDone, !SignalWatch.shouldEnd {
            goesOn = inputs.next { record, bytes, input in
                if self.settings.replays, !pace.wait(record.time, { presenter.flush() }) { return false }
                extractor.take(bytes, record, input: input) { origin, message in
                    presenter.take(origin, message, record, packet: bytes)
                }
                if !self.others.isEmpty { self.others.hand(to: &presenter) }
                return !presenter.isDone
            }
            let secrets = inputs.takeSecrets()
            if !secrets.isEmpty, extractor.keys?.add(secrets.span) ?? false {
                self.openWaiting(&extractor, &presenter)
            }
        }
        presenter.flush()
        for damage in inputs.damages { self.diagnostics.say("\(damage)") }
        for line in inputs.unknownLinkLines { self.diagnostics.say(line) }
        return !inputs.damages.isEmpty
    }

    /// The first reading for `-g`: which calls have a message that matches.
    private func wantedDialogs(_ facts: DialogFacts?) throws(Failure) -> DialogSet {
        var selector = try MessageSelector(self.settings)
        if let facts {
            selector.facts = facts
            selector.knowsAll = true
        }
        var extractor = try self.extractor()
        var calls = DialogSet(correlators: self.settings.correlators)
        let deliver: MessageExtractor.Deliver = { origin, message in
            calls.note(message, isMatch: selector.accepts(origin, message))
        }
        try self.readAll(&extractor, deliver)
        extractor.finish(deliver)
        return calls
    }

    /// The first reading for a filter that asks for dialogs.
    private func facts() throws(Failure) -> DialogFacts? {
        guard let facts = try MessageSelector(self.settings).facts else { return nil }
        var extractor = try self.extractor()
        extractor.media = facts.media
        let deliver: MessageExtractor.Deliver = { origin, message in facts.take(origin, message) }
        try self.readAll(&extractor, deliver)
        extractor.finish(deliver)
        facts.settle()
        return facts
    }

    private func readAll(
        _ extractor: inout MessageExtractor, _ deliver: MessageExtractor.Deliver
    ) throws(Failure) {
        do {
            var inputs = try CaptureMerge(self.settings.files, assuming: self.settings.assumedLink)
            extractor.holdsForKeys = inputs.mayHoldSecrets
            var goesOn = true
            while goesOn, !SignalWatch.shouldEnd {
                goesOn = inputs.next { record, bytes, input in
                    extractor.take(bytes, record, input: input, deliver)
                    return true
                }
                let secrets = inputs.takeSecrets()
                if !secrets.isEmpty, extractor.keys?.add(secrets.span) ?? false { extractor.keysCame(deliver) }
            }
        } catch {
            throw Failure("\(error)")
        }
    }

    private func readDevices(
        _ extractor: inout MessageExtractor, _ presenter: inout Presenter
    ) throws(Failure) -> (drops: LiveCapture.Drops, hasFailed: Bool) {
        var devices: [LiveCapture] = []
        var hasFailed = false
        for name in self.settings.devices { devices.append(try self.openDevice(name)) }
        try Privileges.enter(self.settings.root)
        if let user = self.settings.user { try Privileges.drop(to: user) }
        presenter.begin(.devices(devices), link: devices.first?.link ?? .ethernet)
        presenter.flush()
        // One device is waited for; several are asked in turn, with a short rest when none had anything.
        let patience: Int32 = devices.count == 1 ? 100 : 0
        while !presenter.isDone, !SignalWatch.shouldEnd, !devices.isEmpty {
            var isQuiet = true
            for (index, device) in devices.enumerated().reversed() {
                do {
                    let batch = try device.take(timeout: patience) { record, bytes in
                        guard !presenter.isDone else { return }
                        extractor.take(bytes, record, input: index) { origin, message in
                            presenter.take(origin, message, record, packet: bytes)
                        }
                        if !self.others.isEmpty { self.others.hand(to: &presenter) }
                    }
                    if case .packets = batch { isQuiet = false }
                    if batch == .ended { devices.remove(at: index) }
                } catch {
                    self.diagnostics.say("\(error)")
                    hasFailed = true
                    devices.remove(at: index)
                }
            }
            if extractor.holdsForKeys, extractor.keys?.refresh() ?? false { self.openWaiting(&extractor, &presenter) }
            presenter.printHashes(upTo: extractor.counts.passed)
            presenter.flush()
            if isQuiet, patience == 0 { _ = poll(nil, 0, 20) }
        }
        let sum = devices.reduce(into: LiveCapture.Drops()) { sum, device in
            let drops = device.drops
            sum.received += drops.received
            sum.byKernel += drops.byKernel
            sum.byInterface += drops.byInterface
        }
        return (sum, hasFailed)
    }

    /// What ngrep and its like printed, read back.
    private func readTexts(_ presenter: inout Presenter, _ extractor: inout MessageExtractor) throws(Failure) {
        presenter.begin(.texts, link: .raw)
        let record = PacketRecord(time: 0, start: 0, count: 0, wireLength: 0, link: .ethernet)
        for (number, path) in self.settings.texts.enumerated() {
            let source: TextSource
            do {
                source = path == "-" ? TextSource(descriptor: STDIN_FILENO) : try TextSource(path: path)
            } catch {
                throw Failure("--text \(error)")
            }
            var reader = NgrepTextReader(source, input: number)
            while reader.next(), !presenter.isDone, !SignalWatch.shouldEnd {
                guard reader.kind == .message else { continue }
                extractor.takeText(reader.origin, reader.payload) { origin, message in
                    presenter.take(origin, message, record, packet: message.extracting(first: 0))
                }
            }
        }
        presenter.flush()
    }

    /// Keys came: what waited for them is decoded now. Saved, it is written as new packets.
    private func openWaiting(_ extractor: inout MessageExtractor, _ presenter: inout Presenter) {
        let record = PacketRecord(time: 0, start: 0, count: 0, wireLength: 0, link: .ethernet)
        extractor.keysCame { origin, message in
            presenter.take(origin, message, record, packet: message.extracting(first: 0))
        }
    }

    private func readHEP(
        _ address: HEPAddress, _ extractor: inout MessageExtractor, _ presenter: inout Presenter
    ) throws(Failure) {
        let listener: HEPListener
        do {
            listener = try HEPListener(address)
        } catch {
            throw Failure("-L \(error)")
        }
        presenter.begin(.hep(address), link: .raw)
        presenter.flush()
        while !presenter.isDone, !SignalWatch.shouldEnd {
            listener.take(timeout: 100) { packet, time in
                let record = PacketRecord(
                    time: time, start: 0, count: packet.count, wireLength: packet.count, link: .raw)
                extractor.takeHEP(packet, time: time) { origin, message in
                    presenter.take(origin, message, record, packet: packet)
                }
            }
            presenter.printHashes(upTo: extractor.counts.passed)
            presenter.flush()
        }
    }

    private func openDevice(_ name: String) throws(Failure) -> LiveCapture {
        var wanted = LiveCapture.Settings()
        wanted.device = name
        wanted.snapLength = self.settings.snapLength
        wanted.isPromiscuous = self.settings.isPromiscuous
        wanted.bufferSize = self.settings.ringMegabytes << 20
        do {
            let live = try LiveCapture(wanted)
            if let text = self.settings.captureFilter { try live.setFilter(KernelFilter.widened(text, for: live)) }
            for note in live.notes { self.diagnostics.say(note) }
            return live
        } catch {
            throw Failure("\(error)")
        }
    }

    private func say(_ summary: Summary) {
        let isQuiet = self.settings.quiet > 0
        if !isQuiet, !self.settings.files.isEmpty {
            self.diagnostics.say(summary.fileLine(self.settings.files), bare: true)
        }
        if self.settings.explains || summary.matched == 0 && !isQuiet, let line = summary.notShownLine {
            self.diagnostics.say(line, bare: true)
        }
    }
}
