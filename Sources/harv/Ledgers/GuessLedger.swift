import SIPKit
import SIPTrace

/// Refused logins by source: how many in ten minutes, for whom, and whether the answers differed.
struct GuessLedger: Sendable, Codable {
    struct Source: Sendable, Codable {
        var windowStart: Int64
        var responses: Set<UInt64> = []
        var users: Set<String> = []
        /// Different answers to one and the same nonce: different passwords for certain.
        var nonce: UInt64 = 0
        var sameNonce: Set<UInt64> = []
        var worst = 0
        var worstUsers = 0
        var isGuessing = false
        var firstTime: Int64
    }

    static let maxSources = 20_000
    static let perWindow = 20
    private(set) var sources: [IPAddress: Source] = [:]

    func isGuessing(_ address: IPAddress) -> Bool { self.sources[address]?.isGuessing ?? false }

    /// - Returns: whether there was a refused login: a stale nonce is none.
    mutating func note(_ context: CallContext, seed: UInt64) -> Bool {
        guard context.conversation.marks.contains(.refusedLogin) else { return false }
        var isRefused = false
        for place in context.records.indices {
            let answer = context.records[place]
            guard [401, 403, 407].contains(answer.status), answer.isFirst, answer.viaCount == 1,
                !answer.traits.contains(.isStale),
                let request = context.records.firstIndex(where: {
                    $0.isRequest && $0.topBranch == answer.topBranch && $0.cSeq == answer.cSeq
                        && $0.traits.contains(.hasCredentials)
                }), let message = context.message(request),
                let range = message.first(.authorization) ?? message.first(.proxyAuthorization)
            else { continue }
            let text = Printable.text(message[range])
            guard let response = CallContext.parameter("response", in: text) else { continue }
            isRefused = true
            self.add(
                context.records[request].source.ip, answer.time, Self.hash(response, seed),
                Self.hash(CallContext.parameter("nonce", in: text) ?? "", seed),
                CallContext.parameter("username", in: text) ?? "")
        }
        return isRefused
    }

    private mutating func add(_ source: IPAddress, _ time: Int64, _ response: UInt64, _ nonce: UInt64, _ user: String) {
        guard self.sources[source] != nil || self.sources.count < Self.maxSources else { return }
        var entry = self.sources[source] ?? Source(windowStart: time, firstTime: time)
        if time - entry.windowStart > 600_000_000_000 {
            entry.windowStart = time
            entry.responses.removeAll(keepingCapacity: true)
            entry.users.removeAll(keepingCapacity: true)
        }
        if entry.nonce != nonce {
            entry.nonce = nonce
            entry.sameNonce.removeAll(keepingCapacity: true)
        }
        if entry.responses.count < 1_000 { entry.responses.insert(response) }
        if entry.users.count < 64 { entry.users.insert(user) }
        if entry.sameNonce.count < 8 { entry.sameNonce.insert(response) }
        if entry.responses.count > entry.worst {
            entry.worst = entry.responses.count
            entry.worstUsers = entry.users.count
        }
        // A phone with a wrong password also fails all night, with another answer to each nonce: many answers in a short
        // time are not enough, they must be guesses for one nonce, or for several users, or faster than a phone asks.
        let seconds = Double(time - entry.windowStart) / 1e9
        if entry.responses.count >= Self.perWindow,
            entry.sameNonce.count >= 3 || entry.users.count >= 3 || seconds < Double(entry.responses.count)
        {
            entry.isGuessing = true
        }
        self.sources[source] = entry
    }

    private static func hash(_ text: String, _ seed: UInt64) -> UInt64 {
        let bytes = Array(text.utf8)
        return IdentityHash.of(bytes.span, ByteRange(0, bytes.count), seed: seed)
    }
}
