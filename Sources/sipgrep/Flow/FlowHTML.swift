import SIPKit

/// One page with everything in it: the ladders, and each message behind its arrow. It loads nothing and runs no script,
/// so it can be mailed and opened anywhere.
enum FlowHTML {
    static func document(_ calls: [(FlowCall, String)]) -> String {
        var page = """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>SIP calls</title>
            <style>
            body { font-family: sans-serif; margin: 1.5rem; color: #222; background: #fff }
            .flow { overflow-x: auto; border: 1px solid #ddd; border-radius: 6px; margin-bottom: 1rem }
            details { margin: .2rem 0 } summary { cursor: pointer; font-family: monospace }
            pre { background: #f6f6f6; padding: .6rem; overflow-x: auto; margin: .3rem 0 }
            details:target > summary { background: #fff3c4 }
            </style></head><body>
            <h1>SIP calls</h1>

            """
        if calls.isEmpty { page += "<p>No messages.</p>\n" }
        for (index, (call, title)) in calls.enumerated() {
            let (width, height) = (FlowSVG.width(call), FlowSVG.height(call))
            page += "<h2>\(FlowSVG.escape(title))</h2>\n<div class=\"flow\">\n"
            page +=
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" font-size=\"12\">\n"
            page += FlowSVG.call(call, title: "", top: 0, prefix: "c\(index)", links: true)
            page += "</svg>\n</div>\n"
            var clock = LocalClock()
            for (row, event) in call.events.enumerated() {
                let (from, to) = (call.title(call.places[event.from]), call.title(call.places[event.to]))
                page += "<details id=\"c\(index)m\(row)\"><summary>\(FlowText.timeOfDay(event.time, &clock)) "
                page += "\(FlowSVG.escape(event.label)) &nbsp; "
                page += "\(FlowSVG.escape(from)) &rarr; \(FlowSVG.escape(to))</summary>"
                page += "<pre>\(FlowSVG.escape(Self.lines(event.text)))</pre></details>\n"
            }
        }
        return page + "</body></html>\n"
    }

    /// The message's lines, each made harmless.
    private static func lines(_ message: [UInt8]) -> String {
        message.split(separator: ASCII.lf, omittingEmptySubsequences: false).map { line in
            Printable.text(line.last == ASCII.cr ? line.dropLast() : line)
        }.joined(separator: "\n")
    }
}
