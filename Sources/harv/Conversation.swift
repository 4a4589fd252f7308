import SIPKit
import SIPTrace

/// All messages with one Call-ID, from the first to the quiet after the last: a call, a registration, a ping.
///
/// Rules look at a conversation when it is complete, never earlier, so each of them is a plain function of one value.
///
/// It belongs to one thread at a time and calls nobody while it changes. So exclusive access is not checked when the
/// program runs: the checks of this class and its like were a twelfth of all work.
final class Conversation: Codable {
    @exclusivity(unchecked) private(set) var call: UInt64
    @exclusivity(unchecked) private(set) var records: [ExchangeRecord] = []
    /// The messages' bytes, one after another.
    @exclusivity(unchecked) private(set) var bytes: [UInt8] = []
    /// What REGISTERs and their answers say about bindings.
    @exclusivity(unchecked) private(set) var registrations: [RegistrationNote] = []
    /// Messages that came when the limits were reached: counted, not kept.
    @exclusivity(unchecked) private(set) var unkept = 0
    @exclusivity(unchecked) private(set) var firstTime: Int64 = 0
    @exclusivity(unchecked) private(set) var lastTime: Int64 = 0
    @exclusivity(unchecked) private(set) var hasInvite = false
    /// What any of the messages has, so that most rules need not look at each.
    @exclusivity(unchecked) private(set) var traits: ExchangeRecord.Traits = []
    @exclusivity(unchecked) private(set) var marks = Marks()
    @exclusivity(unchecked) private(set) var hasSelf = false
    var hasRepeats: Bool { self.marks.contains(.repeated) }
    @exclusivity(unchecked) private var methods: UInt64 = 0
    /// Whether there is a request of this method, or an answer to one.
    func has(_ method: SIPMethod) -> Bool { self.methods &>> UInt64(method.rawValue) & 1 != 0 }
    /// How long the receiver of the first relayed INVITE had been quiet, and whether it had registered from behind a NAT.
    @exclusivity(unchecked) var quiet: Int64? = nil
    @exclusivity(unchecked) var quietPeerIsBehindNAT = false
    /// Whom the newest INVITE without a To tag, seen for the first time, asks for (``CallContext/identity(_:_:seed:)``), and its place.
    @exclusivity(unchecked) var target = Target()
    @exclusivity(unchecked) private var isConfirmed = false
    @exclusivity(unchecked) private var isOver = false

    struct Target: Codable {
        var place = -1
        var identity: UInt64? = nil
    }

    static let maxRecords = 400
    static let maxBytes = 512 << 10

    init(call: UInt64) { self.call = call }

    /// Whether its memory is worth keeping for another registration or ping, or for another call.
    var isSmall: Bool { self.records.capacity <= 8 && self.bytes.capacity <= 3 << 10 }
    var isUsualCall: Bool { self.records.capacity <= 64 && self.bytes.capacity <= 32 << 10 }

    /// Begins anew with another Call-ID, in the memory that it has.
    func begin(_ call: UInt64) {
        self.call = call
        self.records.removeAll(keepingCapacity: true)
        self.bytes.removeAll(keepingCapacity: true)
        self.registrations.removeAll(keepingCapacity: true)
        self.unkept = 0
        self.firstTime = 0
        self.lastTime = 0
        self.hasInvite = false
        self.traits = []
        self.marks = Marks()
        self.hasSelf = false
        self.methods = 0
        self.target = Target()
        self.quiet = nil
        self.quietPeerIsBehindNAT = false
        self.isConfirmed = false
        self.isOver = false
    }

    func append(_ record: ExchangeRecord, _ message: Span<UInt8>) {
        if self.records.isEmpty {
            self.firstTime = record.time
            self.records.reserveCapacity(record.method == .invite ? 16 : 4)
        }
        self.lastTime = max(self.lastTime, record.time)
        self.note(record)
        guard self.records.count < Self.maxRecords else {
            self.unkept += 1
            return
        }
        var record = record
        record.original = self.place(of: record)
        record.length = Int32(truncatingIfNeeded: message.count)
        self.marks.formUnion(Marks.of(record).union(Marks.of(record, at: self.records.count, after: self.records)))
        record.length = 0
        if self.bytes.count + message.count <= Self.maxBytes {
            record.start = Int32(truncatingIfNeeded: self.bytes.count)
            record.length = Int32(truncatingIfNeeded: message.count)
            if self.bytes.capacity == 0 { self.bytes.reserveCapacity(message.count * (self.hasInvite ? 16 : 3)) }
            message.withUnsafeBufferPointer { self.bytes.append(contentsOf: $0) }
        }
        self.records.append(record)
    }

