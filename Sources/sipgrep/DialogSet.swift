import SIPKit
import SIPTrace

/// `-g` over files: which calls are wanted, found in a first reading so that the second can show them whole.
///
/// Two calls belong together when a header of one names the Call-ID of the other (X-Call-ID and its like), also over
/// several steps.
struct DialogSet {
    private let correlators: [[UInt8]]
    private var calls = ByteKeyTable()
    /// Each call's representative: calls that belong together lead to the same one.
    private var parents: [Int32] = []
    private var wanted: [Bool] = []
    private var reading = MessageReading()

    init(correlators: [String]) { self.correlators = correlators.map { Array($0.utf8) } }

    /// Learns of one message in the first reading.
    mutating func note(_ message: Span<UInt8>, isMatch: Bool) {
        self.reading.read(message)
        let callID = self.reading.callID
        guard !callID.isEmpty else { return }
        // Calls that neither match nor name others need no place in memory.
        if isMatch {
            let call = self.number(message, callID)
            self.wanted[self.root(call)] = true
        }
        for header in self.correlators {
            guard let value = self.reading.header(header, message) else { continue }
            let other = Self.identifier(message, value)
            guard !other.isEmpty else { continue }
            self.join(self.number(message, callID), self.number(message, other))
        }
    }

    /// Whether a message is of a wanted call, in the second reading.
    mutating func contains(_ message: Span<UInt8>) -> Bool {
        self.reading.read(message)
        let callID = self.reading.callID
        guard !callID.isEmpty, let call = self.calls.find(message, callID) else { return false }
        return self.wanted[self.root(call)]
    }

    /// The identifier in a correlating header: `icid-value` of P-Charging-Vector, else what stands before a `;`.
    static func identifier(_ message: Span<UInt8>, _ value: ByteRange) -> ByteRange {
        var cursor = ByteCursor(message, value)
        let first = cursor.take { $0 != ASCII.semicolon && $0 != ASCII.equals && !ASCII.isLWS($0) }
        guard message.equalsIgnoringCase(first, "icid-value"), cursor.skip(ASCII.equals) else { return first }
        if let quoted = cursor.takeQuoted() { return ByteRange(quoted.start + 1, quoted.end - 1) }
        return cursor.take { $0 != ASCII.semicolon && !ASCII.isLWS($0) }
    }

    private mutating func number(_ message: Span<UInt8>, _ range: ByteRange) -> Int {
        let (number, isNew) = self.calls.insert(message, range)
        if isNew {
            self.parents.append(Int32(truncatingIfNeeded: number))
            self.wanted.append(false)
        }
        return number
    }

    private func root(_ call: Int) -> Int {
        var at = call
        while Int(self.parents[at]) != at { at = Int(self.parents[at]) }
        return at
    }

    private mutating func join(_ left: Int, _ right: Int) {
        let (first, second) = (self.root(left), self.root(right))
        guard first != second else { return }
        self.parents[second] = Int32(truncatingIfNeeded: first)
        self.wanted[first] = self.wanted[first] || self.wanted[second]
    }
}
