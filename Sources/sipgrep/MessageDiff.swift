import SIPKit

/// What two messages have in common, line by line (the longest common subsequence of their lines).
enum MessageDiff {
    /// A line of both, of the left only or of the right only; lines that differ in place share a row.
    struct Row: Equatable {
        var left: String?
        var right: String?
    }

    /// Longer messages are compared from the start only: the table grows with the product of the lengths.
    static let maximumLines = 1500

    static func rows(_ left: [UInt8], _ right: [UInt8]) -> [Row] { Self.rows(Self.lines(left), Self.lines(right)) }

    /// The lines of a message, made harmless.
    static func lines(_ bytes: [UInt8]) -> [String] {
        bytes.split(separator: ASCII.lf, omittingEmptySubsequences: false).map { line in
            Printable.text(line.last == ASCII.cr ? line.dropLast() : line)
        }
    }

    static func rows(_ allLeft: [String], _ allRight: [String]) -> [Row] {
        let (left, right) = (Array(allLeft.prefix(Self.maximumLines)), Array(allRight.prefix(Self.maximumLines)))
        let width = right.count + 1
        var lengths = [Int32](repeating: 0, count: (left.count + 1) * width)
        for row in left.indices.reversed() {
            for column in right.indices.reversed() {
                lengths[row * width + column] =
                    left[row] == right[column]
                    ? lengths[(row + 1) * width + column + 1] + 1
                    : Swift.max(lengths[(row + 1) * width + column], lengths[row * width + column + 1])
            }
        }
        var rows: [Row] = []
        var (gone, come): ([String], [String]) = ([], [])
        func flush() {
            for index in 0..<Swift.max(gone.count, come.count) {
                rows.append(
                    Row(left: index < gone.count ? gone[index] : nil, right: index < come.count ? come[index] : nil))
            }
            (gone, come) = ([], [])
        }
        var (row, column) = (0, 0)
        while row < left.count || column < right.count {
            if row < left.count, column < right.count, left[row] == right[column] {
                flush()
                rows.append(Row(left: left[row], right: right[column]))
                row += 1
                column += 1
            } else if column >= right.count
                || row < left.count && lengths[(row + 1) * width + column] >= lengths[row * width + column + 1]
            {
                gone.append(left[row])
                row += 1
            } else {
                come.append(right[column])
                column += 1
            }
        }
        flush()
        return rows
    }
}
