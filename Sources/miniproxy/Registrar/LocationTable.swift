import SIPKit
import Synchronization

/// The bindings of all users of one table (`location`, `aliases` …): the working copy, in memory.
///
/// Keys are addresses-of-record as bytes. A record stays when its last binding has gone, until the next sweep finds it
/// empty and old: so a known user who is away (480) can be told from a stranger (404) for a while.
final class LocationTable: Sendable {
    struct Record: Sendable {
        var key: [UInt8]
        /// Sorted as they are tried: q descending, then the latest first.
        var bindings: [Binding]
        /// When the last binding went, in seconds since 1970; 0 while there is one.
        var emptySince: Int64 = 0
        /// Bindings of this order and below are in the database.
        var durable: UInt64 = 0
        /// URIs of bindings that have gone and that the database may still have.
        var removals: [Removal] = []

        struct Removal: Sendable {
            var uri: [UInt8]
            var order: UInt64
        }

        /// Takes bindings away because somebody wants it; those that end by themselves the database knows to end.
        mutating func remove(_ order: inout UInt64, where isGone: (Binding) -> Bool) {
            for binding in self.bindings where isGone(binding) {
                order += 1
                self.removals.append(Removal(uri: binding.uri, order: order))
            }
            self.bindings.removeAll(where: isGone)
        }

        mutating func sort(byTime: Bool) {
            guard self.bindings.count > 1 else { return }
            self.bindings.sort { !byTime && $0.q != $1.q ? $0.q > $1.q : $0.order > $1.order }
        }
    }

    let name: [UInt8]
    /// The most bindings one user may have, whatever the script says.
    static let bindingsPerUser = 64
    /// How long a user without bindings stays known, in seconds.
    static let memory: Int64 = 86_400
    private struct State {
        /// Keyed by a hash under a secret of this process; two users with one hash share a slot's list.
        var slots: [UInt64: [Record]] = [:]
        var order: UInt64 = 0
        var bindingCount = 0
        var sweepQueue: [UInt64] = []
        /// Users of whom the database does not know all yet.
        var unsaved: Set<[UInt8]> = []
    }
    /// Whether a database follows: what changes is remembered until it is there.
    let isPersistent: Bool
    private let secret: KeyedHash
    private let state = Mutex(State())

    init(name: [UInt8], secret: KeyedHash, isPersistent: Bool = false) {
        self.name = name
        self.secret = secret
        self.isPersistent = isPersistent
    }

    private func slot(_ key: [UInt8]) -> UInt64 {
        var hash = self.secret
        hash.combine(key.span, ByteRange(0, key.count))
        return hash.value.low
    }

    /// Looks at a user's record, the expired bindings included; `nil` for one that nobody knows.
    func withRecord<Result>(_ key: [UInt8], _ body: (borrowing Record) -> Result) -> Result? {
        let slot = self.slot(key)
        return self.state.withLock { state in
            guard let place = state.slots.index(forKey: slot) else { return nil }
            for record in state.slots.values[place] where record.key == key { return body(record) }
            return nil
        }
    }

    /// Changes a user's record, which is made when there is none.
    func update<Result>(_ key: [UInt8], now second: Int64, _ body: (inout Record, inout UInt64) -> Result) -> Result {
        let slot = self.slot(key)
        return self.state.withLock { state in
            var order = state.order
            let result: Result
            let before: Int
            let after: Int
            // The record is changed where it lies: taking it out and putting it back would copy its bindings.
            if let index = state.slots.index(forKey: slot),
                let place = state.slots.values[index].firstIndex(where: { $0.key == key })
            {
                before = state.slots.values[index][place].bindings.count
                result = body(&state.slots.values[index][place], &order)
                after = state.slots.values[index][place].bindings.count
                state.slots.values[index][place].emptySince = after == 0 ? second : 0
            } else {
                var record = Record(key: key, bindings: [])
                before = 0
                result = body(&record, &order)
                after = record.bindings.count
                if after > 0 { state.slots[slot, default: []].append(record) }
            }
            if self.isPersistent, order != state.order { state.unsaved.insert(key) }
            state.order = order
            state.bindingCount += after - before
            return result
        }
    }

    // MARK: The database

