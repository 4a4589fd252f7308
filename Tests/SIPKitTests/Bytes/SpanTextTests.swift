import SIPKit
import Testing

@Suite("Text in a span")
struct SpanTextTests {
    let bytes = Array("Call-ID: ABC".utf8)

    @Test("is copied out, and a range outside is cut")
    func copies() {
        #expect(self.bytes.span.copy(ByteRange(9, 12)) == Array("ABC".utf8))
        #expect(self.bytes.span.copy(ByteRange(9, 99)) == Array("ABC".utf8))
        #expect(self.bytes.span.copy(ByteRange(50, 99)) == [])
        #expect(self.bytes.span.copy(ByteRange(5, 2)) == [])
        #expect(self.bytes.span.string(ByteRange(0, 7)) == "Call-ID")
    }

    @Test("is compared byte for byte or without the case of ASCII letters")
    func compares() {
        let name = ByteRange(0, 7)
        #expect(self.bytes.span.equals(name, "Call-ID") == true)
        #expect(self.bytes.span.equals(name, "call-id") == false)
        #expect(self.bytes.span.equalsIgnoringCase(name, "call-id") == true)
        #expect(self.bytes.span.equalsIgnoringCase(name, "CALL-ID") == true)
        #expect(self.bytes.span.equalsIgnoringCase(name, "call-i") == false)
        #expect(self.bytes.span.equalsIgnoringCase(ByteRange(9, 99), "abc") == false)
    }

    @Test("folds letters only: @ and ` are two characters, { and [ too")
    func foldsLettersOnly() {
        let marks = Array("@[".utf8)
        #expect(marks.span.equalsIgnoringCase(ByteRange(0, 2), "`{") == false)
    }

    @Test("is compared between two messages")
    func comparesTwo() {
        let other = Array("xABCx".utf8)
        #expect(self.bytes.span.equals(ByteRange(9, 12), other.span, ByteRange(1, 4)) == true)
        #expect(self.bytes.span.equals(ByteRange(9, 12), other.span, ByteRange(0, 3)) == false)
        #expect(self.bytes.span.equals(ByteRange(9, 12), other.span, ByteRange(3, 6)) == false)
    }

    @Test("is searched within the range only")
    func searches() {
        #expect(self.bytes.span.firstIndex(of: ASCII.colon, in: ByteRange(0, 12)) == 7)
        #expect(self.bytes.span.firstIndex(of: ASCII.colon, in: ByteRange(8, 99)) == nil)
        #expect(self.bytes.span.firstIndex(of: ASCII.colon, in: ByteRange(0, 7)) == nil)
    }
}