    /// Keeps what a REGISTER or an answer to one says; called before the message itself is kept.
    func note(_ registration: RegistrationNote) {
        guard self.records.count < Self.maxRecords else { return }
        var registration = registration
        registration.place = Int32(truncatingIfNeeded: self.records.count)
        if !registration.isRequest, !self.confirms(registration) { self.marks.insert(.otherContact) }
        if self.registrations.isEmpty { self.registrations.reserveCapacity(2) }
        self.registrations.append(registration)
    }

    /// Whether an answer lists the Contact of its REGISTER and no other; false also where that is not certain.
    private func confirms(_ answer: RegistrationNote) -> Bool {
        let request = self.registrations.first {
            $0.isRequest && $0.topBranch == answer.topBranch && $0.cSeq == answer.cSeq
        }
        return answer.count == 1 && answer.contact != 0 && request?.contact == answer.contact
    }

    /// What the REGISTER or answer in a place says; `nil` for other messages.
    func registration(_ place: Int) -> RegistrationNote? { self.registrations.first { Int($0.place) == place } }

    private func note(_ record: ExchangeRecord) {
        self.traits.formUnion(record.traits)
        self.methods |= 1 &<< UInt64(record.method.rawValue)
        if record.isSelf { self.hasSelf = true }
        switch record.method {
        case .invite:
            self.hasInvite = true
            if record.isSuccess { self.isConfirmed = true }
            if record.isFinal, !record.isSuccess, !self.isConfirmed { self.isOver = true }
            if record.isRequest, record.isFirst { self.isOver = false }
        case .bye: self.isOver = true
        default: break
        }
    }

    /// The first sight of this message, looked for from the end: it is near.
    private func place(of record: ExchangeRecord) -> Int32 {
        let own = Int32(truncatingIfNeeded: self.records.count)
        guard record.passage != .first else { return own }
        var at = self.records.count - 1
        while at >= 0 {
            let other = self.records[at]
            if other.endToEnd == record.endToEnd, other.passage == .first { return Int32(truncatingIfNeeded: at) }
            at -= 1
        }
        return own
    }

    private var isRegistration: Bool { self.methods == 1 &<< UInt64(SIPMethod.register.rawValue) }

    /// When nothing more is to be expected: 64·T1 after an ending, three minutes for an INVITE without an answer, four
    /// hours for a call that is up.
    var dueTime: Int64 {
        // A phone refreshes its registration in one conversation for months: it is looked at in parts.
        if self.isRegistration, self.records.count >= 40, self.records.last?.isSuccess == true { return self.lastTime }
        let seconds: Int64 =
            if !self.hasInvite || self.isOver { 33 } else if self.isConfirmed { 4 * 3600 } else { 181 }
        return self.lastTime &+ seconds * 1_000_000_000
    }

    /// What it costs, about.
    var footprint: Int {
        200 + self.records.capacity * MemoryLayout<ExchangeRecord>.stride + self.bytes.capacity
            + self.registrations.capacity * MemoryLayout<RegistrationNote>.stride
    }

    /// Notes which messages came to a server and which left one.
    func noteDirections(_ servers: ServerSet) {
        guard !servers.isEmpty else { return }
        self.records.withUnsafeMutableBufferPointer { records in
            for place in records.indices where !records[place].isSelf {
                if servers.contains(records[place].destination) { records[place].traits.insert(.isIn) }
                if servers.contains(records[place].source) { records[place].traits.insert(.isOut) }
            }
        }
    }

    /// The bytes of a message; empty when they were not kept.
    func message(_ place: Int) -> [UInt8] {
        let record = self.records[place]
        guard record.length > 0 else { return [] }
        return Array(self.bytes[Int(record.start)..<Int(record.start + record.length)])
    }
}