    /// What has to be written so that the database knows what is known here of a user; `nil` where it does.
    func change(of key: [UInt8]) -> LocationChange? {
        let slot = self.slot(key)
        return self.state.withLock { self.change(of: key, slot, &$0) }
    }

    /// What has to be written of users who have changed; the rest with the next call.
    func changes(limit: Int) -> [LocationChange] {
        self.state.withLock { state in
            var changes: [LocationChange] = []
            for key in Array(state.unsaved.prefix(limit)) {
                if let change = self.change(of: key, self.slot(key), &state) {
                    changes.append(change)
                } else {
                    state.unsaved.remove(key)
                }
            }
            return changes
        }
    }

    private func change(of key: [UInt8], _ slot: UInt64, _ state: inout State) -> LocationChange? {
        guard let record = state.slots[slot]?.first(where: { $0.key == key }) else { return nil }
        let replacesAll = record.removals.count > Self.bindingsPerUser
        let changed = record.bindings.filter { !$0.isVolatile && (replacesAll || $0.order > record.durable) }
        guard !changed.isEmpty || !record.removals.isEmpty else { return nil }
        return LocationChange(
            table: self, key: key, changed: changed, removed: record.removals.map(\.uri), replacesAll: replacesAll,
            stamp: state.order)
    }

    /// The database has everything of a user up to this order.
    func isDurable(_ key: [UInt8], upTo order: UInt64) {
        let slot = self.slot(key)
        self.state.withLock { state in
            guard let place = state.slots[slot]?.firstIndex(where: { $0.key == key }) else {
                state.unsaved.remove(key)
                return
            }
            state.slots[slot]![place].durable = Swift.max(order, state.slots[slot]![place].durable)
            state.slots[slot]![place].removals.removeAll { $0.order <= order }
            let isSaved =
                state.slots[slot]![place].removals.isEmpty
                && !state.slots[slot]![place].bindings.contains { $0.order > order && !$0.isVolatile }
            if isSaved { state.unsaved.remove(key) }
        }
    }

    /// Puts what the database has in place of what is known of these users.
    ///
    /// - Parameter byTime: whether the newest comes first whatever its rank.
    func load(_ users: [[UInt8]: [Binding]], byTime: Bool, now second: Int64) {
        for (key, bindings) in users {
            let slot = self.slot(key)
            self.state.withLock { state in
                let limit = Self.bindingsPerUser
                var record = Record(key: key, bindings: [])
                // They come oldest first; of too many the newest stay.
                for var binding in bindings.suffix(limit) {
                    state.order += 1
                    binding.order = state.order
                    record.bindings.append(binding)
                }
                record.sort(byTime: byTime)
                record.durable = state.order
                record.emptySince = record.bindings.isEmpty ? second : 0
                var records = state.slots[slot] ?? []
                if let place = records.firstIndex(where: { $0.key == key }) {
                    state.bindingCount -= records[place].bindings.count
                    records.remove(at: place)
                }
                state.bindingCount += record.bindings.count
                records.append(record)
                state.slots[slot] = records
            }
        }
    }

    /// Takes in all that the database has, when the proxy starts and nobody is known yet: bindings of any users, the
    /// oldest first. A hundred thousand of them come at once, so nothing is hashed or copied twice.
    func fill(_ rows: [(key: [UInt8], binding: Binding)], byTime: Bool) {
        self.state.withLock { state in
            state.slots.reserveCapacity(state.slots.count + rows.count)
            for row in rows {
                var binding = row.binding
                state.order += 1
                binding.order = state.order
                let slot = self.slot(row.key)
                if let place = state.slots.index(forKey: slot) {
                    if let known = state.slots.values[place].firstIndex(where: { $0.key == row.key }) {
                        state.slots.values[place][known].bindings.append(binding)
                    } else {
                        state.slots.values[place].append(Record(key: row.key, bindings: [binding]))
                    }
                } else {
                    state.slots[slot] = [Record(key: row.key, bindings: [binding])]
                }
            }
            var place = state.slots.startIndex
            while place != state.slots.endIndex {
                for number in state.slots.values[place].indices {
                    // Of too many the newest stay.
                    let surplus = state.slots.values[place][number].bindings.count - Self.bindingsPerUser
                    if surplus > 0 { state.slots.values[place][number].bindings.removeFirst(surplus) }
                    state.slots.values[place][number].sort(byTime: byTime)
                    state.slots.values[place][number].durable = state.order
                    state.bindingCount += state.slots.values[place][number].bindings.count
                }
                state.slots.formIndex(after: &place)
            }
        }
    }

