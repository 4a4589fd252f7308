internal import SIPKit

/// TCP in ngrep's text: the bytes of one segment, whatever they begin and end with, for the ``SegmentJoiner``.
extension NgrepTextReader {
    /// Reads the payload behind a `T` header; ``pending`` has the messages that are whole now.
    mutating func readSegment(_ header: BlockHeader, _ headerEnd: Int) {
        let place = self.window.offset(of: headerEnd)
        let isWaiting = self.joiner.isWaiting(self.origin.source, self.origin.destination)
        // Reading `-W single` as a message restores its dots in the window, which a piece must not suffer.
        let isSingle = header.text.map { DotRestorer.holdsHeader(self.window.bytes, $0, headerEnd) } ?? false
        if !isWaiting, !isSingle || headerEnd - (header.text ?? headerEnd) <= 120 {
            // Most segments are one message. The layouts' own readers know bodies that look like blocks.
            let (repairs, statistics) = (self.repairs, self.statistics)
            self.readPayload(header, headerEnd)
            if self.repairs.contains(.lengthAgrees) && !self.endsInForeignLine || self.isRepairedMail
                || self.isKeepAlive()
            {
                return self.pending.append(self.payload.copy(ByteRange(0, self.payload.count)))
            }
            // A segment that breaks off looks like a wrapped line, and is none: what was noted of it is taken back.
            self.undo(repairs, statistics)
        }
        self.addLineEndRepair()
        let end = self.window.place(of: place)
        self.window.rewind(to: end)
        let (bytes, isDotted) = self.segment(header, end)
        self.pending += self.joiner.append(
            bytes, isDotted: isDotted, from: self.origin.source, to: self.origin.destination)
    }

    /// Whether somebody's mail program was at it; a segment that breaks off looks like a wrapped line as well.
    private var isRepairedMail: Bool { !self.repairs.isDisjoint(with: [.addresses, .header]) }

    /// Whether the last bytes have a line end of another kind than the headers: then ngrep's own, and perhaps its mark, were
    /// taken for two or three bytes that the next segment brings.
    private var endsInForeignLine: Bool {
        let payload = self.payload
        var at = 0
        while at < payload.count, payload[at] != ASCII.lf { at += 1 }
        guard at > 0, at < payload.count, payload[at - 1] == ASCII.cr else { return false }
        return (max(at + 1, payload.count - 3)..<max(at + 1, payload.count)).contains {
            payload[$0] == ASCII.lf && payload[$0 - 1] != ASCII.cr
        }
    }

    private func isKeepAlive() -> Bool {
        let payload = self.payload
        guard payload.count <= 6 else { return false }
        for place in 0..<payload.count where !ASCII.isLWS(payload[place]) && payload[place] != ASCII.dot {
            return false
        }
        return true
    }

    /// The segment's bytes, and whether dots stand in it for line ends.
    private mutating func segment(_ header: BlockHeader, _ headerEnd: Int) -> (bytes: [UInt8], isDotted: Bool) {
        if let text = header.textStart {
            // `-W single`: the rest of the line, and ngrep's one blank behind it.
            var end = headerEnd
            if end > text, self.window[end - 1] == ASCII.space { end -= 1 }
            self.window.advance(to: headerEnd + 1)
            return (Array(self.window.bytes[min(text, end)..<end]), true)
        }
        self.window.advance(to: headerEnd + 1)
        // One blank alone is the segment's own: rows have two.
        if self.window.count > 1, self.window[self.window.start] == ASCII.space,
            self.window[self.window.start + 1] == ASCII.space
        {
            // Rows, or bytes in hexadecimal.
            while case .needsMore = self.readIndented(from: self.window.start) {
                guard self.window.grow() else { break }
            }
            if self.repairs.contains(.rows) { return (self.rows, true) }
            return (self.payload.copy(ByteRange(0, self.payload.count)), false)
        }
        return self.lines()
    }

    private mutating func lines() -> (bytes: [UInt8], isDotted: Bool) {
        var at = 0
        var lines = 0
        while true {
            let place = self.window.start + at
            if place >= self.window.end {
                guard self.window.grow() else { break }
                continue
            }
            let end = self.window.lineEnd(from: place)
            if end == self.window.end, self.window.grow() { continue }
            if self.isBlockEnd(place) { break }
            at = min(end + 1, self.window.end) - self.window.start
            lines += 1
        }
        // Empty lines in front of what follows: ngrep's own, and perhaps the end of the segment.
        let start = self.window.start
        var stop = start + at
        while stop < self.window.end, self.window[stop] == ASCII.lf { stop += 1 }
        var bytes = Array(self.window.bytes[start..<max(start, stop)])
        let hasMark = stop < self.window.end && self.window[stop] == 0x23
        // ngrep adds a line end, and without its marks an empty line behind it.
        let isMarked = hasMark || stop >= self.window.end && self.statistics.marks > 0
        for _ in 0..<(isMarked ? 1 : 2) where bytes.last == ASCII.lf { bytes.removeLast() }
        self.window.advance(to: stop)
        // Taken for a line end before it was known that the segment breaks off here: it may be any dot.
        if bytes.last == ASCII.cr { bytes[bytes.count - 1] = ASCII.dot }
        if lines <= 2, !bytes.contains(ASCII.lf), bytes.count > 40, DotRestorer.holdsHeader(bytes, 0, bytes.count) {
            // `-W none`.
            return (bytes, true)
        }
        for place in bytes.indices where place > 0 && bytes[place] == ASCII.lf && bytes[place - 1] == ASCII.dot {
            bytes[place - 1] = ASCII.cr
        }
        return (bytes, false)
    }
}
