import SIPKit
import Testing

@testable import miniproxy

@Suite("JSON at the control socket")
struct JSONReaderTests {
    @Test(
        "is read and written again",
        arguments: [
            "null", "true", "[1,2.5,\"a\\nb\\u0001\"]", "{\"a\":{\"b\":[]},\"c\":\"\\\"\\\\\"}", "-7",
            "\"\u{E9}\u{1F600}\"",
        ])
    func both(_ text: String) throws {
        #expect(try JSONReader.value(Array(text.utf8)).line == text)
    }

    @Test("may have escapes and blanks")
    func escapes() throws {
        let value = try JSONReader.value(Array(" { \"a\" : \"\\u00e9\\ud83d\\ude00\\/\" } \r\n".utf8))
        #expect(value["a"] == .text("\u{E9}\u{1F600}/"))
    }

    @Test(
        "that is none is refused, whatever it is",
        arguments: [
            "", "{", "[1,", "\"a", "\"\\", "\"\\u12", "tru", "1 2", "{\"a\" 1}", "[1}", "nan", "1e999",
            String(repeating: "[", count: 100_000),
        ])
    func refused(_ text: String) {
        #expect(throws: ParseError.self) { try JSONReader.value(Array(text.utf8)) }
    }
}
