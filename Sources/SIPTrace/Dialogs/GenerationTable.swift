/// A table that forgets: entries that nobody touched for a while go all at once.
///
/// Two tables take turns: what is looked up or written moves into the young one; when time or the limit has come,
/// the old one is dropped. So forgetting costs nothing per entry and the size is bounded by twice the limit.
public struct GenerationTable<Value> {
    @usableFromInline var young = KeyTable<Value>()
    @usableFromInline var old = KeyTable<Value>()
    @usableFromInline var nextTurn: Int64? = nil
    @usableFromInline let lifetime: Int64
    @usableFromInline let limit: Int
    /// Entries that went because the limit was reached and not because their time was over.
    @usableFromInline var evictedCount = 0
    public var evicted: Int { self.evictedCount }

    /// - Parameters:
    ///   - lifetime: nanoseconds that an entry is kept at least; at most twice as long.
    ///   - limit: how many entries one generation may hold.
    public init(lifetime: Int64, limit: Int) {
        self.lifetime = lifetime
        self.limit = max(1, limit)
    }

    public var count: Int { self.young.count + self.old.count }

    /// Lets the time pass; called with each message's time (0 where a trace has none).
    @inlinable @inline(__always)
    public mutating func advance(to now: Int64) {
        if let turn = self.nextTurn, now < turn, self.young.count < self.limit { return }
        self.turn(now)
    }

    @inlinable
    mutating func turn(_ now: Int64) {
        if self.nextTurn == nil {
            self.nextTurn = now &+ self.lifetime
            return
        }
        if self.young.count >= self.limit { self.evictedCount += self.old.count }
        swap(&self.young, &self.old)
        self.young.removeAll(keepingCapacity: true)
        self.nextTurn = now &+ self.lifetime
    }

    /// Asks for the memory that a search for the key begins in.
    @inlinable @inline(__always)
    public func expect(_ key: UInt64) {
        self.young.expect(key)
        self.old.expect(key)
    }

    public subscript(key: UInt64) -> Value? {
        @inlinable @inline(__always) get { self.young[key] ?? (self.old.isEmpty ? nil : self.old[key]) }
        @inlinable @inline(__always) set { self.young[key] = newValue }
    }
}

extension GenerationTable: Sendable where Value: Sendable {}
extension GenerationTable: Codable where Value: Codable {}
