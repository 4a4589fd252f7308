import Glibc
import SIPKit
import SIPTrace

/// One run: inputs → messages → presenter, until the inputs end, enough was found or a signal comes.
struct Run {
    let settings: Settings
    let diagnostics: Diagnostics
    let others = OtherPackets()

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
        presenter.save(secrets: extractor.keys?.takeText() ?? [])
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
        } else if let address = self.settings.mirrorsFrom {
            try self.readTZSP(address, &extractor, &presenter)
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
            if let bytes = self.settings.mediaMemory { media.limit(to: bytes) }
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
        keys.keepsText = self.settings.writesSecrets
        for path in self.settings.privateKeys { keys.privateKeys.append(try Self.privateKey(path)) }
        extractor.keys = keys
        if let path = self.settings.keyLog {
            do {
                try keys.follow(path, mayBeMissing: self.settings.followsKeys)
            } catch {
                throw Failure("--keylog \(error)")
            }
            if !self.settings.followsKeys { keys.end() }
            extractor.holdsForKeys = self.settings.followsKeys
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

    private static func privateKey(_ path: String) throws(Failure) -> TLSPrivateKey {
        do {
            return try TLSPrivateKey(pem: try FilterFile.text(of: path, for: "-k"), name: path)
        } catch let error as CaptureError {
            throw Failure("-k \(error)")
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure("-k \(error)")
        }
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
            if let address = self.settings.mirrorsFrom { return InputFeed(mirror: try TZSPListener(address)) }
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

    /// SIGUSR1: the figures so far, on standard error.
    func tellIfAsked(_ extractor: MessageExtractor, _ matched: Int, _ drops: () -> LiveCapture.Drops?) {
        guard SignalWatch.takeReport() else { return }
        let summary = Summary(counts: extractor.counts, matched: matched, limitsReached: 0, drops: drops())
        self.diagnostics.say("so far: \(extractor.counts.messages) messages, \(summary.liveLine)")
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
