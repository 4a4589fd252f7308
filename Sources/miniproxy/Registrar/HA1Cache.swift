import Synchronization

/// HA1 values that have been computed, bounded: when it is full it starts anew.
final class HA1Cache: Sendable {
    private struct Key: Hashable {
        var user: [UInt8]
        var realm: [UInt8]
    }
    private let values = Mutex<[Key: [UInt8]]>([:])
    private static let limit = 100_000

    func value(user: [UInt8], realm: [UInt8], _ compute: () -> [UInt8]) -> [UInt8] {
        let key = Key(user: user, realm: realm)
        return self.values.withLock { values in
            if let known = values[key] { return known }
            if values.count >= Self.limit { values.removeAll(keepingCapacity: true) }
            let value = compute()
            values[key] = value
            return value
        }
    }
}
