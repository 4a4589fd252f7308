import SIPKit

/// A message from a file, as it would stand on the wire.
///
/// People write such files with an editor: lines that end with LF alone get their CR, a missing empty line is added, and
/// then Content-Length is made right. A file that has CRs is taken as it is, faults included.
struct SimulatedMessage {
    let bytes: [UInt8]

    init(_ file: [UInt8]) {
        guard !file.contains(ASCII.cr) else {
            self.bytes = file
            return
        }
        var text: [UInt8] = []
        text.reserveCapacity(file.count + 64)
        var bodyStart: Int?
        var isLineStart = true
        for byte in file {
            guard byte == ASCII.lf else {
                text.append(byte)
                isLineStart = false
                continue
            }
            text += [ASCII.cr, ASCII.lf]
            if isLineStart, bodyStart == nil { bodyStart = text.count }
            isLineStart = true
        }
        if bodyStart == nil {
            if !isLineStart { text += [ASCII.cr, ASCII.lf] }
            text += [ASCII.cr, ASCII.lf]
            bodyStart = text.count
        }
        var index = MessageIndex()
        guard (try? index.parse(text.span)) != nil, let length = index.first(.contentLength) else {
            self.bytes = text
            return
        }
        var edits = MessageEdits()
        let count = text.count - (bodyStart ?? text.count)
        edits.replace(length) { $0.append(decimal: UInt64(count)) }
        self.bytes = edits.apply(to: text)
    }
}
