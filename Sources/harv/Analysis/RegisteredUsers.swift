import SIPKit
import SIPTrace

/// What became of each user's registrations: one row for each address-of-record (`--registrations`).
///
/// Kept only where it is asked for. A user costs 176 bytes, a name of some 20 and 16 to 32 in the index, and as much
/// again while the tables grow: 500,000 users are 100 to 200 MB. Those beyond are not listed.
struct RegisteredUsers: Sendable, Codable {
    /// How a user's registration stands, what needs a look first.
    enum State: Int, CaseIterable, Sendable, Codable {
        case refused, unanswered, expired, registered, removed

        var name: String {
            switch self {
            case .refused: "refused"
            case .unanswered: "no answer"
            case .expired: "expired"
            case .registered: "registered"
            case .removed: "removed"
            }
        }
    }

    struct Row: Sendable, Codable {
        fileprivate var nameStart: UInt32 = 0
        fileprivate var nameLength: UInt8 = 0
        /// What the registrar said last.
        fileprivate var last = State.unanswered
        /// Contacts that are bound by the registrar's newest list.
        var bindings: UInt16 = 0
        /// Contacts (host and port) that asked to be bound; exact up to ``maxContacts``.
        private(set) var contacts: UInt16 = 0
        /// The newest of them by their hashes, and when each was bound last, in seconds since 1970; 0 where there is none.
        private var hashes = SIMD4<UInt32>()
        private var bound = SIMD4<UInt32>()
        /// The phone, as the agents' table numbers it; 0 without a name.
        var agent: UInt32 = 0
        /// Where the newest REGISTER came from.
        var source: SocketAddress
        /// What its Contact says, where that is an address.
        var contact: SocketAddress? = nil
        /// When a binding was granted last, and until when one lasts; nanoseconds since 1970.
        var refreshed: Int64 = 0
        var ends: Int64 = 0
        /// How long it was granted for, in seconds; 0 while none was.
        var granted: UInt32 = 0
        var accepted: UInt32 = 0
        /// Refusals, challenges that were answered left out, and the code of the newest.
        var refused: UInt32 = 0
        var code: UInt16 = 0
        var unanswered: UInt32 = 0
        /// Seconds between two grants to one Contact, and how many such pairs there were.
        private var intervalSum: UInt64 = 0
        private var intervals: UInt32 = 0

        static let maxContacts = 4

        init(source: SocketAddress) { self.source = source }

        /// The mean time between two grants to one Contact, in seconds.
        var interval: Double? { self.intervals == 0 ? nil : Double(self.intervalSum) / Double(self.intervals) }

        /// Notes a Contact that was bound.
        fileprivate mutating func bind(_ contact: UInt64, at time: Int64) {
            let hash = UInt32(truncatingIfNeeded: contact ^ contact >> 32) | 1
            let now = UInt32(clamping: max(1, time / 1_000_000_000))
            var place = -1
            for slot in 0..<Self.maxContacts where self.hashes[slot] == hash { place = slot }
            if place < 0 {
                place = 0
                for slot in 0..<Self.maxContacts where self.bound[slot] < self.bound[place] { place = slot }
                self.contacts += self.contacts < .max ? 1 : 0
            } else if now > self.bound[place] {
                self.intervalSum += UInt64(now - self.bound[place])
                self.intervals &+= 1
            }
            self.hashes[place] = hash
            self.bound[place] = now
        }

        /// How it stands at the end of the trace.
        ///
        /// - Parameter now: the newest time in the trace; `nil` where it has no times, and nothing is known to expire.
        func state(now: Int64?) -> State {
            if self.bindings > 0, now.map({ $0 <= self.ends }) ?? true { return .registered }
            return self.last == .registered ? .expired : self.last
        }

        /// Whether anything went wrong.
        var isTroubled: Bool { self.refused > 0 || self.unanswered > 0 }
    }

    private var places = KeyTable<UInt32>()
    private(set) var rows: [Row] = []
    /// The users' names, one behind the other.
    private var names: [UInt8] = []
    /// Whether there were more users than are listed.
    private(set) var isFull = false

    static let maxUsers = 500_000
    static let maxName = 100

    /// `user@host`.
    func name(_ row: Row) -> String {
        Printable.text(self.names[Int(row.nameStart)..<Int(row.nameStart) + Int(row.nameLength)])
    }

    /// The rows, what needs a look first.
    func sorted(now: Int64?) -> [(name: String, state: State, row: Row)] {
        let rows = self.rows.map { row in
            let state = row.state(now: now)
            // A phone that is registered and was refused on the way comes between the lost ones and the good ones.
            return (
                rank: state.rawValue * 2 + (state == .registered && row.isTroubled ? -1 : 0),
                trouble: Int(row.refused) + Int(row.unanswered), name: self.name(row), state: state, row: row
            )
        }
        return rows.sorted { ($0.rank, $1.trouble, $0.name) < ($1.rank, $0.trouble, $1.name) }
            .map { ($0.name, $0.state, $0.row) }
    }

    // MARK: Reading

