import Testing

@testable import SIPKit

@Suite("Bytes looked at sixteen at a time")
struct ByteBlockTests {
    private func random(_ count: Int, _ generator: inout SplitMix64) -> [UInt8] {
        let few: [UInt8] = [
            0x20, 0x0A, 0x3A, 0x7F, 0x80, 0xBA, 0x8A, 0xFF, 0x00, 0x61, 0x62, 0x63, 0x3B, 0x2C, 0x2B, 0x25,
        ]
        return (0..<count).map { _ in few[Int.random(in: 0..<few.count, using: &generator)] }
    }

    @Test("the first place of a byte is where a plain loop finds it")
    func firstIndex() {
        var generator = SplitMix64(seed: 1)
        for round in 0..<3_000 {
            let bytes =
                self.random(round % 70, &generator) + (round % 2 == 0 ? Array(repeating: 0x61, count: round % 40) : [])
            let lower = Int.random(in: 0...bytes.count, using: &generator)
            let upper = Int.random(in: lower...bytes.count, using: &generator)
            for byte in [0x0A, 0x3A, 0x80, 0x00, 0xFF] as [UInt8] {
                let plain = (lower..<upper).first { bytes[$0] == byte }
                let found = bytes.span.firstIndex(of: byte, in: ByteRange(lower, upper))
                #expect(found == plain)
            }
            let control = (lower..<upper).first { bytes[$0] <= 0x20 || bytes[$0] == 0x7F }
            let found = bytes.span.firstControlOrSpace(in: ByteRange(lower, upper))
            #expect(found == control)
            let isHost: (UInt8) -> Bool = { ASCII.isAlphanumeric($0) || [0x2D, 0x2E, 0x5F].contains($0) }
            let host = (lower..<upper).first { !isHost(bytes[$0]) } ?? upper
            let hostEnd = bytes.span.endOfHost(in: ByteRange(lower, upper))
            #expect(hostEnd == host)
        }
    }

    @Test("each byte is of the sorts that it is of")
    func sorts() {
        for byte in 0...255 as ClosedRange<UInt8> {
            // Behind a byte of no sort, at each place of a block, and in a text shorter than one.
            for count in [1, 15, 16, 17, 40] {
                let bytes = Array(repeating: UInt8(ascii: "a"), count: count - 1) + [byte]
                let all = ByteRange(0, count)
                let isHost = ASCII.isAlphanumeric(byte) || byte == ASCII.dot || byte == ASCII.minus || byte == 0x5F
                let hostEnd = bytes.span.endOfHost(in: all)
                #expect(hostEnd == (isHost ? count : count - 1), "\(byte), \(count)")
                let control = bytes.span.firstControlOrSpace(in: all)
                #expect(control == (byte <= 0x20 || byte == 0x7F ? count - 1 : nil), "\(byte), \(count)")
            }
        }
    }

    @Test("a range that reaches behind the bytes is cut")
    func cut() {
        let bytes = Array("abc\n".utf8)
        func find(_ byte: UInt8, from start: Int) -> Int? { bytes.span.firstIndex(of: byte, in: ByteRange(start, 400)) }
        #expect(find(ASCII.lf, from: 0) == 3)
        #expect(find(ASCII.cr, from: 0) == nil)
        #expect(find(ASCII.lf, from: 9) == nil)
        let control = bytes.span.firstControlOrSpace(in: ByteRange(0, 400))
        #expect(control == 3)
    }

    @Test("two ranges are equal exactly when all their bytes are")
    func equals() {
        var generator = SplitMix64(seed: 2)
        func same(_ left: [UInt8], _ right: [UInt8]) -> Bool {
            left.span.equals(ByteRange(0, left.count), right.span, ByteRange(0, right.count))
        }
        for count in 0..<40 {
            let bytes = self.random(count, &generator)
            #expect(same(bytes, bytes))
            for place in 0..<count {
                var other = bytes
                other[place] ^= 0x20
                #expect(!same(bytes, other))
            }
        }
    }

    @Test("a parameter's value ends where a plain loop ends it")
    func parameterEnd() throws {
        var generator = SplitMix64(seed: 3)
        let ends: [UInt8] = [ASCII.semicolon, ASCII.comma, ASCII.quote, 0x20, 0x09, 0x0D, 0x0A]
        for round in 0..<3_000 {
            let bytes = Array(";a=b".utf8) + self.random(round % 50, &generator)
            let end = (4..<bytes.count).first { ends.contains(bytes[$0]) } ?? bytes.count
            var cursor = ByteCursor(bytes.span)
            let parameter = try cursor.nextParameter()
            #expect(parameter?.value == ByteRange(3, end))
        }
    }

    @Test("hexadecimal words are what one digit after the other says")
    func hexadecimal() {
        func word(_ text: [UInt8]) -> UInt64 { text.span.word(at: 0) }
        var generator = SplitMix64(seed: 4)
        for _ in 0..<2_000 {
            let number = UInt32.random(in: 0 ... .max, using: &generator)
            let digits = String(number, radix: 16)
            let text = Array((String(repeating: "0", count: 8 - digits.count) + digits).utf8)
            #expect(HexWord.encode(number) == word(text))
            #expect(HexWord.decode(word(text)) == number)
        }
        let good = Array("0123abcf".utf8)
        for place in 0..<8 {
            for byte in 0...255 as ClosedRange<UInt8> {
                var text = good
                text[place] = byte
                let isDigit = ASCII.isDigit(byte) || (0x61...0x66).contains(byte)
                #expect((HexWord.decode(word(text)) != nil) == isDigit)
            }
        }
    }

    @Test("numbers of any length are read, and refused over the limit")
    func numbers() {
        func number(_ text: String, _ limit: UInt64 = .max) -> UInt64? {
            ASCII.number(Array(text.utf8).span, ByteRange(0, text.utf8.count), limit: limit)
        }
        #expect(number("9999999999999999999") == 9_999_999_999_999_999_999)
        #expect(number("18446744073709551615") == .max)
        #expect(number("18446744073709551616") == nil)
        #expect(number("00000000000000000000000000007") == 7)
        #expect(number("65536", 65_535) == nil)
        #expect(number("65535", 65_535) == 65_535)
        #expect(number("12a4") == nil)
        #expect(number("") == nil)
    }
}
