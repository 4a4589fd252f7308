import SIPKit
import Testing

@Suite("A keyed hash")
struct KeyedHashTests {
    private func hash(_ bytes: [UInt8], key: (UInt64, UInt64) = (3, 5)) -> KeyedHash.Value {
        var hash = KeyedHash(key: key)
        hash.combine(bytes.span, ByteRange(0, bytes.count))
        return hash.value
    }

    @Test("is the same for the same bytes wherever they lie")
    func place() {
        let bytes = Array("z9hG4bK-abcdefgh".utf8)
        let around = Array("xyz".utf8) + bytes + [0]
        var second = KeyedHash(key: (3, 5))
        second.combine(around.span, ByteRange(3, 3 + bytes.count))
        #expect(second.value == self.hash(bytes))
    }

    @Test("differs with the key, the length, the order and the borders")
    func differs() {
        #expect(self.hash([1, 2, 3]) != self.hash([1, 2, 3], key: (3, 7)))
        #expect(self.hash([1, 2, 3]) != self.hash([1, 2, 3], key: (9, 5)))
        #expect(self.hash([0]) != self.hash([0, 0]))
        #expect(self.hash([]) != self.hash([0]))
        var one = KeyedHash(key: (3, 5))
        var two = KeyedHash(key: (3, 5))
        let text = Array("abc".utf8)
        one.combine(text.span, ByteRange(0, 1))
        one.combine(text.span, ByteRange(1, 3))
        two.combine(text.span, ByteRange(0, 2))
        two.combine(text.span, ByteRange(2, 3))
        #expect(one.value != two.value)
    }

    @Test("spreads near inputs: no two of 200,000 meet, and every bit is set in about half of them")
    func spreads() {
        var seen = Set<KeyedHash.Value>()
        var bits = [Int](repeating: 0, count: 128)
        let count = 200_000
        for number in 0..<count {
            let value = self.hash(Array("z9hG4bK\(number)".utf8))
            seen.insert(value)
            for bit in 0..<64 {
                bits[bit] += Int(value.low >> UInt64(bit) & 1)
                bits[64 + bit] += Int(value.high >> UInt64(bit) & 1)
            }
        }
        #expect(seen.count == count)
        for (bit, ones) in bits.enumerated() {
            #expect(abs(ones - count / 2) < count / 50, "bit \(bit) is set \(ones) times")
        }
    }

    @Test("changes in about half of its bits when one bit of the input changes")
    func avalanche() {
        let bytes = Array("a84b4c76e66710@pc33.atlanta.example.com".utf8)
        let plain = self.hash(bytes)
        for bit in 0..<(bytes.count * 8) {
            var changed = bytes
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            let other = self.hash(changed)
            let flips = (plain.low ^ other.low).nonzeroBitCount + (plain.high ^ other.high).nonzeroBitCount
            #expect((30...98).contains(flips), "bit \(bit): \(flips) flips")
        }
    }

    @Test("of a range that reaches outside reads nothing outside")
    func outside() {
        let bytes: [UInt8] = [1, 2, 3]
        var hash = KeyedHash(key: (3, 5))
        hash.combine(bytes.span, ByteRange(50, 60))
        hash.combine(bytes.span, ByteRange(1, 60))
        #expect(hash.value != KeyedHash(key: (3, 5)).value)
    }
}
