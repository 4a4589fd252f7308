/// Walks over DER (X.690): tag, length, contents. Total: what is not DER ends the walk.
struct DERReader {
    struct Element {
        var tag: UInt8
        var contents: ArraySlice<UInt8>

        /// The elements inside.
        var inside: DERReader { DERReader(self.contents) }
    }

    static let sequence: UInt8 = 0x30
    static let set: UInt8 = 0x31
    static let objectIdentifier: UInt8 = 0x06
    static let octetString: UInt8 = 0x04

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { self.rest = bytes }

    /// The next element, or `nil` at the end and where the length does not fit.
    mutating func next() -> Element? {
        guard let tag = self.rest.popFirst(), tag & 0x1F != 0x1F, let first = self.rest.popFirst() else { return nil }
        var length = Int(first)
        if first >= 0x80 {
            let count = Int(first & 0x7F)
            // No certificate has four gigabytes; an indefinite length is not DER.
            guard count >= 1, count <= 3, self.rest.count >= count else { return nil }
            length = self.rest.prefix(count).reduce(0) { $0 << 8 | Int($1) }
            self.rest = self.rest.dropFirst(count)
        }
        guard length <= self.rest.count else { return nil }
        defer { self.rest = self.rest.dropFirst(length) }
        return Element(tag: tag, contents: self.rest.prefix(length))
    }

    /// The next element if it has this tag.
    mutating func next(_ tag: UInt8) -> Element? {
        guard self.rest.first == tag else { return nil }
        return self.next()
    }
}
