/// Looking for a few letters in a short text, byte by byte: the library's search costs more than the rules that ask.
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
