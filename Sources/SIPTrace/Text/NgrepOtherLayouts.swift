internal import SIPKit

/// The layouts that have to be put together first: rows, hexadecimal, indented lines, one line, wrapped mail.
extension NgrepTextReader {
    // MARK: Indented lines

    /// Rows of `-W normal`, bytes of `-x`, or the lines that ngrep of 2002 indented by one blank.
    mutating func readIndented(from start: Int) -> Outcome {
        var at = start
        var rows: [Range<Int>] = []
        var isHex = true
        var isSingleBlank = true
        while at < self.window.end, self.window[at] == ASCII.space {
            let end = self.window.lineEnd(from: at)
            if end == self.window.end, !self.window.atEnd { return .needsMore }
            let hasTwo = end - at >= 2 && self.window[at + 1] == ASCII.space
            if hasTwo { isSingleBlank = false }
            if !hasTwo || !self.isHexRow(at + 2, end) { isHex = false }
            rows.append(at..<end)
            at = end + 1
        }
        self.scratch.removeAll(keepingCapacity: true)
        if isSingleBlank {
            self.joinIndented(rows)
            self.foundInScratch(next: at, repairs: [.indentation, .lineEnds])
        } else if isHex {
            for row in rows { self.appendHex(row) }
            self.foundInScratch(next: at, repairs: .hexadecimal)
        } else {
            self.joinRows(rows)
            if self.isSegment { self.rows = self.scratch }
            let count = self.scratch.count
            DotRestorer.restore(&self.scratch, 0..<count)
            self.foundInScratch(next: at, repairs: [.rows, .lineEnds])
        }
        return .done
    }

    private mutating func joinIndented(_ rows: [Range<Int>]) {
        for row in rows {
            let line = row.lowerBound + 1..<max(row.lowerBound + 1, row.upperBound)
            let endsInDot = !line.isEmpty && self.window[line.upperBound - 1] == ASCII.dot
            self.append(line.lowerBound..<line.upperBound - (endsInDot ? 1 : 0))
            if endsInDot { self.scratch.append(ASCII.cr) }
            self.scratch.append(ASCII.lf)
        }
    }

    /// Rows have a fixed width; the last is filled with blanks, and mail programs take blanks away at the ends.
    private mutating func joinRows(_ rows: [Range<Int>]) {
        let width = rows.reduce(0) { max($0, $1.count) }
        for (place, row) in rows.enumerated() {
            let isLast = place == rows.count - 1
            self.append(min(row.lowerBound + 2, row.upperBound)..<row.upperBound)
            if !isLast { self.scratch.append(contentsOf: repeatElement(ASCII.space, count: width - row.count)) }
        }
        while self.scratch.last == ASCII.space { self.scratch.removeLast() }
    }

    /// Pairs of digits and blanks, and text behind them: a row of text may begin like a pair, or hold nothing else.
    private func isHexRow(_ at: Int, _ end: Int) -> Bool {
        let digits = at + 50
        guard end > digits else { return false }
        var place = at
        var pairs = 0
        while place < digits, pairs < 16 {
            if self.window[place] == ASCII.space {
                place += 1
                continue
            }
            guard place + 2 < end, ASCII.hexValue(self.window[place]) != nil,
                ASCII.hexValue(self.window[place + 1]) != nil, self.window[place + 2] == ASCII.space
            else { return false }
            pairs += 1
            place += 2
        }
        return pairs > 0 && (place..<end).contains { self.window[$0] != ASCII.space }
    }

    /// Sixteen bytes as `49 4e …`, in two groups of eight, then the text.
    private mutating func appendHex(_ row: Range<Int>) {
        var at = row.lowerBound + 2
        let end = min(row.upperBound, at + 52)
        var count = 0
        while at + 1 < end, count < 16 {
            if self.window[at] == ASCII.space {
                at += 1
                continue
            }
            guard let high = ASCII.hexValue(self.window[at]), let low = ASCII.hexValue(self.window[at + 1]) else {
                return
            }
            self.scratch.append(high << 4 | low)
            count += 1
            at += 2
        }
    }

    // MARK: Text in the header's line

    /// `-W single`, or by-line text whose header and start line a mail program has joined.
    mutating func readJoined(_ text: Int, _ lineEnd: Int) {
        var end = lineEnd
        if end == self.window.end, !self.window.atEnd {
            // A line of more than the window's lookahead; take what is there.
            self.foundOversized()
        }
        let isSingle = end - text > 120 && DotRestorer.holdsHeader(self.window.bytes, text, end)
        guard isSingle else { return self.readWrapped(from: text) }
        while end > text + 1, self.window[end - 1] == ASCII.space { end -= 1 }
        self.restoreDots(text..<end)
        self.found(text..<end, next: lineEnd + 1)
    }

