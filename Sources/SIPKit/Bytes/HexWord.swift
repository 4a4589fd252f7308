/// Eight hexadecimal digits at a time, in the form that ``Swift/Span/word(at:)`` reads: the first digit lowest.
public enum HexWord {
    /// The number that eight digits write; `nil` unless all are digits or lower-case letters from `a` to `f`.
    @inlinable
    public static func decode(_ text: UInt64) -> UInt32? {
        // A digit's value stands in its lower half, a letter's is 9 less than it; bit 6 tells them apart.
        let letters = text &>> 6 & 0x0101_0101_0101_0101
        let nibbles = (text & 0x0F0F_0F0F_0F0F_0F0F) &+ letters &* 9
        // Only the digits that `encode` writes lead back to themselves.
        guard nibbles & 0xF0F0_F0F0_F0F0_F0F0 == 0, Self.text(of: nibbles) == text else { return nil }
        var value = nibbles.byteSwapped
        value = (value | value &>> 4) & 0x00FF_00FF_00FF_00FF
        value = (value | value &>> 8) & 0x0000_FFFF_0000_FFFF
        return UInt32(truncatingIfNeeded: value | value &>> 16)
    }

    /// The eight digits of a number, letters in lower case.
    @inlinable
    public static func encode(_ number: UInt32) -> UInt64 {
        var value = UInt64(number)
        value = (value | value &<< 16) & 0x0000_FFFF_0000_FFFF
        value = (value | value &<< 8) & 0x00FF_00FF_00FF_00FF
        value = (value | value &<< 4) & 0x0F0F_0F0F_0F0F_0F0F
        return Self.text(of: value.byteSwapped)
    }

    /// The digits of eight values below 16.
    @inlinable @inline(__always)
    static func text(of nibbles: UInt64) -> UInt64 {
        // 6 more than a value of 10 or above reaches bit 4.
        let letters = (nibbles &+ 0x0606_0606_0606_0606) &>> 4 & 0x0101_0101_0101_0101
        return nibbles &+ 0x3030_3030_3030_3030 &+ letters &* 0x27
    }
}
