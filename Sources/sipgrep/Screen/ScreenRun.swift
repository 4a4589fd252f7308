import Glibc
import SIPKit
import SIPTrace

/// `--tui`: a run that shows calls on a screen instead of printing messages.
struct ScreenRun {
    let settings: Settings

    /// A picture is drawn at most so often, in nanoseconds.
    private static let pause: Int64 = 50_000_000

    /// - Parameters:
    ///   - feed: the input, opened.
    ///   - extractor: with its filter and keys.
    /// - Throws: ``Failure`` when there is no terminal.
    func execute(_ feed: InputFeed, _ extractor: consuming MessageExtractor) throws(Failure) -> ExitStatus {
        var selector = try MessageSelector(self.settings)
        let media = MediaTracker()
        media.codecs = self.settings.codecs
        if let limit = self.settings.memoryLimit { media.limit(to: (limit - Settings.baseMemory) / 2) }
        extractor.media = media
        let name =
            self.settings.isLive
            ? self.settings.devices.joined(separator: ",")
            : self.settings.listensTo.map { "HEP \($0)" } ?? self.settings.mirrorsFrom.map { "TZSP \($0)" }
                ?? self.settings.files.joined(separator: " ")
        let screen = Screen(
            Screen.Input(
                name: name, isLive: self.settings.files.isEmpty, match: self.settings.match,
                captureFilter: self.settings.captureFilter),
            store: CallStore(limit: self.settings.screenMemory), media: media, correlators: self.settings.correlators)
        let terminal = try Terminal()
        defer { terminal.close() }
        var hasInput = true
        var (lastDrawn, lastSecond): (Int64, Int64) = (0, 0)
        var before = TraceCounts()
        while !screen.isDone, !SignalWatch.shouldEnd {
            if hasInput {
                hasInput = feed.step(&extractor) { origin, message in
                    screen.take(origin, message, isWanted: selector.accepts(origin, message))
                }
                screen.health.hasEnded = !hasInput
                screen.health.notes = feed.notes
            } else {
                var keyboard = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
                _ = poll(&keyboard, 1, 200)
                // A terminal that is gone is always "readable": nobody is there to press a key.
                if keyboard.revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 { break }
            }
            var hadKey = false
            while let key = terminal.key() {
                screen.handle(key)
                hadKey = true
                if screen.isDone { break }
            }
            let now = Self.now()
            if now - lastSecond >= 1_000_000_000 {
                screen.health.packetRate = extractor.counts.packets - before.packets
                screen.health.messageRate = extractor.counts.messages - before.messages
                screen.health.drops = feed.drops
                before = extractor.counts
                lastSecond = now
            }
            guard hadKey || now - lastDrawn >= Self.pause || !hasInput else { continue }
            screen.health.counts = extractor.counts
            terminal.show(screen.draw(width: terminal.width, height: terminal.height))
            lastDrawn = now
        }
        return screen.store.calls.contains { $0.isWanted } ? .selected : .nothingSelected
    }

    private static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
