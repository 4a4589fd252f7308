import SIPKit
import Synchronization

/// Wrong passwords of late, by user and source: after ten in a minute nothing is looked at for a while, right or wrong.
///
/// Whoever is shut out gets the same challenge as before, so a guesser learns nothing, not even that it was too often. It
/// is a table of fixed size: two that meet in one place are told apart by their hash, and the later one takes the place.
final class GuessBook: Sendable {
    static let limit: UInt16 = 10
    /// Seconds from the first wrong password on.
    static let window: UInt32 = 60
    private static let size = 4096

    private struct Entry {
        var hash: UInt64 = 0
        var since: UInt32 = 0
        var failures: UInt16 = 0
    }

    private let secret: KeyedHash
    private let entries = Mutex([Entry](repeating: Entry(), count: GuessBook.size))

    init(secret: KeyedHash) { self.secret = secret }

    /// - Parameter second: of a clock that does not go back.
    func allows(_ user: [UInt8], from source: IPAddress, at second: UInt64) -> Bool {
        let hash = self.hash(user, source)
        return self.entries.withLock { entries in
            let entry = entries[Self.place(hash)]
            return entry.hash != hash || entry.failures < Self.limit
                || UInt32(truncatingIfNeeded: second) &- entry.since >= Self.window
        }
    }

    func noteFailure(_ user: [UInt8], from source: IPAddress, at second: UInt64) {
        let hash = self.hash(user, source)
        let second = UInt32(truncatingIfNeeded: second)
        self.entries.withLock { entries in
            let place = Self.place(hash)
            if entries[place].hash != hash || second &- entries[place].since >= Self.window {
                entries[place] = Entry(hash: hash, since: second, failures: 0)
            }
            if entries[place].failures < .max { entries[place].failures += 1 }
        }
    }

    private static func place(_ hash: UInt64) -> Int { Int(truncatingIfNeeded: hash % UInt64(Self.size)) }

    private func hash(_ user: [UInt8], _ source: IPAddress) -> UInt64 {
        var hash = self.secret
        hash.combine(source.high)
        hash.combine(source.low)
        hash.combine(user.span, ByteRange(0, user.count))
        return hash.value.low
    }
}
