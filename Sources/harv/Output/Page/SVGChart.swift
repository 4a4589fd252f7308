import Glibc
import SIPKit

/// The pictures of the page, drawn as SVG: they need no script, and print.
enum SVGChart {
    private static func open(_ width: Int, _ height: Int, _ label: String) -> String {
        "<svg viewBox=\"0 0 \(width) \(height)\" role=img aria-label=\"\(HTMLText.escape(label))\">"
    }

    private static func text(_ x: Double, _ y: Double, _ text: String, _ anchor: String = "start") -> String {
        "<text x=\(HTMLText.point(x)) y=\(HTMLText.point(y)) text-anchor=\(anchor)>\(HTMLText.escape(text))</text>"
    }

    /// A round number at or above a value, for the top of an axis: four steps of whole numbers.
    static func ceiling(_ value: Int) -> Int {
        guard value > 4 else { return max(1, value) }
        var step = 1
        while true {
            for factor in [4, 8, 12, 16, 20, 28] where step * factor >= value { return step * factor }
            guard step < 1_000_000_000_000 else { return value }
            step *= 10
        }
    }

    private static func grid(_ left: Double, _ top: Double, _ width: Double, _ height: Double, _ most: Int) -> String {
        var svg = ""
        let steps = most >= 4 ? 4 : most
        for step in 0...steps {
            let y = top + height - height * Double(step) / Double(steps)
            svg += "<path class=grid d=\"M\(HTMLText.point(left)) \(HTMLText.point(y))h\(HTMLText.point(width))\"/>"
            let value = Double(most) * Double(step) / Double(steps)
            svg += Self.text(left - 6, y + 4, Self.short(value), "end")
        }
        return svg
    }

    static func short(_ value: Double) -> String {
        if value >= 10_000 { return "\(NumberText.fixed(value / 1000, 0))k" }
        return value == value.rounded() ? "\(Int(value))" : NumberText.fixed(value, 1)
    }

    // MARK: Over time

    /// Calls over time, stacked by their ending, with the line of calls that were up.
    static func timeline(
        _ row: [(time: Int64, slot: Happenings)], width bucket: Int64, up: [Int], marks: [(time: Int64, text: String)]
    ) -> String {
        let (width, height) = (960, 260)
        let (left, top, w, h) = (44.0, 12.0, 870.0, 208.0)
        let totals = row.map { $0.slot.calls.reduce(0, +) }
        let most = Self.ceiling(totals.max() ?? 1)
        let mostUp = Self.ceiling(up.max() ?? 1)
        var svg = Self.open(width, height, "calls over time by how they ended") + Self.grid(left, top, w, h, most)
        let step = w / Double(max(1, row.count))
        let gap = step > 6 ? 1.0 : step > 3 ? 0.5 : 0
        for (place, item) in row.enumerated() where totals[place] > 0 {
            var y = top + h
            let x = left + Double(place) * step
            svg += "<g><title>\(Self.label(item.time, bucket)): \(Self.sentence(item.slot))</title>"
            for ending in Happenings.Ending.allCases {
                let count = item.slot.calls[ending.rawValue]
                guard count > 0 else { continue }
                let tall = h * Double(count) / Double(most)
                y -= tall
                svg +=
                    "<rect class=e\(ending.rawValue) x=\(HTMLText.point(x)) y=\(HTMLText.point(y)) width=\(HTMLText.point(max(0.7, step - gap))) height=\(HTMLText.point(tall)) />"
            }
            svg += "</g>"
        }
        if up.count == row.count, mostUp > 0, up.contains(where: { $0 > 0 }) {
            let points = up.enumerated().map {
                "\(HTMLText.point(left + (Double($0.offset) + 0.5) * step)) \(HTMLText.point(top + h - h * Double($0.element) / Double(mostUp)))"
            }
            svg += "<polyline class=up points=\"\(points.joined(separator: " "))\"/>"
            svg += Self.text(left + w + 6, top + 4, "\(Self.short(Double(mostUp))) up")
        }
        for mark in marks {
            guard let first = row.first?.time else { continue }
            let x = left + Double(mark.time - first) / Double(bucket) * step
            guard x >= left, x <= left + w else { continue }
            svg +=
                "<g><title>\(HTMLText.escape(mark.text))</title><path class=mark d=\"M\(HTMLText.point(x)) \(HTMLText.point(top))v\(HTMLText.point(h))\"/></g>"
        }
        let every = max(1, row.count / 8)
        for place in stride(from: 0, to: row.count, by: every) where place + every / 2 < row.count || place == 0 {
            svg += Self.text(left + Double(place) * step, top + h + 18, Self.axis(row[place].time, bucket))
        }
        return svg + "</svg>"
    }

