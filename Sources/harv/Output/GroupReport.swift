import SIPKit

/// The table of `--by`.
struct GroupReport {
    let groups: CallGroups
    var top = 0

    func text() -> String {
        var text =
            "\(NumberText.left(self.groups.key.rawValue, 32))  calls  answered   dead      SER   SRD 95 %   length\n"
        let rows = self.groups.sorted
        for (name, group) in self.top == 0 ? rows[...] : rows.prefix(self.top) {
            let ring = group.ring.quantile(0.95).map { "\(NumberText.fixed(Double($0) / 1e9, 2)) s" } ?? "-"
            let length = group.duration.mean.map { "\(NumberText.fixed($0 / 1e9, 0)) s" } ?? "-"
            text +=
                NumberText.left(name, 32) + NumberText.right(NumberText.grouped(group.calls), 7)
                + NumberText.right(NumberText.grouped(group.answered), 10)
                + NumberText.right(NumberText.grouped(group.dead), 7)
                + NumberText.right(NumberText.percent(group.ratio), 9) + NumberText.right(ring, 11)
                + NumberText.right(length, 9) + "\n"
        }
        if self.top > 0, rows.count > self.top { text += "and \(rows.count - self.top) more (--top 0)\n" }
        return text
    }
}