    /// How many users the database does not know all of.
    var unsavedCount: Int { self.state.withLock { $0.unsaved.count } }

    /// Takes expired bindings away and forgets users who have been away for long.
    ///
    /// - Parameter limit: how many slots are looked at in one call, so that the loop is not held up; the next call goes
    ///   on where this one ended.
    /// - Returns: how many bindings have gone.
    func sweep(now second: Int64, limit: Int = 2_000) -> Int {
        self.state.withLock { state in
            if state.sweepQueue.isEmpty { state.sweepQueue = Array(state.slots.keys) }
            var gone = 0
            for _ in 0..<Swift.min(limit, state.sweepQueue.count) {
                let slot = state.sweepQueue.removeLast()
                guard var records = state.slots[slot] else { continue }
                state.slots[slot] = nil
                for place in records.indices {
                    let before = records[place].bindings.count
                    records[place].bindings.removeAll { $0.isExpired(at: second) }
                    gone += before - records[place].bindings.count
                    if records[place].bindings.isEmpty, records[place].emptySince == 0 {
                        records[place].emptySince = second
                    }
                }
                records.removeAll { $0.bindings.isEmpty && $0.emptySince + Self.memory < second }
                if !records.isEmpty { state.slots[slot] = records }
            }
            state.bindingCount -= gone
            return gone
        }
    }

    /// Moves all moments, because the wall clock was set; what lasts for ever stays. The database gets to know.
    func shift(by seconds: Int64) {
        self.state.withLock { state in
            for slot in Array(state.slots.keys) {
                // Changed where they lie, one list at a time.
                guard var records = state.slots.removeValue(forKey: slot) else { continue }
                for place in records.indices {
                    for binding in records[place].bindings.indices
                    where records[place].bindings[binding].expires != .max {
                        records[place].bindings[binding].expires &+= seconds
                        records[place].bindings[binding].modified &+= seconds
                    }
                    if records[place].emptySince != 0 { records[place].emptySince &+= seconds }
                    records[place].durable = 0
                    if self.isPersistent { state.unsaved.insert(records[place].key) }
                }
                state.slots[slot] = records
            }
        }
    }

    // MARK: Walks

    /// The slots of users in a part of the table; hashes under a secret, so each part of the numbers has its share.
    func slots(_ range: ClosedRange<UInt64>) -> [UInt64] {
        self.state.withLock { state in state.slots.keys.filter { range.contains($0) } }
    }

    /// The bindings of those who share a slot, the expired ones included.
    func bindings(inSlot slot: UInt64) -> [Binding] {
        self.state.withLock { state in state.slots[slot]?.flatMap(\.bindings) ?? [] }
    }

    var userCount: Int { self.state.withLock { $0.slots.count } }
    var bindingCount: Int { self.state.withLock { $0.bindingCount } }

    /// Every record, for lists; a copy.
    func all() -> [Record] { self.state.withLock { $0.slots.values.flatMap { $0 } } }
}

/// The tables by their names; one is made when a script names it first.
final class LocationTables: Sendable {
    private let secret: KeyedHash
    private let isPersistent: Bool
    private let tables = Mutex<[[UInt8]: LocationTable]>([:])
    /// The one that every script has, without a look-up.
    let location: LocationTable

    /// - Parameter isPersistent: whether a database follows all tables.
    init(secret: KeyedHash, isPersistent: Bool = false) {
        self.secret = secret
        self.isPersistent = isPersistent
        self.location = LocationTable(name: Array("location".utf8), secret: secret, isPersistent: isPersistent)
    }

    func named(_ name: [UInt8]) -> LocationTable {
        if name == self.location.name { return self.location }
        return self.tables.withLock { tables in
            if let table = tables[name] { return table }
            let table = LocationTable(name: name, secret: self.secret, isPersistent: self.isPersistent)
            tables[name] = table
            return table
        }
    }

    /// The table of this name, where a script or the database has one.
    func existing(_ name: [UInt8]) -> LocationTable? {
        name == self.location.name ? self.location : self.tables.withLock { $0[name] }
    }

    var all: [LocationTable] { [self.location] + self.tables.withLock { Array($0.values) } }
}
