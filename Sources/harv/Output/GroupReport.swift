import SIPKit

/// The table of `--by`.
struct GroupReport {
    let groups: CallGroups
    var top = 0
    var form = PageForm()

    func text() -> String {
        let rows = self.groups.sorted
        let shown = self.top == 0 ? rows[...] : rows.prefix(self.top)
        let width = self.form.column(27, for: shown.map(\.0))
        var text =
            "\(NumberText.left(self.groups.key.rawValue, width))  calls  answered   dead      SER   SRD 95 %   length\n"
        for (name, group) in shown {
            let ring = group.ring.quantile(0.95).map { "\(NumberText.fixed(Double($0) / 1e9, 2)) s" } ?? "-"
            let length = group.duration.mean.map { "\(NumberText.fixed($0 / 1e9, 0)) s" } ?? "-"
            text +=
                NumberText.left(name, width) + NumberText.right(NumberText.grouped(group.calls), 7)
                + NumberText.right(NumberText.grouped(group.answered), 10)
                + NumberText.right(NumberText.grouped(group.dead), 7)
                + NumberText.right(NumberText.percent(group.ratio), 9) + NumberText.right(ring, 11)
                + NumberText.right(length, 9) + "\n"
        }
        if self.top > 0, rows.count > self.top { text += "and \(rows.count - self.top) more (--top 0)\n" }
        return self.form.encoded(text)
    }
}
