import Glibc
internal import SIPKit

/// The layout that people use (`-W byline`): the message's own lines, each with a `.` for its CR.
///
/// Nothing is copied. The dot in front of a line end becomes the CR that it stands for, in the window itself. Methods that
/// change nothing are `mutating` too: a reader that is only borrowed is handed over as a copy of all its values.
extension NgrepTextReader {
    /// What looking through a block's lines came to.
    enum Outcome {
        case done
        /// The block reaches behind the window.
        case needsMore
        /// Lines were wrapped: the joining reader has to do it.
        case wrapped
    }

    /// Finds and restores the payload behind a header, whatever its layout is.
    mutating func readPayload(_ header: BlockHeader, _ headerEnd: Int) {
        if let text = header.text { return self.readJoined(text, headerEnd) }
        while true {
            // Positions move when the window is filled, so they are taken anew each time, from its start.
            let shift = headerEnd - self.window.start
            switch self.readLines(from: self.skipEmptyLine(headerEnd + 1)) {
            case .done: return
            case .wrapped: return self.readWrapped(from: headerEnd + 1)
            case .needsMore:
                guard self.window.grow() else {
                    self.foundOversized()
                    return self.found(
                        min(headerEnd + 1, self.window.end)..<self.window.end, next: self.window.end)
                }
                if self.window.start + shift != headerEnd {
                    return self.readPayload(header, self.window.start + shift)
                }
            }
        }
    }

    /// sipcapture's sipgrep prints an empty line behind the header, and TCP flags on a line of their own.
    private mutating func skipEmptyLine(_ place: Int) -> Int {
        var at = place
        for _ in 0..<2 {
            guard at < self.window.end else { return at }
            let end = self.window.lineEnd(from: at)
            let isFlags = end - at > 3 && self.window[at] == ASCII.space && self.window[at + 1] == ASCII.openBracket
            guard end == at || isFlags, end + 1 < self.window.end, ASCII.isLetter(self.window[end + 1]),
                !BlockHeader.mayBegin(self.window.bytes.span, end + 1)
            else { return at }
            at = end + 1
        }
        return at
    }

    private mutating func readLines(from start: Int) -> Outcome {
        guard start < self.window.end else {
            if !self.window.atEnd { return .needsMore }
            self.found(start..<start, next: start)
            return .done
        }
        let firstEnd = self.window.lineEnd(from: start)
        if firstEnd == self.window.end, !self.window.atEnd { return .needsMore }
        if self.window[start] == ASCII.space { return self.readIndented(from: start) }
        if firstEnd - start > 120, self.holdsManyHeaders(start, firstEnd) {
            self.restoreDots(start..<firstEnd)
            self.found(start..<firstEnd, next: firstEnd + 1)
            return .done
        }
        if let usual = self.window.restoreUsualHeaders(from: start) {
            let length = usual.length.flatMap { self.contentLength($0.start, $0.end) }
            return self.readBody(start, usual.body, length)
        }
        var at = start
        var dotted = false
        var bare = false
        var length: Int? = nil
        while at < self.window.end {
            let end = at == start ? firstEnd : self.window.lineEnd(from: at)
            if end == self.window.end, !self.window.atEnd { return .needsMore }
            let first = self.window[at]
            if end == at {
                // An empty line: the end of the headers where bare LFs end the lines, else the end of the block.
                if !self.isBlockEnd(end + 1) { return self.readBody(start, end + 1, length) }
                self.found(start..<at, next: end + 1)
                return .done
            }
            if end == at + 1, first == ASCII.dot || first == ASCII.cr {
                if end < self.window.end { self.window[at] = ASCII.cr }
                return self.readBody(start, min(end + 1, self.window.end), length)
            }
            if first == 0x23, self.window.isMarkLine(at, end) {
                self.found(start..<at, next: at)
                return .done
            }
            let last = self.window[end - 1]
            if last == ASCII.dot || last == ASCII.cr {
                dotted = true
                if bare, at > start, !self.isHeaderLine(at, end), first != ASCII.space, first != ASCII.tab {
                    return .wrapped
                }
                if end < self.window.end { self.window[end - 1] = ASCII.cr }
            } else {
                if at > start, dotted || bare, !self.isHeaderLine(at, end), first != ASCII.space, first != ASCII.tab {
                    return .wrapped
                }
                bare = true
            }
            if first | 0x20 == 0x63 || first | 0x20 == 0x6C, let value = self.contentLength(at, end) { length = value }
            at = end + 1
        }
        self.found(start..<self.window.end, next: self.window.end)
        return .done
    }

