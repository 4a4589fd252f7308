import Glibc
import SIPKit

/// Two periods side by side (`--compare`, `--baseline`): figures old and new, a mark where the change is beyond chance,
/// rules that are new or gone, phones and next hops that came or went.
struct Comparison {
    let old: Figures
    let new: Figures

    struct Row: Equatable {
        var name: String
        var old: Double?
        var new: Double?
        var unit: String
        /// Whether chance would do this less than once in a thousand comparisons of twenty cases and more.
        var isBeyondChance: Bool
    }

    /// Fewer cases prove nothing.
    static let leastCases = 20.0

    var rows: [Row] {
        let ratios: [(String, String, String)] = [
            ("SER", "calls.answered", "calls.tried"), ("SCR", "calls.completed", "calls.tried"),
            ("registrations good", "registrations.good", "registrations.tried"),
            ("OPTIONS answered", "options.answered", "options.sent"),
        ]
        var rows: [Row] = [
            self.row("calls", "calls.tried", ""), self.row("messages", "totals.raw", ""),
        ]
        for (name, part, whole) in ratios {
            guard let a = self.ratio(self.old, part, whole) ?? nil, let b = self.ratio(self.new, part, whole) else {
                continue
            }
            rows.append(
                Row(
                    name: name, old: a, new: b, unit: "%",
                    isBeyondChance: Self.differ(
                        self.old.values[part] ?? 0, self.old.values[whole] ?? 0, self.new.values[part] ?? 0,
                        self.new.values[whole] ?? 0)))
        }
        for (name, path) in [("NER", "calls.ner"), ("SEER", "calls.seer"), ("ISA", "calls.isa")] {
            guard let a = self.old.values[path], let b = self.new.values[path], let n = self.old.values["calls.tried"],
                let m = self.new.values["calls.tried"]
            else { continue }
            rows.append(
                Row(
                    name: name, old: a, new: b, unit: "%",
                    isBeyondChance: Self.differ(a * n / 100, n, b * m / 100, m)))
        }
        for (name, key) in [
            ("to first ring, half", "srd"), ("to answer, half", "setup"), ("call length, half", "sdt"),
            ("hang-up, half", "sdd"), ("registration, half", "rrd"),
        ] {
            guard let a = self.old.values["times.\(key).p50"], let b = self.new.values["times.\(key).p50"] else {
                continue
            }
            rows.append(Row(name: name, old: a, new: b, unit: "s", isBeyondChance: self.medianMoved(key)))
        }
        let codes = Set(
            (Array(self.old.values.keys) + Array(self.new.values.keys)).filter {
                $0.hasPrefix("codes.") && $0.hasSuffix(".unique")
            })
        for path in codes.sorted() {
            let (a, b) = (self.old.values[path] ?? 0, self.new.values[path] ?? 0)
            let (n, m) = (self.old.values["totals.unique"] ?? 0, self.new.values["totals.unique"] ?? 0)
            guard Self.differ(a, n, b, m) else { continue }
            rows.append(
                Row(name: "code \(path.split(separator: ".")[1])", old: a, new: b, unit: "", isBeyondChance: true))
        }
        return rows.filter { $0.old != nil || $0.new != nil }
    }

    private func row(_ name: String, _ path: String, _ unit: String) -> Row {
        Row(name: name, old: self.old.values[path], new: self.new.values[path], unit: unit, isBeyondChance: false)
    }

    private func ratio(_ figures: Figures, _ part: String, _ whole: String) -> Double? {
        guard let a = figures.values[part], let b = figures.values[whole], b > 0 else { return nil }
        return 100 * a / b
    }

    /// The test of two proportions; 3.29 standard errors are one in a thousand.
    static func differ(_ a: Double, _ n: Double, _ b: Double, _ m: Double) -> Bool {
        guard n >= Self.leastCases, m >= Self.leastCases else { return false }
        let pooled = (a + b) / (n + m)
        let error = (pooled * (1 - pooled) * (1 / n + 1 / m)).squareRoot()
        return error > 0 && abs(a / n - b / m) / error > 3.29
    }

    /// Whether the half moved by more than chance: its standard error from the distance of the 90 % mark, since the single
    /// values are gone when a report was saved.
    private func medianMoved(_ key: String) -> Bool {
        func part(_ figures: Figures) -> (half: Double, error: Double)? {
            guard let half = figures.values["times.\(key).p50"], let high = figures.values["times.\(key).p90"],
                let count = figures.values["times.\(key).n"], count >= Self.leastCases
            else { return nil }
            return (half, 1.2533 * max(high - half, half * 0.01) / 1.2816 / count.squareRoot())
        }
        guard let a = part(self.old), let b = part(self.new) else { return false }
        return abs(a.half - b.half) > 3.29 * (a.error * a.error + b.error * b.error).squareRoot()
    }

    var newRules: [String] { self.new.rules.keys.filter { self.old.rules[$0] == nil }.sorted() }
    var goneRules: [String] { self.old.rules.keys.filter { self.new.rules[$0] == nil }.sorted() }

    func text() -> String {
        var text =
            "\(NumberText.left("", 22))\(NumberText.right("old", 12))\(NumberText.right("new", 12))\(NumberText.right("change", 14))\n"
        for row in self.rows {
            let cells = [row.old, row.new].map { $0.map { Self.number($0, row.unit) } ?? "-" }
            var change = ""
            if let a = row.old, let b = row.new {
                let difference = b - a
                change =
                    row.unit == "%"
                    ? "\(difference < 0 ? "" : "+")\(NumberText.fixed(difference, 1)) points"
                    : a > 0 ? "\(difference < 0 ? "" : "+")\(NumberText.fixed(100 * difference / a, 1)) %" : ""
                if row.isBeyondChance { change += difference < 0 ? "  v" : "  ^" }
            }
            text +=
                "\(NumberText.left(row.name, 22))\(NumberText.right(cells[0], 12))\(NumberText.right(cells[1], 12))    \(change)\n"
        }
        text += self.list("new", self.newRules.map(Self.rule)) + self.list("gone", self.goneRules.map(Self.rule))
        text += self.list("new phones", self.new.agents.subtracting(self.old.agents).sorted())
        text += self.list("new next hops", self.new.peers.subtracting(self.old.peers).sorted())
        text += self.list("silent next hops", self.old.peers.subtracting(self.new.peers).sorted())
        return text + "\n^ and v: chance alone would do this less than once in a thousand times\n"
    }

    private func list(_ title: String, _ items: [String]) -> String {
        guard !items.isEmpty else { return "" }
        let shown = items.prefix(12).joined(separator: ", ") + (items.count > 12 ? " and \(items.count - 12) more" : "")
        return ProblemReport.wrap(shown, NumberText.left("\(title):", 18), "                  ", 80).map { $0 + "\n" }
            .joined()
    }

    private static func rule(_ id: String) -> String { "\(id) \(DiagnosisTable.rule(id)?.name ?? "")" }

    private static func number(_ value: Double, _ unit: String) -> String {
        switch unit {
        case "%": "\(NumberText.fixed(value, 1)) %"
        case "s": "\(NumberText.fixed(value, value < 0.1 ? 4 : 2)) s"
        default: NumberText.grouped(Int(min(value, 1e15)))
        }
    }
}
