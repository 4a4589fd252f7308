/// Changing a session description in its message: each change is one edit, and everything else leaves as it came.
///
/// End with ``MessageEdits/fixLength(of:in:)``: the body has another length then.
extension SessionDescription {
    /// Writes another address into a `c=` or `o=` line, with its type. TTL and count of a multicast address go with it.
    public func replace(_ connection: Connection, with address: IPAddress, in edits: inout MessageEdits) {
        let type: StaticString = address.family == .v4 ? "IP4" : "IP6"
        edits.replace(connection.addressType) { output in type.withUTF8Buffer { output.append(contentsOf: $0) } }
        edits.replace(connection.addressField) { output in
            var text = ByteWriter()
            address.write(to: &text)
            output += text.bytes
        }
    }

    /// Writes another port into an `m=` line.
    public func replacePort(of media: Media, with port: UInt16, in edits: inout MessageEdits) {
        edits.replace(media.port) { output in output += String(port).utf8 }
    }

    /// Adds an attribute at the end of a section (``session`` or a medium's).
    ///
    /// - Parameter attribute: without `a=` and line end; line ends in it become blanks.
    public func add(attribute: String, to section: Range<Int>, in bytes: Span<UInt8>, _ edits: inout MessageEdits) {
        let section = section.clamped(to: self.lines.indices)
        let place = section.isEmpty ? self.whole.start : self.lines[section.upperBound - 1].whole.end
        // The last line of a description may have no line end.
        let needsLineEnd = place > self.whole.start && bytes[place - 1] != ASCII.lf
        edits.insert(at: place) { output in
            if needsLineEnd { output += [ASCII.cr, ASCII.lf] }
            output += Array("a=".utf8)
            output += attribute.utf8.map { $0 == ASCII.cr || $0 == ASCII.lf ? ASCII.space : $0 }
            output += [ASCII.cr, ASCII.lf]
        }
    }

    /// Takes out every attribute with this name in a section.
    public func removeAttributes(
        _ name: StaticString, in section: Range<Int>, of bytes: Span<UInt8>, _ edits: inout MessageEdits
    ) {
        for place in section.clamped(to: self.lines.indices) where self.lines[place].letter == UInt8(ascii: "a") {
            let value = self.lines[place].value
            let nameEnd = bytes.firstIndex(of: ASCII.colon, in: value) ?? value.end
            if bytes.equals(ByteRange(value.start, nameEnd), name) { edits.remove(self.lines[place].whole) }
        }
    }
}

extension MessageEdits {
    /// By how many bytes the edits make this part of the message longer (or shorter, below zero).
    public func growth(of range: ByteRange) -> Int {
        var growth = 0
        var at = 0
        // Behind the first `count` lie edits of earlier messages.
        for edit in self.edits.prefix(self.count) {
            // As in writing: what lies in a piece that is gone already is passed over.
            guard edit.original.start >= at else { continue }
            at = edit.original.end
            guard edit.original.start >= range.start, edit.original.end <= range.end else { continue }
            growth += edit.replacement.count - edit.original.count
        }
        return growth
    }

    /// Makes Content-Length right again after edits in the body, also when it was made right before and more edits
    /// came. A message without one stays without.
    public mutating func fixLength(of index: borrowing MessageIndex, in bytes: Span<UInt8>) {
        guard let value = index.first(.contentLength) else { return }
        self.forgetEdits(of: value)
        let body = index.body(bytes)
        let growth = self.growth(of: body)
        guard growth != 0 else { return }
        self.replace(value) { output in output += String(Swift.max(0, body.count + growth)).utf8 }
    }
}