    private static func axis(_ time: Int64, _ bucket: Int64) -> String {
        let clock = String(TimeText.clock(time).prefix(bucket < 60_000_000_000 ? 8 : 5))
        return bucket >= 3_600_000_000_000 ? String(TimeText.date(time).dropFirst(5)) + " " + clock : clock
    }

    private static func label(_ time: Int64, _ bucket: Int64) -> String {
        "\(TimeText.date(time)) \(TimeText.clock(time))"
    }

    private static func sentence(_ slot: Happenings) -> String {
        Happenings.Ending.allCases.compactMap { ending in
            let count = slot.calls[ending.rawValue]
            return count > 0 ? "\(count) \(ending.title)" : nil
        }.joined(separator: ", ")
    }

    /// A small picture of when something happened.
    static func sparkline(_ values: [Int]) -> String {
        guard let most = values.max(), most > 0, values.count > 1 else { return "" }
        let (width, height) = (180.0, 26.0)
        let step = width / Double(values.count)
        var svg = "<svg class=spark viewBox=\"0 0 180 26\" role=img aria-label=\"when\">"
        for (place, value) in values.enumerated() where value > 0 {
            let tall = max(2, height * Double(value) / Double(most))
            svg +=
                "<rect x=\(HTMLText.point(Double(place) * step)) y=\(HTMLText.point(height - tall)) width=\(HTMLText.point(max(1, step - 0.6))) height=\(HTMLText.point(tall)) />"
        }
        return svg + "</svg>"
    }

    // MARK: Histograms

    /// A histogram over a logarithmic axis, with its half, 95 % and highest peak marked.
    static func histogram(_ values: Distribution, label: String) -> String {
        guard values.count > 1, values.maximum > 0 else { return "" }
        let low = max(1_000_000.0, Double(max(1, values.minimum)))
        let high = max(low * 2, Double(values.maximum))
        let bins = 48
        let counts = values.histogram(from: low, to: high, bins: bins)
        let most = Self.ceiling(counts.max() ?? 1)
        let (left, top, w, h) = (44.0, 12.0, 420.0, 150.0)
        var svg = Self.open(480, 196, label) + Self.grid(left, top, w, h, most)
        let step = w / Double(bins)
        let span = log(high / low)
        for (place, count) in counts.enumerated() where count > 0 {
            let tall = max(1, h * Double(count) / Double(most))
            let from = low * exp(span * Double(place) / Double(bins))
            svg +=
                "<g><title>\(Self.duration(from)): \(count)</title><rect class=bar x=\(HTMLText.point(left + Double(place) * step)) y=\(HTMLText.point(top + h - tall)) width=\(HTMLText.point(step - 1)) height=\(HTMLText.point(tall)) /></g>"
        }
        for share in [0.5, 0.95] {
            guard let value = values.quantile(share), Double(value) > low else { continue }
            let x = left + w * log(Double(value) / low) / span
            svg += "<path class=quant d=\"M\(HTMLText.point(x)) \(HTMLText.point(top))v\(HTMLText.point(h))\"/>"
            svg += Self.text(
                min(x + 3, left + w - 60), top + 10 + (share > 0.6 ? 12 : 0),
                "\(Int(share * 100)) % \(Self.duration(Double(value)))")
        }
        for tick in [0.001, 0.01, 0.1, 1, 10, 100, 1000, 10_000] {
            let nanoseconds = tick * 1e9
            guard nanoseconds >= low, nanoseconds <= high else { continue }
            svg += Self.text(
                left + w * log(nanoseconds / low) / span, top + h + 18, Self.duration(nanoseconds), "middle")
        }
        return svg + "</svg>"
    }

