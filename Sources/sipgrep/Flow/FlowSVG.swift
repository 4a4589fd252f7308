import SIPKit

/// Ladders as a picture that scales. No script, no font and nothing from elsewhere is needed.
enum FlowSVG {
    static let laneGap = 210
    static let rowHeight = 34
    static let timeWidth = 120

    static func document(_ calls: [(FlowCall, String)]) -> String {
        var body = ""
        var top = 0
        var width = 0
        for (index, (call, title)) in calls.enumerated() {
            body += Self.call(call, title: title, top: top, prefix: "c\(index)", links: false)
            top += Self.height(call) + 20
            width = Swift.max(width, Self.width(call))
        }
        return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(Swift.max(top, 20))\" "
            + "viewBox=\"0 0 \(width) \(Swift.max(top, 20))\" font-family=\"sans-serif\" font-size=\"12\">\n"
            + "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\(body)</svg>\n"
    }

    static func width(_ call: FlowCall) -> Int {
        Swift.max(560, Self.timeWidth + Self.laneGap * Swift.max(1, call.places.count) + 40)
    }
    static func height(_ call: FlowCall) -> Int { 70 + Self.rowHeight * call.events.count }

    /// - Parameter links: whether each arrow leads to its message, in a page that has them.
    static func call(_ call: FlowCall, title: String, top: Int, prefix: String, links: Bool) -> String {
        var svg = "<text x=\"10\" y=\"\(top + 20)\" font-weight=\"bold\">\(Self.escape(title))</text>\n"
        let bottom = top + Self.height(call) - 10
        for (index, place) in call.places.enumerated() {
            let x = Self.x(index)
            svg +=
                "<text x=\"\(x)\" y=\"\(top + 44)\" text-anchor=\"middle\">\(Self.escape(call.title(place)))</text>\n"
            svg += "<line x1=\"\(x)\" y1=\"\(top + 50)\" x2=\"\(x)\" y2=\"\(bottom)\" stroke=\"#999999\"/>\n"
        }
        var clock = LocalClock()
        for (row, event) in call.events.enumerated() {
            let y = top + 76 + row * Self.rowHeight
            let picture = Self.arrow(event, y: y)
            let time =
                "<text x=\"10\" y=\"\(y + 4)\" fill=\"#555555\">\(FlowText.timeOfDay(event.time, &clock))</text>\n"
            svg += time + (links ? "<a href=\"#\(prefix)m\(row)\">\(picture)</a>\n" : picture)
        }
        return svg
    }

    private static func x(_ lane: Int) -> Int { Self.timeWidth + Self.laneGap / 2 + lane * Self.laneGap }

    private static func arrow(_ event: FlowCall.Event, y: Int) -> String {
        let color = Self.color(event)
        var label = Self.escape(event.label)
        if event.repeats > 0 { label += " x\(event.repeats + 1)" }
        let (from, to) = (Self.x(event.from), Self.x(event.to))
        if from == to {
            return "<path d=\"M\(from) \(y - 6) h26 v12 h-24\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"1.5\"/>"
                + "<text x=\"\(from + 32)\" y=\"\(y + 4)\" fill=\"\(color)\">\(label)</text>\n"
        }
        let tip = to > from ? -8 : 8
        var picture =
            "<line x1=\"\(from)\" y1=\"\(y)\" x2=\"\(to)\" y2=\"\(y)\" stroke=\"\(color)\" stroke-width=\"\(event.isMedia ? "4" : "1.5")\""
        picture += event.isRequest ? "/>" : " stroke-dasharray=\"5 3\"/>"
        picture += "<path d=\"M\(to) \(y) l\(tip) -4 v8 z\" fill=\"\(color)\"/>"
        let middle = (from + to) / 2
        picture += "<text x=\"\(middle)\" y=\"\(y - 5)\" text-anchor=\"middle\" fill=\"\(color)\">\(label)</text>"
        if !event.note.isEmpty {
            picture +=
                "<text x=\"\(middle)\" y=\"\(y + 12)\" text-anchor=\"middle\" font-size=\"10\" fill=\"#777777\">\(Self.escape(event.note))</text>"
        }
        return picture + "\n"
    }

    /// Media violet, requests blue, provisional grey, success green, redirection and challenges brown, failures red.
    private static func color(_ event: FlowCall.Event) -> String {
        if event.isMedia { return "#6a3d9a" }
        if event.isRequest { return "#1f5fa8" }
        switch event.status {
        case 100..<200: return "#666666"
        case 200..<300: return "#1d7a33"
        case 300..<400, 401, 407: return "#8a5a00"
        default: return "#b3261e"
        }
    }

    static func escape(_ text: String) -> String {
        var escaped: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x26: escaped += Array("&amp;".utf8)
            case ASCII.less: escaped += Array("&lt;".utf8)
            case ASCII.greater: escaped += Array("&gt;".utf8)
            case ASCII.quote: escaped += Array("&quot;".utf8)
            case ASCII.apostrophe: escaped += Array("&#39;".utf8)
            default: escaped.append(byte)
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }
}
