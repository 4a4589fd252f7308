/// Octets and the few sets of them that SIP's grammar names (RFC 3261 §25.1).
///
/// Everything here works on bytes. `Character` would make "\r\n" one letter and `String` would make two users one
/// (canonical equivalence), so protocol text never goes through either.
public enum ASCII {
    public static let tab: UInt8 = 0x09
    public static let lf: UInt8 = 0x0A
    public static let cr: UInt8 = 0x0D
    public static let space: UInt8 = 0x20
    public static let quote: UInt8 = 0x22
    public static let percent: UInt8 = 0x25
    public static let apostrophe: UInt8 = 0x27
    public static let openParen: UInt8 = 0x28
    public static let closeParen: UInt8 = 0x29
    public static let star: UInt8 = 0x2A
    public static let plus: UInt8 = 0x2B
    public static let comma: UInt8 = 0x2C
    public static let minus: UInt8 = 0x2D
    public static let dot: UInt8 = 0x2E
    public static let slash: UInt8 = 0x2F
    public static let zero: UInt8 = 0x30
    public static let nine: UInt8 = 0x39
    public static let colon: UInt8 = 0x3A
    public static let semicolon: UInt8 = 0x3B
    public static let less: UInt8 = 0x3C
    public static let equals: UInt8 = 0x3D
    public static let greater: UInt8 = 0x3E
    public static let question: UInt8 = 0x3F
    public static let at: UInt8 = 0x40
    public static let openBracket: UInt8 = 0x5B
    public static let backslash: UInt8 = 0x5C
    public static let closeBracket: UInt8 = 0x5D

    @inlinable @inline(__always)
    public static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

    @inlinable @inline(__always)
    public static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

    @inlinable @inline(__always)
    public static func isAlphanumeric(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) }

    /// A blank inside a line: SP or HTAB. Folded line ends count as blanks where a header value is read.
    @inlinable @inline(__always)
    public static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

    /// A blank or a line end: what separates tokens of a folded header value (LWS).
    @inlinable @inline(__always)
    public static func isLWS(_ byte: UInt8) -> Bool { byte == space || byte == tab || byte == cr || byte == lf }

    /// `token` of RFC 3261 §25.1: letters, digits and ``-.!%*_+`'~``.
    @inlinable @inline(__always)
    public static func isToken(_ byte: UInt8) -> Bool {
        // The set as one bit a byte, 64 bits for each half of ASCII.
        let half: UInt64 = byte < 64 ? 0x03FF_6CA2_0000_0000 : 0x47FF_FFFF_87FF_FFFE
        return byte < 128 && half &>> UInt64(byte) & 1 != 0
    }

    @inlinable @inline(__always)
    public static func lowercased(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

    /// The value of a hexadecimal digit, or `nil`.
    @inlinable @inline(__always)
    public static func hexValue(_ byte: UInt8) -> UInt8? {
        if byte &- 0x30 < 10 { return byte &- 0x30 }
        let folded = byte | 0x20
        return folded &- 0x61 < 6 ? folded &- 0x61 &+ 10 : nil
    }

    @inlinable
    public static func hexDigit(_ value: UInt8) -> UInt8 {
        let digit = value & 15
        return digit < 10 ? 0x30 &+ digit : 0x61 &+ digit &- 10
    }
}
