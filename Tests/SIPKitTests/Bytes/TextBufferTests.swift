import SIPKit
import Testing

@Suite("A text buffer")
struct TextBufferTests {
    @Test("holds what was appended, as an array would")
    func same() {
        var buffer = TextBuffer(capacity: 1)
        var array: [UInt8] = []
        let source = Array("0123456789".utf8)
        for number in [0, 7, 10, 99, 100, 65_535, 4_294_967_296, UInt64.max] {
            buffer.append(decimal: number)
            array.append(decimal: number)
            buffer.append(hex: number, width: 16)
            array.append(hex: number, width: 16)
            buffer.append(hex: UInt32(truncatingIfNeeded: number))
            array.append(hex: number & 0xFFFF_FFFF, width: 8)
        }
        buffer.append("text")
        array.append("text")
        buffer.append(source.span, ByteRange(3, 400))
        array.append(source.span, ByteRange(3, 400))
        buffer.append(source.span, ByteRange(30, 400))
        buffer.append(contentsOf: source)
        array.append(contentsOf: source)
        buffer.append(contentsOf: "x".utf8)
        array.append(contentsOf: "x".utf8)
        for text in ["192.0.2.1", "255.255.255.255", "0.10.100.9", "2001:db8::1"] {
            guard let address = IPAddress(text) else { continue }
            buffer.append(host: address)
            array.append(host: address)
        }
        let text = Array(buffer.bytes)
        #expect(text == array)
    }

    @Test("is empty again after clear()")
    func clear() {
        var buffer = TextBuffer(capacity: 4)
        buffer.append("something")
        buffer.clear()
        let cleared = Array(buffer.bytes)
        #expect(cleared.isEmpty)
        buffer.append(ASCII.zero)
        let text = Array(buffer.bytes)
        #expect(text == [ASCII.zero])
    }
}
