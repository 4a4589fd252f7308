import SIPKit

/// Finds the server transaction of a request by its keyed 128-bit hash: chains through the records themselves.
struct TransactionTable {
    private var heads: [UInt32]
    private var mask: Int
    private(set) var count = 0

    init(capacity: Int = 1 << 14) {
        self.heads = Array(repeating: .max, count: capacity)
        self.mask = capacity - 1
    }

    @inline(__always)
    func find(_ key: KeyedHash.Value, in records: borrowing Slab<ServerRecord>) -> UInt32? {
        var number = self.heads[Int(truncatingIfNeeded: key.low) & self.mask]
        while number != .max {
            let record = records[number]
            if record.pointee.key == key { return number }
            number = record.pointee.next
        }
        return nil
    }

    mutating func insert(_ number: UInt32, in records: borrowing Slab<ServerRecord>) {
        if self.count > self.heads.count { self.grow(records) }
        let place = Int(truncatingIfNeeded: records[number].pointee.key.low) & self.mask
        records[number].pointee.next = self.heads[place]
        self.heads[place] = number
        self.count += 1
    }

    mutating func remove(_ number: UInt32, in records: borrowing Slab<ServerRecord>) {
        let place = Int(truncatingIfNeeded: records[number].pointee.key.low) & self.mask
        if self.heads[place] == number {
            self.heads[place] = records[number].pointee.next
            self.count -= 1
            return
        }
        var previous = self.heads[place]
        while previous != .max {
            let next = records[previous].pointee.next
            if next == number {
                records[previous].pointee.next = records[number].pointee.next
                self.count -= 1
                return
            }
            previous = next
        }
    }

    private mutating func grow(_ records: borrowing Slab<ServerRecord>) {
        let old = self.heads
        self.heads = Array(repeating: .max, count: old.count * 2)
        self.mask = self.heads.count - 1
        for head in old {
            var number = head
            while number != .max {
                let next = records[number].pointee.next
                let place = Int(truncatingIfNeeded: records[number].pointee.key.low) & self.mask
                records[number].pointee.next = self.heads[place]
                self.heads[place] = number
                number = next
            }
        }
    }
}