    static func duration(_ nanoseconds: Double) -> String {
        switch nanoseconds {
        case ..<1e9: "\(NumberText.fixed(nanoseconds / 1e6, nanoseconds < 1e7 ? 1 : 0)) ms"
        case ..<1e11: "\(NumberText.fixed(nanoseconds / 1e9, nanoseconds < 1e10 ? 1 : 0)) s"
        default: "\(NumberText.fixed(nanoseconds / 6e10, 0)) min"
        }
    }

    // MARK: Bars and maps

    /// One bar a row: name, count, share.
    static func bars(_ rows: [(name: String, count: Int, style: String)], of whole: Int) -> String {
        let most = rows.map(\.count).max() ?? 1
        var html = "<div class=bars>"
        for row in rows {
            let share = 100 * Double(row.count) / Double(max(1, whole))
            html +=
                "<div><span>\(HTMLText.escape(row.name))</span><b><i class=\(row.style) style=width:\(HTMLText.point(100 * Double(row.count) / Double(max(1, most))))%></i></b><em>\(NumberText.grouped(row.count))</em><em>\(NumberText.fixed(share, 1)) %</em></div>"
        }
        return html + "</div>"
    }

    /// Hour by weekday: how many calls.
    static func week(_ hourly: [Int64: Int]) -> String {
        var cells = [[Int]](repeating: [Int](repeating: 0, count: 24), count: 7)
        for (hour, count) in hourly {
            // 1970-01-01 was a Thursday; the week begins on Monday.
            let day = Int(((hour / 24 + 3) % 7 + 7) % 7)
            cells[day][Int((hour % 24 + 24) % 24)] += count
        }
        let names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
        return Self.map(names, (0..<24).map { TimeText.pad($0, 2) }, cells, "calls by hour and weekday")
    }

    /// A map of cells, darker where there is more.
    static func map(_ rows: [String], _ columns: [String], _ cells: [[Int]], _ label: String) -> String {
        let most = cells.flatMap { $0 }.max() ?? 0
        guard most > 0, !columns.isEmpty else { return "" }
        let left = 116.0
        let step = 834.0 / Double(columns.count)
        let tall = 22.0
        let height = Int(tall * Double(rows.count)) + 30
        var svg = Self.open(960, height, label)
        for (y, name) in rows.enumerated() {
            svg += Self.text(left - 8, tall * Double(y) + 16, name, "end")
            for (x, value) in cells[y].enumerated() {
                // Square root: small numbers stay visible beside large ones.
                let depth = value == 0 ? 0 : 0.12 + 0.88 * (Double(value) / Double(most)).squareRoot()
                svg +=
                    "<g><title>\(HTMLText.escape(name)) \(HTMLText.escape(columns[x])): \(value)</title><rect class=cell x=\(HTMLText.point(left + Double(x) * step)) y=\(HTMLText.point(tall * Double(y))) width=\(HTMLText.point(max(0.8, step - 1.5))) height=\(HTMLText.point(tall - 2)) style=fill-opacity:\(NumberText.fixed(depth, 2)) /></g>"
            }
        }
        let every = max(1, columns.count / 12)
        for place in stride(from: 0, to: columns.count, by: every) {
            svg += Self.text(left + Double(place) * step, tall * Double(rows.count) + 16, columns[place])
        }
        return svg + "</svg>"
    }
}
