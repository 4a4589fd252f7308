import Testing

@testable import sipgrep

@Suite("The match")
struct MessageMatcherTests {
    private func accepts(_ text: String, _ change: (inout Settings) -> Void) throws -> Bool {
        var settings = Settings()
        change(&settings)
        let bytes = Array(text.utf8)
        return try MessageMatcher(settings).accepts(bytes.span)
    }

    @Test("finds, ignores case and inverts as asked")
    func basics() throws {
        #expect(try self.accepts("INVITE sip:a") { $0.match = "sip:a" })
        #expect(try !self.accepts("INVITE sip:a") { $0.match = "invite" })
        #expect(
            try self.accepts("INVITE sip:a") {
                $0.match = "invite"
                $0.isCaseless = true
            })
        #expect(
            try !self.accepts("INVITE sip:a") {
                $0.match = "sip:a"
                $0.isInverted = true
            })
        #expect(try self.accepts("anything") { _ in })
    }

    @Test("matches whole words, bytes in hexadecimal, and only the beginning when told")
    func kinds() throws {
        #expect(
            try self.accepts("a BYE b") {
                $0.match = "BYE"
                $0.wholeWords = true
            })
        #expect(
            try !self.accepts("a BYEBYE b") {
                $0.match = "BYE"
                $0.wholeWords = true
            })
        #expect(
            try self.accepts("a BYE b") {
                $0.match = "0x425945"
                $0.isHex = true
            })
        #expect(
            try !self.accepts("a BYE b") {
                $0.match = "BYE"
                $0.lookLimit = 4
            })
    }

    @Test("names a wrong expression with a caret, and wrong digits")
    func wrong() {
        #expect(throws: Failure.self) { try self.accepts("") { $0.match = "a[" } }
        #expect(throws: Failure.self) {
            try self.accepts("") {
                $0.match = "0x4"
                $0.isHex = true
            }
        }
    }
}
