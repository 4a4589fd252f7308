import SIPKit
import SIPPattern
import SIPTrace

/// Which messages are wanted: the match of the command line, then what was asked of single fields.
struct MessageSelector {
    let matcher: MessageMatcher
    private let filter: MessageFilter?
    private var reading = MessageReading()
    /// What is known about dialogs, when the filter asks for it.
    var facts: DialogFacts?
    /// Whether facts come from a first reading; else they grow with the messages.
    var knowsAll = false

    /// - Throws: ``Failure`` for a wrong expression, with a caret.
    init(_ settings: Settings) throws(Failure) {
        self.matcher = try MessageMatcher(settings)
        var parts: [MessageFilter] = []
        for condition in settings.conditions {
            do {
                let options: BytePattern.Options = settings.isCaseless ? .caseless : []
                parts.append(.matches(condition.field, try BytePattern(condition.expression, options)))
            } catch {
                throw Failure("\(condition.option): \(error)")
            }
        }
        for expression in settings.filters {
            do {
                parts.append(try FilterParser.parse(expression))
            } catch {
                throw Failure("--filter: \(error)")
            }
        }
        if !parts.flatMap(\.dialogFields).isEmpty {
            let needsMedia = parts.flatMap(\.dialogFields).contains(where: \.needsMedia)
            let media = needsMedia ? MediaTracker() : nil
            if let media, let limit = settings.memoryLimit { media.limit(to: (limit - Settings.baseMemory) / 2) }
            self.facts = DialogFacts(
                media: media, maximumDialogs: needsMedia ? settings.maximumDialogs / 2 : settings.maximumDialogs)
            guard !needsMedia || !settings.files.isEmpty else {
                throw Failure("--filter: what media were like is known at the end only; it needs files (-I)")
            }
        }
        self.filter = parts.isEmpty ? nil : parts.count == 1 ? parts[0] : .all(parts)
    }

    @inline(__always)
    mutating func accepts(_ origin: MessageOrigin, _ message: Span<UInt8>) -> Bool {
        if let facts = self.facts, !self.knowsAll { facts.take(origin, message) }
        // The match first: it needs no parsing, and most messages end here.
        guard self.matcher.accepts(message) else { return false }
        guard self.filter != nil else { return true }
        return self.passes(origin, message)
    }

    private mutating func passes(_ origin: MessageOrigin, _ message: Span<UInt8>) -> Bool {
        self.reading.read(message)
        return self.filter?.accepts(origin, message, self.reading, self.facts) ?? true
    }
}
