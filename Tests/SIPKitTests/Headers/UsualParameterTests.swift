import SIPKit
import Testing

@Suite("A tag or branch as nearly everybody writes it")
struct UsualParameterTests {
    private static let values = [
        "1", "z9hG4bK776asdhds", "z9hG4bK-1.2!3%4*5_6+7`8'9~0", "a\"b\"", "\"quoted;x\"", " spaced", "", "a b", "a,b",
        "long-long-long-long-long-long-long", "a\r\n b", "!", "tail;tag=second", "tail;branch=second",
    ]

    @Test("is read as with other letters and blanks around it", arguments: Self.values)
    func tag(value: String) throws {
        func read(_ text: String) -> (tag: String, rest: Int)? {
            let bytes = Array(text.utf8)
            var cursor = ByteCursor(bytes.span)
            guard let address = try? AddressRanges(parsing: &cursor) else { return nil }
            return (bytes.span.string(address.tag), bytes.count - cursor.offset)
        }
        let usual = read("<sip:a@b>;tag=\(value)")
        let other = read("<sip:a@b>; TAG =\(value)")
        #expect(usual?.tag == other?.tag)
        #expect(usual?.rest == other?.rest)
    }

    @Test("is read in a Via as with other letters and blanks around it", arguments: Self.values)
    func branch(value: String) throws {
        func read(_ text: String) -> (branch: String, hasRport: Bool, rest: Int)? {
            let bytes = Array(text.utf8)
            var cursor = ByteCursor(bytes.span)
            guard let via = try? ViaRanges(parsing: &cursor) else { return nil }
            return (bytes.span.string(via.branch), via.hasRport, bytes.count - cursor.offset)
        }
        let usual = read("SIP/2.0/UDP host:5060;branch=\(value);rport")
        let other = read("SIP / 2.0 / UDP host:5060; BRANCH =\(value);rport")
        #expect(usual?.branch == other?.branch)
        #expect(usual?.hasRport == other?.hasRport)
        #expect(usual?.rest == other?.rest)
    }
}
