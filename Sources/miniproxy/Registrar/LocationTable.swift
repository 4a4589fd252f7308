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
    }
    private let secret: KeyedHash
    private let state = Mutex(State())

    init(name: [UInt8], secret: KeyedHash) {
        self.name = name
        self.secret = secret
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
            // The record is changed where it lies: taking it out and putting it back would copy its bindings.
            if state.slots[slot] == nil { state.slots[slot] = [] }
            var order = state.order
            let result: Result
            let before: Int
            let after: Int
            if let place = state.slots[slot]!.firstIndex(where: { $0.key == key }) {
                before = state.slots[slot]![place].bindings.count
                result = body(&state.slots[slot]![place], &order)
                after = state.slots[slot]![place].bindings.count
                state.slots[slot]![place].emptySince = after == 0 ? second : 0
            } else {
                var record = Record(key: key, bindings: [])
                result = body(&record, &order)
                before = 0
                after = record.bindings.count
                record.emptySince = after == 0 ? second : 0
                if after > 0 {
                    state.slots[slot]!.append(record)
                } else if state.slots[slot]!.isEmpty {
                    state.slots[slot] = nil
                }
            }
            state.order = order
            state.bindingCount += after - before
            return result
        }
    }

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

    var userCount: Int { self.state.withLock { $0.slots.count } }
    var bindingCount: Int { self.state.withLock { $0.bindingCount } }

    /// Every record, for lists; a copy.
    func all() -> [Record] { self.state.withLock { $0.slots.values.flatMap { $0 } } }
}

/// The tables by their names; one is made when a script names it first.
final class LocationTables: Sendable {
    private let secret: KeyedHash
    private let tables = Mutex<[[UInt8]: LocationTable]>([:])
    /// The one that every script has, without a look-up.
    let location: LocationTable

    init(secret: KeyedHash) {
        self.secret = secret
        self.location = LocationTable(name: Array("location".utf8), secret: secret)
    }

    func named(_ name: [UInt8]) -> LocationTable {
        if name == self.location.name { return self.location }
        return self.tables.withLock { tables in
            if let table = tables[name] { return table }
            let table = LocationTable(name: name, secret: self.secret)
            tables[name] = table
            return table
        }
    }

    var all: [LocationTable] { [self.location] + self.tables.withLock { Array($0.values) } }
}
