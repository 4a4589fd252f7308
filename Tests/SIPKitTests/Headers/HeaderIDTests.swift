import SIPKit
import Testing

@Suite("Header names")
struct HeaderIDTests {
    /// The name alone in its buffer, and in the middle of others: both ways of reading eight bytes.
    private func recognize(_ name: String) -> HeaderID {
        let bytes = Array(name.utf8)
        let alone = HeaderID.recognize(bytes.span, ByteRange(0, bytes.count))
        let around = Array("xx\(name): and more text".utf8)
        let inside = HeaderID.recognize(around.span, ByteRange(2, 2 + bytes.count))
        #expect(alone == inside, "\(name)")
        return alone
    }

    @Test("fill a table of 104 places and are as many as the count says")
    func table() {
        #expect(HeaderID.allCases.count == HeaderID.count)
        #expect(HeaderID.count <= 104)
        #expect(HeaderID.allCases.map { Int($0.rawValue) } == Array(0..<HeaderID.count))
    }

    @Test("are recognized in every case", arguments: HeaderID.allCases.filter { $0 != .other })
    func names(id: HeaderID) {
        let name = "\(id.name)"
        #expect(self.recognize(name) == id)
        #expect(self.recognize(name.lowercased()) == id)
        #expect(self.recognize(name.uppercased()) == id)
        #expect(
            self.recognize(
                String(name.enumerated().map { $0 % 2 == 0 ? Character($1.lowercased()) : Character($1.uppercased()) }))
                == id)
    }

    @Test(
        "that differ in one byte, or by one byte more or less, are other names",
        arguments: HeaderID.allCases.filter { $0 != .other })
    func nearMisses(id: HeaderID) {
        let name = Array("\(id.name)".utf8)
        let others = Set(HeaderID.allCases.map { "\($0.name)".lowercased() })
        func check(_ bytes: [UInt8]) {
            let text = String(decoding: bytes, as: UTF8.self)
            if bytes.count < 2 || others.contains(text.lowercased()) { return }
            #expect(self.recognize(text) == .other, "\(text)")
        }
        for place in name.indices {
            for byte in Array("abcdefghijklmnopqrstuvwxyz-0_~.%".utf8) {
                var changed = name
                changed[place] = byte
                check(changed)
            }
            var shorter = name
            shorter.remove(at: place)
            check(shorter)
            var longer = name
            longer.insert(UInt8(ascii: "x"), at: place)
            check(longer)
        }
        check(name + Array("s".utf8))
    }

    @Test("have their compact forms in either case, and no other letter is one")
    func compactForms() {
        let known = HeaderID.allCases.compactMap { id in id.compactName.map { (id, $0) } }
        #expect(known.count == 20)
        for byte in UInt8.min...127 where ASCII.isToken(byte) {
            let wanted = known.first { $0.1 == ASCII.lowercased(byte) }?.0 ?? .other
            #expect(self.recognize(String(UnicodeScalar(byte))) == wanted, "\(UnicodeScalar(byte))")
        }
    }

    @Test("that are empty or lie outside the bytes are other names")
    func outside() {
        let bytes = Array("Via".utf8)
        #expect(HeaderID.recognize(bytes.span, .none) == .other)
        #expect(HeaderID.recognize(bytes.span, ByteRange(0, 4)) == .other)
    }
}