    /// The body: as long as Content-Length says when a block ends there, else up to the next sign of a block.
    private mutating func readBody(_ start: Int, _ body: Int, _ length: Int?) -> Outcome {
        if let length {
            let end = body + length
            if length < TextWindow.maxBlock, end + 2 > self.window.end, !self.window.atEnd { return .needsMore }
            if end <= self.window.end, self.isEndOfBody(end) {
                self.restoreLines(body, end)
                self.found(start..<end, next: end, repairs: [.lineEnds, .lengthAgrees])
                return .done
            }
        }
        var at = body
        while at < self.window.end {
            let end = self.window.lineEnd(from: at)
            if end == self.window.end, !self.window.atEnd { return .needsMore }
            if end == at ? self.isBlockEnd(end + 1) : self.isBlockEnd(at) { break }
            at = end + 1
        }
        let stop = min(at, self.window.end)
        self.restoreLines(body, stop)
        // ngrep adds one LF to what it prints. It is not the message's, unless the last line lost its empty line.
        var last = stop
        let bodyLength = stop - body
        if let length, bodyLength == length + 1, last > body, self.window[last - 1] == ASCII.lf {
            last -= 1
        } else if length == nil, last > body, self.window[last - 1] == ASCII.lf,
            last < 2 || self.window[last - 2] != ASCII.cr
        {
            last -= 1
        }
        if let length, last - body != length { self.foundWrongLength() }
        self.found(start..<last, next: stop)
        return .done
    }

    /// Whether nothing of a message can follow here: the end, hash marks, or another header.
    mutating func isBlockEnd(_ place: Int) -> Bool {
        guard place < self.window.end else { return true }
        let first = self.window[place]
        if first == 0x23 { return self.window.isMarkLine(place, self.window.lineEnd(from: place)) }
        if first == ASCII.lf { return self.isBlockEnd(place, after: 1) }
        if first == 0x65 || ASCII.isDigit(first), self.isFarewell(place) { return true }
        return self.isHeader(place)
    }

    private mutating func isBlockEnd(_ place: Int, after empty: Int) -> Bool {
        var at = place
        while at < self.window.end, self.window[at] == ASCII.lf, at - place < 4 { at += 1 }
        return at - place < 4 && (at >= self.window.end || self.isBlockEnd(at))
    }

    /// ngrep's last words: `exit`, and `6 received, 1 matched`, at the very end of the input.
    private mutating func isFarewell(_ place: Int) -> Bool {
        var at = place
        for _ in 0..<3 where at < self.window.end {
            let end = self.window.lineEnd(from: at)
            let line = ByteRange(at, end)
            let bytes = self.window.bytes.span
            let isExit = line.count == 4 && bytes.equals(line, "exit")
            let isCount =
                line.count > 16 && ASCII.isDigit(bytes[at])
                && (bytes.equals(ByteRange(end - 7, end), "matched")
                    || bytes.equals(ByteRange(end - 7, end), "dropped"))
            guard line.isEmpty || isExit || isCount else { return false }
            at = end + 1
        }
        return at >= self.window.end && self.window.atEnd
    }

    /// Whether a block ends behind a body of the announced length.
    private mutating func isEndOfBody(_ place: Int) -> Bool {
        guard place < self.window.end else { return true }
        if self.window[place] == ASCII.lf { return self.isBlockEnd(place + 1) }
        return place > 0 && self.window[place - 1] == ASCII.lf && self.isBlockEnd(place)
    }

    private mutating func restoreLines(_ from: Int, _ to: Int) {
        var at = from
        while at < to, let end = self.window.find(ASCII.lf, from: at, to: to) {
            if end > from, self.window[end - 1] == ASCII.dot { self.window[end - 1] = ASCII.cr }
            at = end + 1
        }
    }

    // MARK: Lines

