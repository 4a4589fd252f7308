import SIPKit

/// The calls by something they have in common (`--by`): how many, how many answered, how long the ringing took.
struct CallGroups: Sendable, Codable {
    enum Key: String, CaseIterable, Sendable, Codable {
        case ua, peer, hint, code, prefix, hour, server, domain

        func value(_ call: CallDetail) -> String {
            switch self {
            case .ua: call.userAgent.isEmpty ? "(no name)" : UserAgentName(Array(call.userAgent.utf8)).family
            case .peer: call.source.map { "\($0.ip)" } ?? "?"
            case .hint: call.hint.isEmpty ? "(no label)" : call.hint
            case .code: call.status == 0 ? "none" : "\(call.status)"
            case .prefix: Self.prefix(CallDetail.user(call.to))
            case .hour:
                call.hasDate ? "\(TimeText.date(call.time)) \(TimeText.pad(TimeText.fields(call.time).hour, 2)) h" : "?"
            case .server: call.destination.map { "\($0)" } ?? "?"
            case .domain: call.domain.isEmpty ? "?" : call.domain
            }
        }

        /// The first three digits of a number, with its plus or zeros.
        private static func prefix(_ user: String) -> String {
            let digits = user.utf8.prefix { ASCII.isDigit($0) || $0 == ASCII.plus }
            guard digits.count >= 3 else { return "(no number)" }
            return String(
                decoding: digits.prefix(digits.first == ASCII.plus || digits.first == ASCII.zero ? 4 : 3), as: UTF8.self
            )
        }
    }

    struct Group: Sendable, Codable {
        var calls = 0
        var answered = 0
        var redirected = 0
        var dead = 0
        var ring = Distribution()
        var duration = Distribution()
        var ratio: Double? { CallFigures.ratio(self.answered, self.calls - self.redirected) }
    }

    let key: Key
    private(set) var groups: [String: Group] = [:]
    static let maxGroups = 5_000

    init(_ key: Key) { self.key = key }

    mutating func add(_ call: CallDetail) {
        var name = self.key.value(call)
        if self.groups[name] == nil, self.groups.count >= Self.maxGroups { name = "(others)" }
        var group = self.groups.removeValue(forKey: name) ?? Group()
        group.calls += 1
        if call.isAnswered { group.answered += 1 }
        if call.isRedirected { group.redirected += 1 }
        if call.isDead { group.dead += 1 }
        if let ring = call.ring { group.ring.add(ring) }
        if let duration = call.duration { group.duration.add(duration) }
        self.groups[name] = group
    }

    mutating func add(_ other: CallGroups) {
        for (name, more) in other.groups {
            let name = self.groups[name] == nil && self.groups.count >= Self.maxGroups ? "(others)" : name
            var group = self.groups.removeValue(forKey: name) ?? Group()
            group.calls += more.calls
            group.answered += more.answered
            group.redirected += more.redirected
            group.dead += more.dead
            group.ring.add(more.ring)
            group.duration.add(more.duration)
            self.groups[name] = group
        }
    }

    var sorted: [(name: String, group: Group)] {
        let byName = self.key == .hour
        return self.groups.map { ($0.key, $0.value) }.sorted {
            byName ? $0.name < $1.name : ($1.group.calls, $0.name) < ($0.group.calls, $1.name)
        }
    }
}
