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
    private var reading = MessageReading()
    private(set) var matched = 0
    private var afterLeft = 0
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
        self.settings = settings
        self.diagnostics = diagnostics
        self.selector = selector
        if settings.wholeDialogs { self.gate = .following(DialogFollower(lookback: settings.lookback)) }
        self.printer = PrinterChoice.printer(settings)
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
    var isDone: Bool { self.hasEnough || self.output.failure != 0 }

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
        if let media = self.media { media.learn(message) }
        guard !self.hasEnough else { return }
        if case .none = self.gate {
            if self.selector.accepts(origin, message) {
                self.matched &+= 1
                self.afterLeft = self.settings.after
            } else {
                guard self.afterLeft > 0 else { return }
                self.afterLeft -= 1
            }
            self.show(origin, message, record, packet: packet)
        } else {
            self.takeDialogs(origin, message, record, packet: packet)
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

    private mutating func show(
        _ origin: MessageOrigin, _ message: Span<UInt8>, _ record: PacketRecord, packet: Span<UInt8>
    ) {
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
    }

    private mutating func writeEnd(_ summary: Summary) {
        self.printHashes(upTo: summary.counts.passed)
        guard !self.settings.countsOnly else { return self.output.write("\(self.matched)\n") }
        if self.settings.quiet == 0, self.printer.isNgrepLike {
            self.output.write("exit\n")
            if summary.drops != nil { self.output.write("\(summary.liveLine)\n") }
        }
        if self.settings.form != .json, self.settings.form != .csv, let media = summary.media {
            StreamLines.write(media, to: &self.output)
        }
        self.printer.finish(summary, to: &self.output)
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
        let isSaved = self.saver?.finish() == nil
        if self.output.failure != 0, !self.output.readerIsGone {
            throw Failure("standard output: \(String(cString: strerror(self.output.failure)))")
        }
        return isSaved
    }
}