    /// Whether a line begins with a header's name and a colon.
    mutating func isHeaderLine(_ at: Int, _ end: Int) -> Bool {
        var place = at
        while place < end, ASCII.isToken(self.window[place]), self.window[place] != ASCII.dot { place += 1 }
        guard place > at else { return false }
        while place < end, ASCII.isBlank(self.window[place]) { place += 1 }
        guard place < end, self.window[place] == ASCII.colon else { return false }
        // A wrapped URI also has a colon behind a token: `sip:040600@…`.
        return !self.window.bytes.span.equalsIgnoringCase(ByteRange(at, min(place, at + 4)), "sip")
            && !self.window.bytes.span.equalsIgnoringCase(ByteRange(at, min(place, at + 4)), "sips")
    }

    private mutating func holdsManyHeaders(_ at: Int, _ end: Int) -> Bool {
        var place = at
        while let dot = self.window.find(ASCII.dot, from: place, to: end - 1) {
            if self.window[dot + 1] == ASCII.dot, DotRestorer.isHeaderName(self.window.bytes, dot + 2, end) {
                return true
            }
            place = dot + 1
        }
        return false
    }

    /// The number of a Content-Length line (`Content-Length: 340.`, `l: 340`).
    private mutating func contentLength(_ at: Int, _ end: Int) -> Int? {
        let bytes = self.window.bytes.span
        // `Content-Length: ` as nearly all write it: two words.
        if end - at > 16, bytes.word(at: at) == 0x2D74_6E65_746E_6F43, bytes.word(at: at + 8) == 0x203A_6874_676E_654C {
            var cursor = ByteCursor(bytes, ByteRange(at + 16, end))
            cursor.skipLWS()
            return cursor.takeNumber(limit: 1 << 24).map { Int($0) }
        }
        var place = at
        while place < end, bytes[unchecked: place] != ASCII.colon, place - at < 16 { place += 1 }
        let name = ByteRange(at, MessageText.trimmed(bytes, from: at, to: place))
        guard
            name.count == 14 && bytes.equalsIgnoringCase(name, "content-length")
                || name.count == 1 && bytes[at] | 0x20 == 0x6C
        else { return nil }
        var cursor = ByteCursor(bytes, ByteRange(place + 1, end))
        cursor.skipLWS()
        return cursor.takeNumber(limit: 1 << 24).map { Int($0) }
    }
}

/// Small questions about text lines that both layouts of lines ask.
enum MessageText {
    static func trimmed(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Int {
        var last = min(end, bytes.count)
        while last > start, ASCII.isLWS(bytes[last - 1]) { last -= 1 }
        return last
    }
}

extension TextWindow {
    /// Restores the line ends of headers that are as usual, in one walk over the bytes: each line ends in the dot or CR of
    /// its line end, none is empty or begins like a mark, and one line may be the Content-Length.
    ///
    /// - Returns: where the body begins, and the line that may be the Content-Length; `nil` for all other headers, of which
    ///   some lines may have been restored.
    mutating func restoreUsualHeaders(from start: Int) -> (body: Int, length: ByteRange?)? {
        let end = self.end
        var found: (body: Int, length: ByteRange?)? = nil
        self.withBytes { array in
            guard start >= 0, end <= array.count else { return }
            array.withUnsafeMutableBufferPointer { bytes in
                guard let base = bytes.baseAddress else { return }
                var at = start
                var length: ByteRange? = nil
                while at < end, let hit = memchr(base + at, Int32(ASCII.lf), end &- at) {
                    let stop = UnsafeRawPointer(hit) - UnsafeRawPointer(base)
                    guard stop > at, base[stop &- 1] == ASCII.dot || base[stop &- 1] == ASCII.cr else { return }
                    let first = base[at]
                    if stop == at &+ 1 {
                        base[at] = ASCII.cr
                        found = (stop &+ 1, length)
                        return
                    }
                    guard first != 0x23 else { return }
                    base[stop &- 1] = ASCII.cr
                    // `Content-Length` and `l`, and little besides.
                    let letter = first | 0x20
                    if letter == 0x6C || letter == 0x63 && stop &- at > 15 && base[at &+ 8] | 0x20 == 0x6C {
                        guard length == nil else { return }
                        length = ByteRange(at, stop)
                    }
                    at = stop &+ 1
                }
            }
        }
        return found
    }

    mutating func restoreDots(_ range: Range<Int>) { self.withBytes { DotRestorer.restore(&$0, range) } }
}
