/// Looking at bytes where they lie: comparing, searching, copying out.
extension Span where Element == UInt8 {
    /// The bytes of a range as an array; a range outside is cut.
    public func copy(_ range: ByteRange) -> [UInt8] {
        let end = Swift.min(range.end, self.count)
        let start = Swift.min(range.start, end)
        guard start < end else { return [] }
        return unsafe self.withUnsafeBufferPointer { Array($0[start..<end]) }
    }

    /// The bytes of a range as text; what is not UTF-8 is replaced, so this is for people and not for forwarding.
    public func string(_ range: ByteRange) -> String {
        let end = Swift.min(range.end, self.count)
        let start = Swift.min(range.start, end)
        guard start < end else { return "" }
        return unsafe self.withUnsafeBufferPointer { String(decoding: $0[start..<end], as: UTF8.self) }
    }

    /// Whether the range holds exactly this text.
    @inlinable
    public func equals(_ range: ByteRange, _ text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount, range.end <= self.count else { return false }
        // The literal's own memory, without a closure: this runs several times for every header.
        let wanted = unsafe text.utf8Start
        for index in 0..<range.count where unsafe self[unchecked: range.start &+ index] != wanted[index] {
            return false
        }
        return true
    }

    /// Whether the range holds this text, ASCII letters in either case. `text` is written in lower case.
    @inlinable
    public func equalsIgnoringCase(_ range: ByteRange, _ text: StaticString) -> Bool {
        guard range.count == text.utf8CodeUnitCount, range.end <= self.count else { return false }
        let wanted = unsafe text.utf8Start
        // Nearly every comparison that fails does so at the first letter.
        guard range.count > 0, unsafe (self[unchecked: range.start] ^ wanted[0]) & 0xDF == 0 else {
            return range.count == 0
        }
        for index in 0..<range.count
        where unsafe ASCII.lowercased(self[unchecked: range.start &+ index]) != ASCII.lowercased(wanted[index]) {
            return false
        }
        return true
    }

    /// Whether two ranges, maybe of two messages, hold the same bytes.
    @inlinable
    public func equals(_ range: ByteRange, _ other: Span<UInt8>, _ otherRange: ByteRange) -> Bool {
        guard range.count == otherRange.count, range.end <= self.count, otherRange.end <= other.count else {
            return false
        }
        for index in 0..<range.count
        where self[unchecked: range.start &+ index] != other[unchecked: otherRange.start &+ index] { return false }
        return true
    }

    /// The first place of `byte` in the range, or `nil`.
    @inlinable
    public func firstIndex(of byte: UInt8, in range: ByteRange) -> Int? {
        var at = range.start
        let end = Swift.min(range.end, self.count)
        while at < end {
            if self[unchecked: at] == byte { return at }
            at &+= 1
        }
        return nil
    }

    /// Where the text of `start..<end` ends when blanks and line ends behind it are left out.
    @inline(__always)
    func endWithoutBlanks(from start: Int, to end: Int) -> Int {
        var last = end
        while last > start, ASCII.isLWS(self[unchecked: last &- 1]) { last &-= 1 }
        return last
    }
}
