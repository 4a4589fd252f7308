import SIPKit

/// The registrations of a trace: how many tries, how many good, by how many users.
struct RegistrationFigures: Sendable, Equatable, Codable {
    var tried = 0
    var good = 0
    /// Refused although the password was sent, at least twice in one try.
    var loops = 0
    /// No answer at all.
    var silent = 0
    /// From the REGISTER that was accepted to its 200 (RFC 6076 §4.2).
    var delay = Distribution()
    var noise = 0
    /// How long registrations were granted for, in seconds, and how often.
    private(set) var granted: [Int: Int] = [:]
    private(set) var users: Set<UInt64> = []
    static let maxUsers = 500_000

    mutating func addUser(_ user: UInt64) {
        if self.users.count < Self.maxUsers { self.users.insert(user) }
    }

    mutating func addGranted(_ seconds: Int) {
        if self.granted[seconds] != nil || self.granted.count < 1_000 { self.granted[seconds, default: 0] += 1 }
    }

    mutating func add(_ other: RegistrationFigures) {
        self.tried += other.tried
        self.good += other.good
        self.loops += other.loops
        self.silent += other.silent
        self.delay.add(other.delay)
        for user in other.users { self.addUser(user) }
        for (seconds, count) in other.granted where self.granted[seconds] != nil || self.granted.count < 1_000 {
            self.granted[seconds, default: 0] += count
        }
    }

    mutating func add(_ records: [ExchangeRecord], user: UInt64, hasTimes: Bool) {
        self.tried += 1
        var hasFinal = false
        var hasSuccess = false
        for answer in records where answer.isAnswer(to: .register) && answer.isFinal && answer.isFirst {
            hasFinal = true
            if answer.isSuccess { hasSuccess = true }
        }
        if !hasFinal { self.silent += 1 }
        var refusedWithPassword = 0
        for request in records where request.isRequest(.register) && request.isFirst {
            guard
                let answer = records.first(where: {
                    $0.isAnswer(to: .register) && $0.isFinal && $0.isFirst && $0.cSeq == request.cSeq
                        && $0.bottomBranch == request.bottomBranch
                })
            else { continue }
            if answer.isSuccess {
                if hasTimes { self.delay.add(answer.time - request.time) }
            } else if answer.isChallenge, request.traits.contains(.hasCredentials) {
                refusedWithPassword += 1
            }
        }
        if hasSuccess {
            self.good += 1
            self.addUser(user)
        }
        if refusedWithPassword >= 2 { self.loops += 1 }
    }
}

/// OPTIONS that look whether the other side is there.
struct PingFigures: Sendable, Equatable, Codable {
    var sent = 0
    var answered = 0
    var delay = Distribution()
    /// Packets without SIP that only keep a NAT's door open.
    var keepAlives = 0

    mutating func add(_ other: PingFigures) {
        self.sent += other.sent
        self.answered += other.answered
        self.delay.add(other.delay)
    }

    mutating func add(_ records: [ExchangeRecord], hasTimes: Bool) {
        for request in records where request.isRequest(.options) && request.isFirst {
            self.sent += 1
            let answer = records.first {
                $0.isAnswer(to: .options) && $0.isFinal && $0.cSeq == request.cSeq
                    && $0.bottomBranch == request.bottomBranch
            }
            guard let answer else { continue }
            self.answered += 1
            if hasTimes { self.delay.add(answer.time - request.time) }
        }
    }
}
