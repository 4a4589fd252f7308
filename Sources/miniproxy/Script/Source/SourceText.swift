import SIPKit

/// The bytes of one script file, and where its lines begin.
struct SourceText: Sendable {
    /// As diagnostics name it.
    let name: String
    let bytes: [UInt8]
    private let lineStarts: [Int]

    init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
        var starts = [0]
        for (offset, byte) in bytes.enumerated() where byte == ASCII.lf { starts.append(offset + 1) }
        self.lineStarts = starts
    }

    /// Line and column, both from 1; the column counts characters, not bytes.
    func position(of offset: Int) -> (line: Int, column: Int) {
        let offset = min(offset, self.bytes.count)
        var low = 0
        var high = self.lineStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if self.lineStarts[middle] <= offset { low = middle } else { high = middle }
        }
        let before = self.bytes[self.lineStarts[low]..<offset]
        // Every byte but the later ones of a UTF-8 sequence begins a character.
        return (low + 1, before.count { $0 & 0xC0 != 0x80 } + 1)
    }

    /// The text of a line, from 1, without its end.
    func line(_ number: Int) -> String {
        guard number >= 1, number <= self.lineStarts.count else { return "" }
        let start = self.lineStarts[number - 1]
        var end = number < self.lineStarts.count ? self.lineStarts[number] - 1 : self.bytes.count
        if end > start, self.bytes[end - 1] == ASCII.cr { end -= 1 }
        return String(decoding: self.bytes[start..<end], as: UTF8.self)
    }

    func text(_ range: SourceRange) -> String {
        let end = min(range.end, self.bytes.count)
        guard range.start < end else { return "" }
        return String(decoding: self.bytes[range.start..<end], as: UTF8.self)
    }
}
