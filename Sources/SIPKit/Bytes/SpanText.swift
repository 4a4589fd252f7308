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
    ///
    /// Inlined, so that the comparison with a literal becomes a comparison with constants.
    @inlinable @inline(__always)
    public func equals(_ range: ByteRange, _ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard range.count == count, range.end <= self.count else { return false }
        // The literal's own memory, without a closure: this runs several times for every header.
        let wanted = unsafe text.utf8Start
        for index in 0..<count where unsafe self[unchecked: range.start &+ index] != wanted[index] { return false }
        return true
    }

    /// Whether the range holds this text, ASCII letters in either case.
    ///
    /// Inlined, so that the comparison with a literal becomes a comparison with constants.
    @inlinable @inline(__always)
    public func equalsIgnoringCase(_ range: ByteRange, _ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard range.count == count, range.end <= self.count else { return false }
        let wanted = unsafe text.utf8Start
        for index in 0..<count {
            let letter = unsafe wanted[index]
            // Bit 5 tells the cases of a letter apart, and no other byte becomes a letter by it.
            let fold: UInt8 = ASCII.isLetter(letter) ? 0x20 : 0
            if self[unchecked: range.start &+ index] | fold != letter | fold { return false }
        }
        return true
    }

    /// Whether two ranges, maybe of two messages, hold the same bytes.
    @inlinable
    public func equals(_ range: ByteRange, _ other: Span<UInt8>, _ otherRange: ByteRange) -> Bool {
        guard range.count == otherRange.count, range.end <= self.count, otherRange.end <= other.count else {
            return false
        }
        var index = 0
        while index &+ 8 <= range.count {
            if self.word(at: range.start &+ index) != other.word(at: otherRange.start &+ index) { return false }
            index &+= 8
        }
        while index < range.count {
            if self[unchecked: range.start &+ index] != other[unchecked: otherRange.start &+ index] { return false }
            index &+= 1
        }
        return true
    }

    /// Where the text of `start..<end` ends when blanks and line ends behind it are left out.
    @inline(__always)
    func endWithoutBlanks(from start: Int, to end: Int) -> Int {
        var last = end
        while last > start, ASCII.isLWS(self[unchecked: last &- 1]) { last &-= 1 }
        return last
    }

    /// The same without a look at the end: only where `0 <= offset <= count - 8` has just been made sure of.
    @inline(__always)
    func word(unchecked offset: Int) -> UInt64 {
        unsafe UInt64(littleEndian: self.bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
    }

    /// Eight bytes from `offset` on as one number, the first byte lowest. Traps where fewer are left: the caller looks.
    @inlinable @inline(__always)
    public func word(at offset: Int) -> UInt64 {
        UInt64(littleEndian: self.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}
