import SIPKit
import Testing

@Suite("ASCII sets (RFC 3261 §25.1)")
struct ASCIITests {
    @Test("a token byte is a letter, a digit or one of -.!%*_+`'~, and nothing else")
    func tokens() {
        let marks = Array("-.!%*_+`'~".utf8)
        for byte in UInt8.min...UInt8.max {
            let isWanted =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || marks.contains(byte)
            #expect(ASCII.isToken(byte) == isWanted, "byte \(byte)")
        }
    }

    @Test("letters and digits stop at the borders of ASCII")
    func letters() {
        for byte in UInt8.min...UInt8.max {
            #expect(ASCII.isDigit(byte) == (0x30...0x39).contains(byte))
            #expect(ASCII.isLetter(byte) == ((0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)))
            #expect(ASCII.lowercased(byte) == ((0x41...0x5A).contains(byte) ? byte + 32 : byte))
        }
    }

    @Test("hexadecimal digits are read in both cases and written in lower case")
    func hexadecimal() {
        for value in UInt8(0)..<16 {
            let digit = ASCII.hexDigit(value)
            #expect(ASCII.hexValue(digit) == value)
            #expect(String(value, radix: 16) == String(UnicodeScalar(digit)))
        }
        #expect(ASCII.hexValue(UInt8(ascii: "F")) == 15)
        for byte in Array("gG@`/:".utf8) { #expect(ASCII.hexValue(byte) == nil) }
    }

    @Test(
        "a number is digits only and never over its limit",
        arguments: [
            ("0", 0), ("007", 7), ("65535", 65_535), ("65536", nil), ("", nil), ("+5", nil), ("-1", nil), (" 1", nil),
            ("1e3", nil), ("0x10", nil), ("18446744073709551616", nil), ("٣", nil),
            (String(repeating: "9", count: 400), nil), (String(repeating: "0", count: 400) + "1", 1),
        ] as [(String, UInt64?)])
    func numbers(text: String, value: UInt64?) {
        let bytes = Array(text.utf8)
        #expect(ASCII.number(bytes.span, ByteRange(0, bytes.count), limit: 65_535) == value)
    }

    @Test("the largest number of 64 bits is read and the next one is not")
    func largest() {
        for (text, value) in [("18446744073709551615", UInt64.max as UInt64?), ("18446744073709551616", nil)] {
            let bytes = Array(text.utf8)
            #expect(ASCII.number(bytes.span, ByteRange(0, bytes.count), limit: .max) == value)
        }
    }

    @Test("a range that reaches over the end is no number")
    func outside() {
        let bytes = Array("12".utf8)
        #expect(ASCII.number(bytes.span, ByteRange(0, 3), limit: 999) == nil)
    }
}
