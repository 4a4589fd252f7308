import SIPKit

/// The request of a run: OPTIONS, or what a file holds, with everything the options add.
enum ShootDraft {
    /// What one datagram can carry.
    static let limit = 65_507

    static func make(
        _ options: SipsakOptions, _ target: TargetURI, file: [UInt8]?, _ factory: inout RequestFactory
    ) throws(UsageError) -> Draft {
        var draft: Draft
        if let file {
            draft = try Self.read(file, options, target, &factory)
        } else {
            draft = factory.options(target, method: options.method ?? "OPTIONS", maxForwards: options.maxForwards)
            if let body = options.body {
                draft.append("Content-Type", options.contentType ?? "text/plain")
                draft.set(.contentLength, "\(body.utf8.count)")
                draft.body = Array(body.utf8)
            }
            // `-c` has no meaning for a plain OPTIONS in the original, and scripts give it.
            if options.method != nil, let from = options.from { factory.identify(&draft, as: from) }
            options.details.dress(&draft)
            draft.insertFirst(lines: options.headerLines.flatMap { Self.lines($0) })
            if let extra = options.extraHeaders { draft.insertFirst(lines: Self.lines(extra)) }
        }
        guard factory.transport.isReliable || draft.bytes().count <= Self.limit else {
            throw UsageError(
                "message is \(draft.bytes().count) bytes, UDP carries at most \(Self.limit); use -E tcp (-f)")
        }
        return draft
    }

    /// The order is the original's: line ends, `-j`, `-G`, `-g`, Via, Max-Forwards.
    private static func read(
        _ file: [UInt8], _ options: SipsakOptions, _ target: TargetURI, _ factory: inout RequestFactory
    ) throws(UsageError) -> Draft {
        var draft = Draft(text: options.fixesLineEnds ? Self.withLineEnds(file) : file)
        guard !draft.startLine.isEmpty else { throw UsageError("the file holds no message (-f)") }
        if let extra = options.extraHeaders { draft.insertFirst(lines: Self.lines(extra)) }
        var marks: [MarkReplacement] = []
        if options.replacesMarks {
            marks += [
                MarkReplacement(name: "dsthost", value: target.hostPort),
                MarkReplacement(name: "srchost", value: factory.host),
                MarkReplacement(name: "port", value: "\(factory.port)"),
            ]
            if let user = target.user { marks.append(MarkReplacement(name: "user", value: user)) }
        }
        draft.fill(marks)
        draft.fill(options.replacement + options.details.marks)
        let isRequest = !draft.startLine.starts(with: Array("SIP/".utf8))
        if isRequest, options.addsVia { draft.insertFirst("Via", Array(factory.via().utf8)) }
        if isRequest, let hops = options.maxForwards {
            if draft.value(.maxForwards) == nil {
                draft.insertFirst("Max-Forwards", Array("\(hops)".utf8))
            } else {
                draft.set(.maxForwards, "\(hops)")
            }
        }
        if let sequence = draft.sequence { factory.advance(past: sequence) }
        return draft
    }

    /// CRLF for every LF of the headers, and the empty line where it is missing.
    static func withLineEnds(_ text: [UInt8]) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(text.count + 64)
        var last: UInt8 = 0
        for byte in text {
            if byte == ASCII.lf, last != ASCII.cr { output.append(ASCII.cr) }
            output.append(byte)
            last = byte
        }
        if !Self.hasEmptyLine(output) {
            if !output.isEmpty, output.last != ASCII.lf { output += [ASCII.cr, ASCII.lf] }
            output += [ASCII.cr, ASCII.lf]
        }
        return output
    }

    private static func hasEmptyLine(_ text: [UInt8]) -> Bool {
        guard text.count >= 4 else { return false }
        for at in 0...(text.count - 4)
        where text[at] == ASCII.cr && text[at + 1] == ASCII.lf && text[at + 2] == ASCII.cr && text[at + 3] == ASCII.lf {
            return true
        }
        return false
    }

    /// The value of `-j`: the two characters `\n` part headers.
    static func lines(_ text: String) -> [[UInt8]] {
        let bytes = Array(text.utf8)
        var lines: [[UInt8]] = []
        var line: [UInt8] = []
        var at = 0
        while at < bytes.count {
            if bytes[at] == ASCII.backslash, at + 1 < bytes.count, bytes[at + 1] == 0x6E {
                lines.append(line)
                line = []
                at += 2
            } else {
                if bytes[at] != ASCII.cr, bytes[at] != ASCII.lf { line.append(bytes[at]) }
                at += 1
            }
        }
        lines.append(line)
        return lines.filter { !$0.isEmpty }.map { $0 + [ASCII.cr, ASCII.lf] }
    }
}
