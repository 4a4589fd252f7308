import SIPKit
import SIPTrace

/// `--diff A B`: what two messages, or two calls, have not in common.
///
/// Numbers are those of the messages shown, from 1 (the `n` of --json); anything else is a part of a Call-ID. Calls are laid
/// side by side by their messages' kinds, and messages of the same kind are compared line by line.
struct DiffPrinter: MessagePrinter {
    var isNgrepLike: Bool { false }
    private let names: [String]
    private var sides: [[(label: String, bytes: [UInt8])]] = [[], []]
    private var callIDs: [[UInt8]] = [[], []]
    private var number = 0
    private var reading = MessageReading()

    static let maximumMessages = 500

    init(_ names: [String]) { self.names = names }

    private func isNumber(_ side: Int) -> Bool { Int(self.names[side]) != nil }

    mutating func print(_ origin: MessageOrigin, _ message: Span<UInt8>, to output: inout OutputBuffer) {
        self.number += 1
        self.reading.read(message)
        for side in 0..<2 where self.isWanted(side, message) && self.sides[side].count < Self.maximumMessages {
            self.sides[side].append((FlowCall.label(message, self.reading), message.copy(ByteRange(0, message.count))))
        }
    }

    private mutating func isWanted(_ side: Int, _ message: Span<UInt8>) -> Bool {
        if let number = Int(self.names[side]) { return number == self.number }
        let callID = message.copy(self.reading.isReadable ? self.reading.callID : .none)
        if self.callIDs[side].isEmpty, ByteSearch.contains(callID, self.names[side]) { self.callIDs[side] = callID }
        return !callID.isEmpty && self.callIDs[side] == callID
    }

    mutating func finish(_ summary: Summary, to output: inout OutputBuffer) {
        for side in 0..<2 where self.sides[side].isEmpty {
            let kind = self.isNumber(side) ? "message" : "call"
            output.write("no \(kind) \(Printable.text(self.names[side].utf8))\n")
        }
        guard self.sides.allSatisfy({ !$0.isEmpty }) else { return }
        let isCall = !self.isNumber(0) || !self.isNumber(1)
        if isCall {
            output.write("--- call \(Printable.text(self.callIDs[0]))\n+++ call \(Printable.text(self.callIDs[1]))\n")
        }
        let pairs = isCall ? self.pairs() : [(Optional(0), Optional(0))]
        for (left, right) in pairs {
            switch (left, right) {
            case (let left?, let right?): self.write(self.sides[0][left], self.sides[1][right], &output)
            case (let left?, nil): output.write("- \(self.sides[0][left].label)\n")
            case (nil, let right?): output.write("+ \(self.sides[1][right].label)\n")
            case (nil, nil): break
            }
        }
    }

    /// Which messages of the two calls stand beside one another.
    private func pairs() -> [(Int?, Int?)] {
        let rows = MessageDiff.rows(self.sides[0].map(\.label), self.sides[1].map(\.label))
        var (left, right) = (0, 0)
        return rows.flatMap { row -> [(Int?, Int?)] in
            if row.left == row.right {
                defer { (left, right) = (left + 1, right + 1) }
                return [(left, right)]
            }
            var result: [(Int?, Int?)] = []
            if row.left != nil {
                result.append((left, nil))
                left += 1
            }
            if row.right != nil {
                result.append((nil, right))
                right += 1
            }
            return result
        }
    }

    private func write(
        _ left: (label: String, bytes: [UInt8]), _ right: (label: String, bytes: [UInt8]), _ output: inout OutputBuffer
    ) {
        let rows = MessageDiff.rows(left.bytes, right.bytes)
        guard rows.contains(where: { $0.left != $0.right }) else { return output.write("= \(left.label)\n") }
        output.write("~ \(left.label)\(left.label == right.label ? "" : " | \(right.label)")\n")
        for row in rows {
            if row.left == row.right {
                output.write("    \(row.left ?? "")\n")
            } else {
                if let text = row.left { output.write("  - \(text)\n") }
                if let text = row.right { output.write("  + \(text)\n") }
            }
        }
    }
}
