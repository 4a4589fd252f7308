import Glibc
import SIPKit
import SIPTrace

/// From messages to output: match, context, hash marks, printer, saving.
struct Presenter: ~Copyable {
    private let settings: Settings
    private let diagnostics: Diagnostics
    private var selector: MessageSelector
    private var printer: any MessagePrinter
    private var output = OutputBuffer()
    private var saver: PacketSaver?
    private var sender: HEPSender?
    private var dialogs: DialogSaver?
    private var anonymiser: Anonymiser?
    private var detector: Detector
    private var alertClock = UTCClock()
    private var stop: StopWatch
    private var reading = MessageReading()
    private(set) var matched = 0
    private var afterLeft = 0
    private var context: ContextMessages
    /// Learns of media from every message, shown or not.
    var media: MediaTracker?
    /// Hash marks printed so far: one for each packet that passed the filter.
    private var hashes = 0
    private let printsHashes: Bool
    private var gate = Gate.none

    /// How `-g` decides.
    private enum Gate {
        case none
        /// The calls were found in a first reading.
        case known(DialogSet)
        /// They are found as they come.
        case following(DialogFollower)
    }

    init(_ settings: Settings, diagnostics: Diagnostics) throws(Failure) {
        // What may throw comes before anything is owned.
        let selector = try MessageSelector(settings)
        let sender = try Self.sender(settings)
        let dialogs = try settings.dialogFolder.map { folder throws(Failure) in
            try DialogSaver(folder, diagnostics: diagnostics)
        }
        let names = try settings.names.map { source throws(Failure) in try NameTable(source) }
        self.settings = settings
        self.diagnostics = diagnostics
        self.selector = selector
        self.context = ContextMessages(limit: settings.before)
        if settings.wholeDialogs { self.gate = .following(DialogFollower(lookback: settings.lookback)) }
        let highlight = settings.isColoured ? Highlight(selector.matcher.pattern) : nil
        self.printer = PrinterChoice.printer(settings, names, highlight)
        self.dialogs = dialogs
        self.anonymiser = settings.isAnonymous ? Anonymiser(key: settings.anonymityKey) : nil
        self.detector = Detector(settings.detects)
        self.stop = StopWatch(settings.stopAfter)
        self.printsHashes =
            settings.quiet == 0 && self.printer.isNgrepLike && !settings.countsOnly && !settings.isSilent
        self.sender = sender
        if let saving = settings.saving { self.saver = PacketSaver(saving, diagnostics: diagnostics) }
    }

    private static func sender(_ settings: Settings) throws(Failure) -> HEPSender? {
        guard let address = settings.sendsTo else { return nil }
        do {
            return try HEPSender(
                address, version: settings.hepVersion, agent: settings.hepAgent, name: settings.hepName,
                password: settings.hepPassword)
        } catch {
            throw Failure("-H \(error)")
        }
    }

    /// Whether nothing more is wanted: enough was found, or output cannot go on.
    var isDone: Bool { self.hasEnough || self.output.failure != 0 || self.stop.isOver }

    /// What a first reading found out about dialogs, for filters that ask for it.
    mutating func know(_ facts: DialogFacts) {
        self.selector.facts = facts
        self.selector.knowsAll = true
    }

    /// Whether a first reading is needed for the filter.
    var needsFacts: Bool { self.selector.facts != nil }

    private var hasEnough: Bool {
        guard let limit = self.settings.matchLimit else { return false }
        return self.matched >= limit && self.afterLeft == 0
    }

    var limitsReached: Int { self.selector.matcher.limitsReached }

    mutating func begin(_ input: Preamble.Input, link: LinkType) {
        guard self.printer.isNgrepLike, !self.settings.countsOnly, !self.settings.isSilent else { return }
        Preamble.write(self.settings, self.selector.matcher, input, link: link, to: &self.output)
    }

    /// Shows one message if it is wanted.
    ///
    /// - Parameters:
    ///   - record: the packet that completed the message, and
    ///   - packet: its bytes, for saving.
    @inline(__always)
    mutating func take(_ origin: MessageOrigin, _ message: Span<UInt8>, _ record: PacketRecord, packet: Span<UInt8>) {
        if let media = self.media { media.learn(message, origin) }
        if !self.settings.detects.isEmpty, let alert = self.detector.take(origin, message) { self.tell(alert) }
        guard !self.hasEnough, !self.stop.isOver else { return }
        if case .none = self.gate {
            if self.selector.accepts(origin, message) {
                if self.settings.before > 0 { self.showContext(record) }
                self.matched &+= 1
                self.afterLeft = self.settings.after
            } else {
                guard self.afterLeft > 0 else { return self.context.hold(origin, message) }
                self.afterLeft -= 1
            }
            self.show(origin, message, record, packet: packet)
        } else {
            self.takeDialogs(origin, message, record, packet: packet)
        }
    }

    /// What came before a match. Its packets are gone: saved, they are built anew.
    private mutating func showContext(_ record: PacketRecord) {
        for earlier in self.context.take() {
            let bytes = earlier.bytes.span
            self.show(earlier.origin, bytes, record, packet: bytes.extracting(first: 0))
        }
    }

    private mutating func takeDialogs(
        _ origin: MessageOrigin, _ message: Span<UInt8>, _ record: PacketRecord, packet: Span<UInt8>
    ) {
        switch self.gate {
        case .none: return
        case .known(var calls):
            self.gate = .none
            let isShown = calls.contains(message)
            self.gate = .known(calls)
            guard isShown else { return }
        case .following(var follower):
            self.gate = .none
            let (before, isShown) = follower.take(origin, message, isMatch: self.selector.accepts(origin, message))
            self.gate = .following(follower)
            for earlier in before {
                self.matched &+= 1
                let bytes = earlier.bytes.span
                // Its packet is gone: saved, it is built anew.
                self.show(earlier.origin, bytes, record, packet: bytes.extracting(first: 0))
            }
            guard isShown else { return }
        }
        self.matched &+= 1
        self.show(origin, message, record, packet: packet)
    }

