import SIPKit
import Testing

@Suite("A byte cursor")
struct ByteCursorTests {
    @Test("moves forward and stops at the end")
    func moves() {
        let bytes = Array("ab".utf8)
        var cursor = ByteCursor(bytes.span)
        #expect(cursor.peek == 0x61)
        #expect(cursor.next() == 0x61)
        #expect(cursor.skip(0x61) == false)
        #expect(cursor.skip(0x62) == true)
        #expect(cursor.isAtEnd == true)
        #expect(cursor.next() == nil)
        #expect(cursor.peek == nil)
        #expect(cursor.remaining == 0)
    }

    @Test("keeps to its range, and a range that reaches too far is cut")
    func ranges() {
        let bytes = Array("abcdef".utf8)
        var cursor = ByteCursor(bytes.span, ByteRange(2, 4))
        #expect(cursor.rest == Array("cd".utf8))
        #expect(cursor.takeToken() == ByteRange(2, 4))
        #expect(ByteCursor(bytes.span, ByteRange(4, 99)).rest == Array("ef".utf8))
        #expect(ByteCursor(bytes.span, ByteRange(98, 99)).rest == [])
    }

    @Test("passes blanks and line ends of a folded value")
    func folded() {
        let bytes = Array(" \t\r\n x".utf8)
        var cursor = ByteCursor(bytes.span)
        cursor.skipLWS()
        #expect(cursor.peek == UInt8(ascii: "x"))
    }

    @Test("takes what is left without the blanks at its end")
    func rest() {
        let bytes = Array("abc \r\n".utf8)
        var cursor = ByteCursor(bytes.span)
        #expect(cursor.takeRest() == ByteRange(0, 3))
        #expect(cursor.isAtEnd == true)
    }

    @Test(
        "takes a quoted string with its quotes, escapes passed over",
        arguments: [
            (#""abc" x"#, 5), (#""a\"b""#, 6), (#""a\\""#, 5), (#""""#, 2), (#""abc"#, nil), (#""abc\"#, nil),
            (#""abc\""#, nil), ("abc", nil), ("", nil),
        ] as [(String, Int?)])
    func quoted(text: String, length: Int?) {
        let bytes = Array(text.utf8)
        var cursor = ByteCursor(bytes.span)
        #expect(cursor.takeQuoted() == length.map { ByteRange(0, $0) })
        #expect(cursor.offset == length ?? 0, "a failed attempt does not move")
    }

    @Test("passes the digits of a number that is too large")
    func numbers() {
        let bytes = Array("4294967296;".utf8)
        var cursor = ByteCursor(bytes.span)
        #expect(cursor.takeNumber() == nil)
        #expect(cursor.peek == ASCII.semicolon)
    }
}
