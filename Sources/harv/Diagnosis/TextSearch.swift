import SIPKit

/// Looking for a few letters in a short text, byte by byte: the library's search costs more than the rules that ask.
extension Span<UInt8> {
    /// Whether these letters stand somewhere in a range.
    func holds(_ range: ByteRange, _ part: StaticString) -> Bool { self.place(behind: part, in: range) != nil }

    /// Where the first of these letters end in a range.
    func place(behind part: StaticString, in range: ByteRange) -> Int? {
        let count = part.utf8CodeUnitCount
        guard count > 0, range.count >= count else { return nil }
        let wanted = part.utf8Start
        let last = range.end - count
        var at = range.start
        while at <= last, let start = self.firstIndex(of: wanted[0], in: ByteRange(at, last + 1)) {
            var length = 1
            while length < count, self[start + length] == wanted[length] { length += 1 }
            if length == count { return start + count }
            at = start + 1
        }
        return nil
    }
}

extension String {
    func holds(_ part: StaticString) -> Bool {
        var copy = self
        return copy.withUTF8 { text in
            part.withUTF8Buffer { wanted in
                guard text.count >= wanted.count, wanted.count > 0 else { return false }
                for start in 0...(text.count - wanted.count) where text[start] == wanted[0] {
                    var at = 1
                    while at < wanted.count, text[start + at] == wanted[at] { at += 1 }
                    if at == wanted.count { return true }
                }
                return false
            }
        }
    }
}
