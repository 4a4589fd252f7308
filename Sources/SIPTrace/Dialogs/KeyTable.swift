public import CBytes

/// A table whose keys are hashes already (``IdentityHash``), which a dictionary would hash again.
///
/// Open addressing, at most half full; what is taken out leaves no mark. The keys must be well mixed and unknown to who
/// wrote the trace, as ``IdentityHash`` makes them.
public struct KeyTable<Value> {
    @usableFromInline struct Entry {
        @usableFromInline var key: UInt64
        @usableFromInline var value: Value?

        @inlinable init(key: UInt64, value: Value?) {
            self.key = key
            self.value = value
        }
    }

    /// An entry without a value is free.
    @usableFromInline var entries: [Entry] = []
    @usableFromInline var mask = 0
    @usableFromInline var used = 0
    @inlinable public var count: Int { self.used }

    @inlinable public init() {}

    @inlinable public var isEmpty: Bool { self.used == 0 }

    /// Where a key's search begins. One multiplication, for callers whose keys are mixed less well than they should be.
    @inlinable @inline(__always)
    func home(of key: UInt64) -> Int {
        Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) &>> 32) & self.mask
    }

    /// The place of a key, or of the free entry where it would stand; the table must not be empty.
    @inlinable @inline(__always)
    func place(of key: UInt64) -> Int {
        var place = self.home(of: key)
        while self.entries[place].value != nil, self.entries[place].key != key { place = (place &+ 1) & self.mask }
        return place
    }

    public subscript(key: UInt64) -> Value? {
        @inlinable @inline(__always) get { self.entries.isEmpty ? nil : self.entries[self.place(of: key)].value }
        @inlinable @inline(__always) set {
            guard let newValue else {
                _ = self.remove(key)
                return
            }
            if (self.used &+ 1) &* 2 > self.entries.count { self.grow() }
            let place = self.place(of: key)
            if self.entries[place].value == nil { self.used &+= 1 }
            self.entries[place] = Entry(key: key, value: newValue)
        }
    }

    /// Asks for the memory that a search for the key begins in.
    @inlinable @inline(__always)
    public func expect(_ key: UInt64) {
        guard !self.entries.isEmpty else { return }
        unsafe self.entries.withUnsafeBufferPointer { entries in
            if let start = entries.baseAddress { unsafe cbytes_prefetch(start + self.home(of: key)) }
        }
    }

    /// Enters a value unless the key has one.
    ///
    /// - Returns: whether it was new.
    @inlinable @inline(__always)
    public mutating func insert(_ key: UInt64, _ value: @autoclosure () -> Value) -> Bool {
        if (self.used &+ 1) &* 2 > self.entries.count { self.grow() }
        let place = self.place(of: key)
        guard self.entries[place].value == nil else { return false }
        self.entries[place] = Entry(key: key, value: value())
        self.used &+= 1
        return true
    }

    /// Takes a value out; those behind it that had to make way for it move up.
    @inlinable
    public mutating func remove(_ key: UInt64) -> Value? {
        guard !self.entries.isEmpty else { return nil }
        var hole = self.place(of: key)
        guard let removed = self.entries[hole].value else { return nil }
        self.used &-= 1
        var at = hole
        while true {
            at = (at &+ 1) & self.mask
            guard self.entries[at].value != nil else { break }
            let home = self.home(of: self.entries[at].key)
            // Whether its home lies behind the hole, seen from where it stands: then it stays.
            if (at &- home) & self.mask < (at &- hole) & self.mask { continue }
            self.entries[hole] = self.entries[at]
            hole = at
        }
        self.entries[hole].value = nil
        return removed
    }

    @inlinable
    public mutating func removeAll(keepingCapacity keeps: Bool = false) {
        self.used = 0
        guard keeps else {
            self.entries = []
            self.mask = 0
            return
        }
        for place in self.entries.indices { self.entries[place].value = nil }
    }

    /// Every value, in no order.
    @inlinable public var values: [Value] { self.entries.compactMap(\.value) }
    /// Every key, in no order.
    @inlinable public var keys: [UInt64] { self.entries.compactMap { $0.value == nil ? nil : $0.key } }

    @inlinable
    mutating func grow() {
        let old = self.entries
        let size = max(16, old.count &* 2)
        self.entries = [Entry](repeating: Entry(key: 0, value: nil), count: size)
        self.mask = size &- 1
        for entry in old where entry.value != nil { self.entries[self.place(of: entry.key)] = entry }
    }
}

extension KeyTable: Sendable where Value: Sendable {}
extension KeyTable.Entry: Sendable where Value: Sendable {}

/// The value of a table whose keys are all that matters.
public struct KeyOnly: Sendable, Codable, BitwiseCopyable {
    @inlinable public init() {}
}

/// As the keys and their values, in no order.
extension KeyTable: Codable where Value: Codable {
    public init(from decoder: any Decoder) throws {
        self.init()
        var container = try decoder.unkeyedContainer()
        let keys = try container.decode([UInt64].self)
        let values = try container.decode([Value].self)
        guard keys.count == values.count else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "keys without values")
        }
        for (key, value) in zip(keys, values) { self[key] = value }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        try container.encode(self.keys)
        try container.encode(self.values)
    }
}
