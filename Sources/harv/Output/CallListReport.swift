import SIPKit

/// The calls of a number or user name, when there are several (`--call 4711`): when, who, what became of it, and the Call-ID
/// to ask for.
struct CallListReport {
    let summary: Summary
    let search: CallSearch
    /// What was asked for.
    let wanted: String
    /// How many rows it has; 0 for all.
    var top = 15
    var form = PageForm()

    func text() -> String {
        let calls = self.search.calls.sorted { ($0.time, $0.callID) < ($1.time, $1.callID) }
        let shown = self.top == 0 ? calls[...] : calls.prefix(self.top)
        let names = shown.map { "\($0.caller) -> \($0.callee)" }
        let times = shown.map(self.time)
        let time = times.reduce(4) { max($0, $1.utf8.count) }
        let fixed = time + 28
        let (longest, widest) = (
            shown.reduce(0) { max($0, $1.callID.unicodeScalars.count) },
            names.reduce(10) { max($0, $1.unicodeScalars.count) }
        )
        // A Call-ID is there to be copied: it stands whole, in a line of its own where the line has no room for it.
        let isInline = fixed + 22 + 2 + longest <= self.form.width
        let who = min(widest, self.form.width - fixed - (isInline ? 2 + longest : 0))
        func row(_ time: String, _ names: String, _ how: String, _ length: String) -> String {
            " \(time) \(NumberText.left(names, who)) \(NumberText.left(how, 14))\(NumberText.right(length, 11))"
        }
        var lines = [
            "\(NumberText.grouped(self.search.count)) calls of \(Printable.text(self.wanted.utf8)); harv --call CALL-ID shows one",
            "",
            row(NumberText.left("time", time), "from -> to", "how", "up for s") + (isInline ? "  Call-ID" : ""),
        ].map(self.form.line)
        for ((call, names), at) in zip(zip(shown, names), times) {
            let how = OutcomeName.of(CallFigures.Outcome(status: call.status, isDead: call.isDead))
            let line = row(
                NumberText.left(at, time), names, call.status == 0 ? how : "\(NumberText.left(how, 10)) \(call.status)",
                call.duration.map { NumberText.fixed(Double($0) / 1e9, 1) } ?? "-")
            lines += isInline ? ["\(line)  \(call.callID)"] : [self.form.line(line), "   \(call.callID)"]
        }
        if self.search.count > shown.count {
            lines.append(
                "and \(NumberText.grouped(self.search.count - shown.count)) more"
                    + (calls.count > shown.count ? " (--top 0)" : ""))
        }
        return self.form.encoded(lines.map { $0 + "\n" }.joined())
    }

    /// The time of day, with the date where the trace has more than one.
    private func time(_ call: CallLine) -> String {
        guard self.summary.hasTimes else { return "-" }
        guard self.summary.hasDates, let first = self.summary.firstTime, let last = self.summary.lastTime else {
            return TimeText.exactSeconds(call.time)
        }
        let date = TimeText.date(call.time)
        return TimeText.date(first) == TimeText.date(last)
            ? TimeText.clock(call.time) : "\(date) \(TimeText.clock(call.time))"
    }
}
