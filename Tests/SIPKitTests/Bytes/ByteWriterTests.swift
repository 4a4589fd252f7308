import SIPKit
import Testing

@Suite("A byte writer")
struct ByteWriterTests {
    @Test("writes text, bytes, ranges, numbers and hexadecimal digits")
    func writes() {
        var output = ByteWriter()
        let source = Array("0123456789".utf8)
        output.write("a" as StaticString)
        output.write(byte: 0x62)
        output.write("c\(1)")
        output.write([0x64])
        output.write(source[2..<4])
        output.write(source.span, ByteRange(8, 99))
        output.write(number: UInt64.max)
        output.write(hex: [0x00, 0xAF])
        #expect(output.string == "abc1d2389" + "18446744073709551615" + "00af")
        output.clear()
        #expect(output.count == 0)
    }
}
