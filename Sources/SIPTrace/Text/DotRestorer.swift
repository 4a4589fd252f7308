internal import SIPKit

/// Gives a message back its line ends where ngrep printed `..` for them (`-W none`, `single` and rows).
///
/// The dots are ambiguous: a value can end in a dot and text can hold dots. So a pair of them is a line end only where
/// a header's name and colon follow, four are the end of the headers, and in a session description `x=` has to follow.
/// The length stays what it was: every dot stands for one byte.
enum DotRestorer {
    static func restore(_ bytes: inout [UInt8], _ range: Range<Int>) {
        guard range.lowerBound >= 0, range.upperBound <= bytes.count else { return }
        var at = range.lowerBound
        let end = range.upperBound
        while at < end {
            guard bytes[at] == ASCII.dot else {
                at += 1
                continue
            }
            var stop = at
            while stop < end, bytes[stop] == ASCII.dot { stop += 1 }
            if stop - at >= 4 {
                // A body that begins with dots is rarer than a value that ends in one: the last four count.
                Self.write(&bytes, stop - 4)
                Self.write(&bytes, stop - 2)
                Self.restoreBody(&bytes, stop..<end)
                return
            }
            if stop - at >= 2, stop == end || Self.isHeaderName(bytes, stop, end) { Self.write(&bytes, stop - 2) }
            at = stop
        }
    }

    private static func restoreBody(_ bytes: inout [UInt8], _ range: Range<Int>) {
        let isSession =
            range.count > 2 && bytes[range.lowerBound] == 0x76 && bytes[range.lowerBound + 1] == ASCII.equals
        guard isSession else { return }
        var at = range.lowerBound
        while at < range.upperBound {
            guard bytes[at] == ASCII.dot else {
                at += 1
                continue
            }
            var stop = at
            while stop < range.upperBound, bytes[stop] == ASCII.dot { stop += 1 }
            let isLine =
                stop == range.upperBound
                || (stop + 1 < range.upperBound && bytes[stop + 1] == ASCII.equals && ASCII.isLetter(bytes[stop]))
            if stop - at >= 2, isLine { Self.write(&bytes, stop - 2) }
            at = stop
        }
    }

    /// Whether a header's name and its colon stand here.
    static func isHeaderName(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Bool {
        guard start < end, ASCII.isLetter(bytes[start]) else { return false }
        var at = start
        while at < end, at - start < 40, ASCII.isAlphanumeric(bytes[at]) || bytes[at] == ASCII.minus { at += 1 }
        while at < end, bytes[at] == ASCII.space { at += 1 }
        return at < end && bytes[at] == ASCII.colon
    }

    private static func write(_ bytes: inout [UInt8], _ at: Int) {
        bytes[at] = ASCII.cr
        bytes[at + 1] = ASCII.lf
    }
}
