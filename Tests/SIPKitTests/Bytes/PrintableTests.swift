import SIPKit
import Testing

@Suite("Printable text")
struct PrintableTests {
    @Test(
        "shows letters of every script and escapes what could move a cursor",
        arguments: [
            (Array("plain \\ text".utf8), "plain \\ text"),
            (Array("Grüße 日本".utf8), "Grüße 日本"),
            ([0x1B, 0x5B, 0x32, 0x4A], #"\x1b[2J"#),
            ([0x41, 0x0D, 0x0A, 0x42, 0x00, 0x7F], #"A\x0d\x0aB\x00\x7f"#),
            ([0xFF, 0x41], #"\xffA"#),
            ([0xC2, 0x9B, 0x41], #"\xc2\x9bA"#),
            (Array("\u{202E}x".utf8), #"\xe2\x80\xaex"#),
            (Array("\u{2028}".utf8), #"\xe2\x80\xa8"#),
        ] as [([UInt8], String)])
    func shows(bytes: [UInt8], text: String) { #expect(Printable.text(bytes) == text) }
}