    // MARK: Wrapped by mail

    /// Joins wrapped lines with one blank until a line ends in ngrep's dot and the next one begins something new.
    mutating func readWrapped(from start: Int) {
        var lines: [Range<Int>] = []
        var at = start
        while at < self.window.end {
            let end = self.window.lineEnd(from: at)
            if end == self.window.end, !self.window.atEnd {
                let (shift, begin) = (at - self.window.start, start - self.window.start)
                guard self.window.grow() else { break }
                if self.window.start + shift != at { return self.readWrapped(from: self.window.start + begin) }
                continue
            }
            if at > start, self.window.isMarkLine(at, end) || self.isHeader(at, end) { break }
            lines.append(at..<end)
            at = end + 1
        }
        self.scratch.removeAll(keepingCapacity: true)
        var repairs: TextRepairs = [.lineEnds]
        while let last = lines.last, last.isEmpty { lines.removeLast() }
        for (place, range) in lines.enumerated() {
            let line = self.unquoted(range, &repairs)
            self.append(line)
            let endsLine = line.isEmpty || self.isDotted(line)
            let next = place + 1 < lines.count ? self.unquoted(lines[place + 1], &repairs) : nil
            if endsLine, next.map({ self.beginsLine($0) }) ?? true {
                if !line.isEmpty, self.scratch.last == ASCII.dot || self.scratch.last == ASCII.cr {
                    self.scratch[self.scratch.count - 1] = ASCII.cr
                }
                self.scratch.append(ASCII.lf)
            } else {
                if self.scratch.last == ASCII.cr { self.scratch[self.scratch.count - 1] = ASCII.dot }
                self.scratch.append(ASCII.space)
                repairs.insert(.wrapping)
            }
        }
        while self.scratch.last == ASCII.space { self.scratch.removeLast() }
        if AddressRepair.apply(&self.scratch) { repairs.insert(.addresses) }
        if self.bodyLengthAgrees() { repairs.insert(.lengthAgrees) }
        self.foundInScratch(next: at, repairs: repairs)
    }

    private func isHeader(_ at: Int, _ end: Int) -> Bool {
        guard BlockHeader.mayBegin(self.window.bytes.span, at) else { return false }
        var clock = self.clock
        return BlockHeader(self.window.bytes.span, ByteRange(at, end), time: &clock) != nil
    }

    /// The line without a mail's quotation marks.
    private func unquoted(_ range: Range<Int>, _ repairs: inout TextRepairs) -> Range<Int> {
        var at = range.lowerBound
        while at < range.upperBound, self.window[at] == ASCII.greater {
            at += 1
            if at < range.upperBound, self.window[at] == ASCII.space { at += 1 }
            repairs.insert(.indentation)
        }
        return at..<range.upperBound
    }

    private func isDotted(_ line: Range<Int>) -> Bool {
        let last = self.window[line.upperBound - 1]
        return last == ASCII.dot || last == ASCII.cr
    }

    /// Whether a line can begin a header, a line of a session description, or is the empty line.
    private mutating func beginsLine(_ line: Range<Int>) -> Bool {
        if line.isEmpty { return true }
        if line.count == 1 { return self.isDotted(line) }
        let second = self.window[line.lowerBound + 1]
        return second == ASCII.equals && ASCII.isLetter(self.window[line.lowerBound])
            || self.isHeaderLine(line.lowerBound, line.upperBound)
    }

    private func bodyLengthAgrees() -> Bool {
        var index = MessageIndex()
        guard (try? index.parse(self.scratch.span)) != nil,
            let length = try? index.contentLength(self.scratch.span)
        else { return false }
        return index.end - index.bodyStart == length
    }

    private mutating func append(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        self.scratch.append(contentsOf: self.window.bytes[range])
    }
}

extension DotRestorer {
    /// Whether somewhere in the line two dots stand in front of a header's name.
    static func holdsHeader(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Bool {
        var at = start
        while at + 2 < end {
            if bytes[at] == ASCII.dot, bytes[at + 1] == ASCII.dot, Self.isHeaderName(bytes, at + 2, end) { return true }
            at += 1
        }
        return false
    }
}