    /// What was found in a first reading, for `-g`.
    mutating func know(_ calls: DialogSet) { self.gate = .known(calls) }

    private mutating func tell(_ alert: Alert) {
        // Machines read them from standard output, where they belong to the messages; people see them beside.
        guard let line = AlertPrinter.line(alert, self.settings.alertFormat, &self.alertClock) else { return }
        if self.settings.alertFormat == .json, self.settings.form == .json {
            self.output.write(line + "\n")
        } else {
            self.diagnostics.say(line, bare: true)
        }
    }

    /// TLS secrets that go into the capture that is written.
    func save(secrets: [UInt8]) { self.saver?.add(secrets: secrets) }

    /// A packet that holds no message: media of a call that has a file, or what `-e` shows.
    mutating func takeOther(_ origin: MessageOrigin, _ payload: Span<UInt8>, _ reason: Ignored) {
        if reason == .rtp {
            guard let dialogs = self.dialogs, let media = self.media,
                let callID = media.callID(announcing: origin.destination, or: origin.source)
            else { return }
            dialogs.saveMedia(origin, payload, of: callID)
        } else if self.settings.showsEmpty, reason == .noPayload || reason == .keepAlive, self.printer.isNgrepLike,
            !self.settings.countsOnly, !self.settings.isSilent, self.settings.match == nil
        {
            self.printHashes(upTo: origin.frame)
            self.printer.print(origin, payload, to: &self.output)
        }
    }

    private mutating func show(
        _ origin: MessageOrigin, _ message: Span<UInt8>, _ record: PacketRecord, packet: Span<UInt8>
    ) {
        guard self.anonymiser == nil else { return self.showAnonymised(origin, message, record) }
        self.release(origin, message, record, packet: packet)
    }

    private mutating func showAnonymised(_ origin: MessageOrigin, _ message: Span<UInt8>, _ record: PacketRecord) {
        let captured = CapturedMessage(origin, bytes: message.copy(ByteRange(0, message.count)))
        guard let hidden = self.anonymiser?.message(captured) else { return }
        let bytes = hidden.bytes
        // Its packet would tell everything: it is built anew.
        self.release(hidden.origin, bytes.span, record, packet: bytes.span.extracting(first: 0))
    }

    private mutating func release(
        _ origin: MessageOrigin, _ message: Span<UInt8>, _ record: PacketRecord, packet: Span<UInt8>
    ) {
        if self.stop.isUsed { self.stop.note(origin, message, saved: self.saver?.written ?? 0) }
        self.dialogs?.save(origin, message)
        self.saver?.save(origin, message, record, packet: packet)
        if let sender = self.sender {
            self.reading.read(message)
            sender.send(origin, message, correlation: message.extracting(self.reading.callID.indices))
        }
        guard !self.settings.countsOnly, !self.settings.isSilent else { return }
        self.printHashes(upTo: origin.frame)
        let limit = self.settings.lookLimit ?? .max
        self.printer.print(origin, message.extracting(first: Swift.min(limit, message.count)), to: &self.output)
        if self.settings.isLineBuffered { self.output.flush() }
    }

    /// One `#` for each packet up to this one.
    mutating func printHashes(upTo count: Int) {
        guard self.printsHashes else { return }
        while self.hashes < count {
            self.output.write(byte: 0x23)
            self.hashes &+= 1
        }
    }

    mutating func flush() {
        self.output.flush()
        self.saver?.flush()
        self.dialogs?.flush()
        if self.stop.isUsed { self.stop.look() }
    }

    private mutating func writeEnd(_ summary: Summary) {
        self.printHashes(upTo: summary.counts.passed)
        guard !self.settings.countsOnly else { return self.output.write("\(self.matched)\n") }
        if self.settings.quiet == 0, self.printer.isNgrepLike {
            self.output.write("exit\n")
            if summary.drops != nil { self.output.write("\(summary.liveLine)\n") }
        }
        // Ladders have their streams in them; behind a picture nothing may follow.
        let isPicture = self.settings.form == .flow && self.settings.flow != .text
        let hasLines = self.settings.form != .json && self.settings.form != .csv && !isPicture
        if self.settings.form == .flow { self.printer.finish(summary, to: &self.output) }
        if hasLines, let media = summary.media {
            StreamLines.write(media, keysOnly: self.settings.tellsOnlyKeys, to: &self.output)
        }
        if self.settings.form != .flow { self.printer.finish(summary, to: &self.output) }
    }

    /// The closing lines on standard output.
    ///
    /// - Returns: false when not everything could be saved (which was said).
    /// - Throws: ``Failure`` when output could not be written, except when its reader has gone: that is a quiet end.
    mutating func end(_ summary: Summary) throws(Failure) -> Bool {
        if !self.settings.isSilent { self.writeEnd(summary) }
        self.output.flush()
        if let sender = self.sender, sender.failed > 0 {
            self.diagnostics.say("-H: \(sender.failed) of \(sender.sent + sender.failed) messages could not be sent")
        }
        self.dialogs?.flush()
        if let dialogs = self.dialogs, dialogs.omitted > 0 {
            self.diagnostics.say("--per-dialog: \(dialogs.omitted) messages of dialogs beyond the limit were not saved")
        }
        let isSaved = self.saver?.finish() == nil && self.dialogs?.failure == nil
        if self.output.failure != 0, !self.output.readerIsGone {
            throw Failure("standard output: \(String(cString: strerror(self.output.failure)))")
        }
        return isSaved
    }
}
