import SIPPattern
import Testing

@Suite("Byte patterns")
struct BytePatternTests {
    private func find(_ pattern: String, _ text: String, _ options: BytePattern.Options = []) throws -> Range<Int>? {
        let bytes = Array(text.utf8)
        guard case .match(let range) = try BytePattern(pattern, options).search(bytes.span) else { return nil }
        return range
    }

    @Test("find the first match and tell where it is")
    func finds() throws {
        #expect(try self.find("b+", "aabba") == 2..<4)
        #expect(try self.find("b+", "aabba", .ungreedy) == 2..<3)
        #expect(try self.find("B", "aabba") == nil)
        #expect(try self.find("B", "aabba", .caseless) == 2..<3)
    }

    @Test("let the dot cross lines unless told otherwise")
    func dotCrossesLines() throws {
        #expect(try self.find("a.b", "a\nb") == 0..<3)
        #expect(try self.find("a.b", "a\nb", .singleLine) == nil)
        #expect(try self.find("^b", "a\nb") == nil)
        #expect(try self.find("^b", "a\nb", .anchorsAtLines) == 2..<3)
    }

    @Test("take literal text as it stands")
    func literal() throws {
        #expect(try self.find("a.b(", "xa.b(", .literal) == 1..<5)
        #expect(try self.find("a.b(", "xaxb(", .literal) == nil)
    }

    @Test("match bytes that are no text, NUL included")
    func bytes() throws {
        let pattern = try BytePattern([0x00, 0xFF], shown: "00ff", .literal)
        let subject: [UInt8] = [1, 0, 0xFF, 0]
        let found = pattern.search(subject.span)
        #expect(found == .match(1..<3))
    }

    @Test("give up on what would take for ever, count it, and go on with the next bytes")
    func catastrophic() throws {
        let pattern = try BytePattern("(a+)+[zq]")
        let bytes = [UInt8](repeating: 0x61, count: 3000)
        let hopeless = pattern.search(bytes.span)
        #expect(hopeless == .gaveUp)
        #expect(pattern.limitsReached == 1)
        let easy: [UInt8] = [0x61, 0x7A]
        let found = pattern.matches(easy.span)
        #expect(found)
    }

    @Test("search nothing without failing")
    func empty() throws {
        #expect(try self.find("", "") == 0..<0)
        #expect(try self.find("a", "") == nil)
    }

    @Test("show where a wrong expression is wrong")
    func wrong() {
        let error = #expect(throws: PatternError.self) { try BytePattern("B(") }
        #expect(error?.offset == 2)
        #expect(error?.description == "missing closing parenthesis at 2\n  B(\n    ^")
    }
}