    /// What a conversation's REGISTERs asked for and got.
    mutating func note(_ context: CallContext) {
        /// A challenge that nobody has answered yet: it is a refusal when nothing follows.
        var open: (place: Int, code: UInt16, count: UInt32)? = nil
        for place in context.records.indices {
            let request = context.records[place]
            guard request.isRequest(.register), request.isFirst, let row = self.place(context, place) else { continue }
            self.rows[row].source = request.source
            if request.agent != 0 { self.rows[row].agent = request.agent }
            guard
                let at = context.records.firstIndex(where: {
                    $0.isAnswer(to: .register) && $0.isFinal && $0.isFirst && $0.cSeq == request.cSeq
                        && $0.bottomBranch == request.bottomBranch
                })
            else {
                guard !context.hasTimes || context.wentOn(32, after: place) else { continue }
                self.rows[row].unanswered &+= 1
                self.rows[row].last = .unanswered
                continue
            }
            let answer = context.records[at]
            if answer.isChallenge {
                // Once refused with a password may be an old nonce (RFC 2617 §3.3); what follows tells.
                let isRefusal = request.traits.contains(.hasCredentials) && !answer.traits.contains(.isStale)
                let before = open.flatMap { $0.place == row ? $0.count : nil } ?? 0
                open = (row, answer.status, before + (isRefusal ? 1 : 0))
                continue
            }
            if let challenge = open, challenge.place == row, challenge.count > 1 {
                self.refuse(row, challenge.code, challenge.count)
            }
            open = nil
            if answer.isSuccess {
                self.accept(context, place, at, row)
            } else {
                self.refuse(row, answer.status, 1)
            }
        }
        if let open { self.refuse(open.place, open.code, max(1, open.count)) }
    }

    private mutating func refuse(_ row: Int, _ code: UInt16, _ count: UInt32) {
        self.rows[row].refused &+= count
        self.rows[row].code = code
        self.rows[row].last = .refused
    }

    private mutating func accept(_ context: CallContext, _ asked: Int, _ answer: Int, _ place: Int) {
        let request = context.registration(asked)
        let list = Self.bindings(context, answer, own: request?.contact ?? 0)
        let time = context.records[answer].time
        self.rows[place].accepted &+= 1
        self.rows[place].bindings = UInt16(clamping: list.count)
        guard list.count > 0 else {
            self.rows[place].last = .removed
            self.rows[place].ends = time
            return
        }
        self.rows[place].last = .registered
        self.rows[place].ends = time &+ min(list.longest, 31_536_000) * 1_000_000_000
        // Without its own Contact in the list it asked what is bound, or took its own away.
        guard let own = list.own, let request else { return }
        self.rows[place].refreshed = time
        self.rows[place].granted = UInt32(clamping: own)
        self.rows[place].contact = request.address
        self.rows[place].bind(request.contact, at: time)
    }

    /// The Contacts of a 2xx: how many, the longest time and the time of one of them, in seconds.
    private static func bindings(
        _ context: CallContext, _ place: Int, own: UInt64
    ) -> (count: Int, longest: Int64, own: Int64?) {
        guard let note = context.registration(place), note.count > 0 else { return (0, 0, nil) }
        guard note.count > 1 || note.seconds <= 0, let message = context.message(place),
            let addresses = try? message.addresses(.contact)
        else {
            // A single one is its own, whatever the server has written into it.
            return note.seconds > 0 ? (1, note.seconds, own == 0 ? nil : note.seconds) : (0, 0, nil)
        }
        let span = message.span
        let header = message.first(.expires)
        let seed = context.ledgers?.seed ?? 0
        var result: (count: Int, longest: Int64, own: Int64?) = (0, 0, nil)
        for address in addresses {
            let expires = address.parameter("expires", in: span) ?? header
            let seconds = expires.flatMap { ASCII.number(span, $0, limit: 0xFFFF_FFFF) }.map { Int64($0) } ?? 3600
            guard seconds > 0 else { continue }
            result.count += 1
            result.longest = max(result.longest, seconds)
            if own != 0, let uri = try? URIRanges(parsing: span, address.uri),
                IdentityHash.of(span, uri.hostPort, seed: seed) == own
            {
                result.own = seconds
            }
        }
        return result
    }

    /// The row of whom a REGISTER registers; `nil` where that cannot be read or the table is full.
    private mutating func place(_ context: CallContext, _ asked: Int) -> Int? {
        guard let note = context.registration(asked) else { return nil }
        let user = note.user ?? note.addressOfRecord
        guard user != 0 else { return nil }
        if let known = self.places[user] { return Int(known) }
        guard self.rows.count < Self.maxUsers else {
            self.isFull = true
            return nil
        }
        guard let uri = context.uri(asked, .to) else { return nil }
        let name = (uri.user.isEmpty ? uri.host : "\(uri.user)@\(uri.host)").utf8.prefix(Self.maxName)
        var row = Row(source: context.records[asked].source)
        row.nameStart = UInt32(self.names.count)
        row.nameLength = UInt8(name.count)
        self.names += name
        self.places[user] = UInt32(self.rows.count)
        self.rows.append(row)
        return self.rows.count - 1
    }
}
