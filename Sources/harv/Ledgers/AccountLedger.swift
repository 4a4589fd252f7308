import SIPKit
import SIPTrace

/// Calls abroad by account: how many in an hour, to which prefixes, how many at once.
struct AccountLedger: Sendable, Codable {
    struct Call: Sendable, Codable {
        var start: Int64
        var end: Int64
        /// The first four digits behind the international prefix.
        var prefix: UInt32
        var isAnswered: Bool
    }
    struct Account: Sendable, Codable {
        var name: String
        var firstTime: Int64
        var all = 0
        /// Those of the last hour, at most ``maxRecent``.
        var recent: [Call] = []
        var worst: Alarm? = nil
    }
    struct Alarm: Sendable, Equatable, Codable {
        var calls: Int
        var prefix: UInt32
        var minutes: Int
        var usualPerDay: Double
        var prefixes: Int
        var parallel: Int
        var failures: Int
    }

    static let maxAccounts = 20_000
    static let maxRecent = 256
    static let hour: Int64 = 3_600_000_000_000
    private(set) var accounts: [UInt64: Account] = [:]
    /// Calls by country (the first two digits), to know which one is home.
    private(set) var countries: [UInt32: Int] = [:]

    mutating func note(_ context: CallContext, _ facts: CallFacts, seed: UInt64) {
        guard let message = context.message(facts.lastInvite), message.isRequest,
            let uri = try? URIRanges(parsing: message.span, message.requestURI),
            let prefix = Self.prefix(message.span, uri.user),
            let user = context.identity(facts.lastInvite, .from, seed: seed)
        else { return }
        self.countries[prefix / 100, default: 0] += 1
        guard self.accounts[user] != nil || self.accounts.count < Self.maxAccounts else { return }
        let start = context.records[facts.lastInvite].time
        let end = facts.bye.map { context.records[$0].time } ?? context.conversation.lastTime
        Self.update(
            &self.accounts[user, default: Account(name: context.caller(facts.lastInvite), firstTime: start)],
            Call(start: start, end: max(start, end), prefix: prefix, isAnswered: facts.isAnswered))
    }

    private static func update(_ account: inout Account, _ call: Call) {
        account.all += 1
        account.recent.removeAll { call.start - $0.start > hour }
        if account.recent.count < Self.maxRecent { account.recent.append(call) }
        let recent = account.recent
        guard recent.count >= 20, let first = recent.first else { return }
        let before = account.all - recent.count
        let hoursBefore = max(1, Double(first.start - account.firstTime) / Double(Self.hour))
        let usual = Double(before) / hoursBefore
        guard Double(recent.count) >= 5 * max(1, usual), recent.count > account.worst?.calls ?? 0 else { return }
        var byPrefix: [UInt32: Int] = [:]
        for call in recent { byPrefix[call.prefix, default: 0] += 1 }
        let failures = recent.prefix { !$0.isAnswered }.count
        let parallel = recent.map { call in recent.count { $0.start <= call.start && $0.end > call.start } }.max() ?? 0
        // One more sign besides the number, or a call centre would be called a thief.
        guard byPrefix.count >= 3 && failures >= 3 || parallel >= 5 else { return }
        let most = byPrefix.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key ?? call.prefix
        account.worst = Alarm(
            calls: recent.count, prefix: most, minutes: Int((call.start - first.start) / 60_000_000_000),
            usualPerDay: usual * 24, prefixes: byPrefix.count, parallel: parallel, failures: failures)
    }

    /// The first four digits of a number that is dialled as an international one; `nil` for any other.
    static func prefix(_ bytes: Span<UInt8>, _ user: ByteRange) -> UInt32? {
        var start = user.start
        guard user.count >= 9 else { return nil }
        if bytes[start] == 0x2B {
            start += 1
        } else if bytes[start] == 0x30, bytes[start + 1] == 0x30 {
            start += 2
        } else if bytes[start] == 0x30, bytes[start + 1] == 0x31, bytes[start + 2] == 0x31 {
            start += 3
        } else {
            return nil
        }
        return ASCII.number(bytes, ByteRange(start, min(user.end, start + 4)), limit: 9_999).map {
            UInt32(truncatingIfNeeded: $0)
        }
    }

    /// The country that most calls go to, when most do: calls home are no calls abroad.
    var home: UInt32? {
        let all = self.countries.values.reduce(0, +)
        let most = self.countries.max { ($0.value, $1.key) < ($1.value, $0.key) }
        guard let most, self.accounts.count >= 10, most.value * 2 > all else { return nil }
        return most.key
    }

    var alarms: [(name: String, alarm: Alarm)] {
        let home = self.home
        return self.accounts.values.compactMap { account in
            guard let worst = account.worst, worst.prefix / 100 != home else { return nil }
            return (account.name, worst)
        }.sorted { ($1.alarm.calls, $0.name) < ($0.alarm.calls, $1.name) }
    }
}
