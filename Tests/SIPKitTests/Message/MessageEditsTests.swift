import SIPKit
import Testing

@Suite("Edits of a message")
struct MessageEditsTests {
    private func add(_ text: String) -> (inout [UInt8]) -> Void { { $0.append(contentsOf: text.utf8) } }
    private func applied(_ edits: MessageEdits, to text: String) -> String {
        String(decoding: edits.apply(to: Array(text.utf8)), as: UTF8.self)
    }

    @Test("leave everything else as it came in")
    func edits() {
        var edits = MessageEdits()
        edits.replace(ByteRange(6, 9), self.add("six"))
        edits.remove(ByteRange(3, 4))
        edits.insert(at: 0, self.add("<"))
        edits.insert(at: 10, self.add(">"))
        #expect(self.applied(edits, to: "0123456789") == "<012" + "45" + "six" + "9>")
        #expect(edits.length(of: 10) == 11)
    }

    @Test("that put a number in the place of another", arguments: [0, 9, 10, 69, 99, 100, 65_535] as [UInt64])
    func numbers(_ number: UInt64) {
        var edits = MessageEdits()
        edits.insert(at: 0, self.add(">"))
        edits.replace(ByteRange(1, 3), decimal: number)
        #expect(self.applied(edits, to: "a70b") == ">a\(number)b")
        #expect(edits.length(of: 4) == 3 + "\(number)".utf8.count)
    }

    @Test("of nothing are the message itself")
    func nothing() {
        #expect(self.applied(MessageEdits(), to: "abc") == "abc")
        #expect(self.applied(MessageEdits(), to: "") == "")
        #expect(MessageEdits().isEmpty)
    }

    @Test("at one place stand in the order in which they were made")
    func samePlace() {
        var edits = MessageEdits()
        edits.insert(at: 1, self.add("1"))
        edits.insert(at: 1, self.add("2"))
        edits.insert(at: 0, self.add("0"))
        #expect(self.applied(edits, to: "ab") == "0a12b")
    }

    @Test("put an insertion before what is removed there, whichever was made first")
    func insertionAtRemoval() {
        var edits = MessageEdits()
        edits.remove(ByteRange(0, 2))
        edits.insert(at: 0, self.add("Via\n"))
        #expect(self.applied(edits, to: "abc") == "Via\nc")
        edits.insert(at: 2, self.add("!"))
        #expect(self.applied(edits, to: "abc") == "Via\n!c")
    }

    @Test("inside a piece that is taken out are passed over, and length and text agree")
    func overlapping() {
        var edits = MessageEdits()
        edits.replace(ByteRange(2, 8), self.add("x"))
        edits.replace(ByteRange(4, 10), self.add("yy"))
        edits.insert(at: 5, self.add("z"))
        edits.replace(ByteRange(9, 40), self.add("far"))
        #expect(self.applied(edits, to: "0123456789") == "01x89")
        #expect(edits.length(of: 10) == 5)
    }

    @Test("of one branch are forgotten for the next")
    func marks() {
        var edits = MessageEdits()
        edits.insert(at: 5, self.add("common"))
        let mark = edits.mark
        edits.insert(at: 0, self.add("first"))
        edits.remove(ByteRange(5, 6))
        edits.truncate(to: mark)
        edits.insert(at: 9, self.add("second"))
        #expect(self.applied(edits, to: "0123456789") == "01234common5678second9")
        edits.clear()
        #expect(edits.isEmpty && edits.scratch.isEmpty)
    }

    @Test("give what a slow and simple way gives, for many random edits")
    func againstTheSimpleWay() {
        var random = SplitMix64(seed: 42)
        for _ in 0..<2_000 {
            let text = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                UInt8.random(in: 97...122, using: &random)
            }
            // Cells that do not overlap, each kept, replaced or removed, with insertions between them.
            var edits = MessageEdits()
            var work: [(ByteRange, [UInt8])] = []
            var wanted: [UInt8] = []
            var at = 0
            while at <= text.count {
                if Bool.random(using: &random) {
                    work.append((ByteRange(at, at), [0x5B, UInt8(at)]))
                    wanted += [0x5B, UInt8(at)]
                }
                guard at < text.count else { break }
                let end = Int.random(in: (at + 1)...text.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0: wanted += text[at..<end]
                case 1: work.append((ByteRange(at, end), []))
                default:
                    work.append((ByteRange(at, end), [0x2A]))
                    wanted.append(0x2A)
                }
                at = end
            }
            work.shuffle(using: &random)
            for (range, new) in work { edits.replace(range) { $0 += new } }
            #expect(edits.apply(to: text) == wanted)
            #expect(edits.length(of: text.count) == wanted.count)
        }
    }

    @Test("are kept in a smaller copy that does the same and goes its own way")
    func compacted() {
        var edits = MessageEdits()
        edits.insert(at: 10, self.add("old"))
        edits.clear()
        edits.insert(at: 10, self.add(">"))
        edits.replace(ByteRange(6, 9), self.add("six"))
        let mark = edits.mark
        edits.insert(at: 0, self.add("<"))
        var kept = edits.compacted()
        edits.clear()
        #expect(self.applied(kept, to: "0123456789") == "<012345six9>")
        kept.truncate(to: mark)
        kept.insert(at: 0, self.add("["))
        #expect(self.applied(kept, to: "0123456789") == "[012345six9>")
        #expect(self.applied(edits, to: "0123456789") == "0123456789")
    }
}
