import SIPKit

/// `--histogram`: how the times are distributed, a bar for each range that has some. Ranges double, with a step between.
enum Histogram {
    private static let width = 40

    static func text(_ samples: LatencySamples) -> String {
        guard !samples.isEmpty else { return "" }
        var rows: [(low: Int64, high: Int64, count: Int)] = []
        var low: Int64 = 0
        var below = 0
        // 2, 3, 4, 6, 8, 12 … microseconds, up to an hour and more.
        for step in 0..<64 where below < samples.count {
            let high = Int64(step % 2 == 0 ? 2_000 : 3_000) << Int64(step / 2)
            let upTo = samples.count(upTo: .nanoseconds(high))
            if upTo > below { rows.append((low, high, upTo - below)) }
            below = Swift.max(below, upTo)
            low = high
        }
        let most = rows.map(\.count).max() ?? 1
        return rows.map { row in
            let bar = String(repeating: "#", count: Swift.max(1, row.count * Self.width / Swift.max(1, most)))
            return Columns.right(Milliseconds.text(.nanoseconds(row.low)), 10) + " -"
                + Columns.right(Milliseconds.text(.nanoseconds(row.high)), 10) + " ms "
                + Columns.right("\(row.count)", 9) + "  \(bar)\n"
        }.joined()
    }
}
