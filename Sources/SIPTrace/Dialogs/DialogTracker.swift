import SIPKit

/// The dialogs of a trace, found by Call-ID, in the order of their first message.
///
/// A hundred thousand dialogs take some thirty megabytes. At ``maximumDialogs`` new ones are counted and not kept.
public struct DialogTracker: Sendable {
    public private(set) var records: [DialogRecord] = []
    /// Dialogs that were not kept because the table was full.
    public private(set) var overflow = 0
    public let maximumDialogs: Int
    private var calls = ByteKeyTable()
    private var users = ByteKeyTable()
    private var repeats: Retransmissions

    public init(maximumDialogs: Int = 1_000_000) {
        self.maximumDialogs = maximumDialogs
        self.repeats = Retransmissions(capacity: 1 << 18)
    }

    public var memory: Int {
        self.calls.memory + self.users.memory + self.records.capacity * MemoryLayout<DialogRecord>.stride
    }

    /// Takes one message that has been read.
    ///
    /// - Returns: the number of its dialog and whether it repeats another; `nil` where it has no Call-ID.
    @discardableResult
    public mutating func take(
        _ origin: MessageOrigin, _ bytes: Span<UInt8>, _ reading: MessageReading
    ) -> (dialog: Int, isRepeated: Bool)? {
        let callID = reading.callID
        guard reading.isReadable, !callID.isEmpty else { return nil }
        let method = reading.methodID(bytes)
        if self.records.count >= self.maximumDialogs, self.calls.find(bytes, callID) == nil {
            self.overflow += 1
            return nil
        }
        let (number, isNew) = self.calls.insert(bytes, callID)
        if isNew {
            var record = DialogRecord(origin, method: method)
            let (from, to) = (reading.user(.from, bytes), reading.user(.to, bytes))
            if !from.isEmpty { record.fromUser = Int32(truncatingIfNeeded: self.users.insert(bytes, from).number) }
            if !to.isEmpty { record.toUser = Int32(truncatingIfNeeded: self.users.insert(bytes, to).number) }
            self.records.append(record)
        }
        let isRepeated = self.repeats.isRepeated(origin, bytes, reading)
        self.records[number].messages &+= 1
        if isRepeated { self.records[number].repeated &+= 1 }
        self.records[number].take(origin, reading, method: method)
        return (number, isRepeated)
    }

    /// The number of a dialog that is known.
    public func find(_ bytes: Span<UInt8>, _ callID: ByteRange) -> Int? { self.calls.find(bytes, callID) }

    public func callID(_ dialog: Int) -> ArraySlice<UInt8> { self.calls[dialog] }
    public func fromUser(_ dialog: Int) -> ArraySlice<UInt8> {
        self.users[dialog < self.records.count ? Int(self.records[dialog].fromUser) : -1]
    }
    public func toUser(_ dialog: Int) -> ArraySlice<UInt8> {
        self.users[dialog < self.records.count ? Int(self.records[dialog].toUser) : -1]
    }
}
