import SIPKit

/// One call as a ladder: number, time, distance, who to whom, what; a relayed message on one line with its
/// time in the server; under it what the server changed.
struct Ladder {
    let context: CallContext
    let findings: [Finding]
    let hasDates: Bool
    var form = PageForm()

    func text() -> String {
        let records = self.context.records
        var names: [SocketAddress: String] = [:]
        var order: [SocketAddress] = []
        for record in records {
            for address in [record.source, record.destination] where names[address] == nil {
                names[address] =
                    self.context.servers.contains(address)
                    ? "server"
                    : String(
                        decoding: [0x41 + UInt8(min(25, order.filter { !self.context.servers.contains($0) }.count))],
                        as: UTF8.self)
                order.append(address)
            }
        }
        var lines = ["Call-ID \(self.context.callID)"]
        for address in order { lines.append("  \(NumberText.left(names[address] ?? "?", 7)) \(address)") }
        lines.append("")
        var last = records.first?.time ?? 0
        for (place, record) in records.enumerated() {
            if record.passage == .relayed, Int(record.original) != place { continue }
            let way = "\(names[record.source] ?? "?") > \(names[record.destination] ?? "?")"
            let copies = self.context.copies(of: place)
            let clock =
                self.hasDates
                ? TimeText.preciseClock(record.time) : TimeText.exactSeconds(record.time - (records.first?.time ?? 0))
            let step = "+\(TimeText.exactSeconds(max(0, record.time - last)))"
            last = max(last, record.time)
            let what = self.what(place)
            lines.append(
                "\(NumberText.right("\(record.number)", 5)) \(NumberText.left(clock, 15)) \(NumberText.right(step, 12))  \(NumberText.left(way, 11)) \(what)"
            )
            for copy in copies {
                let other = records[copy]
                let transit = Double(other.time - record.time) / 1e6
                lines.append(
                    "\(NumberText.right("\(other.number)", 5))    passed on \(names[other.source] ?? "?") > \(names[other.destination] ?? "?") after \(NumberText.fixed(transit, 3)) ms"
                )
                lines += self.changes(place, copy).map { "         \($0)" }
            }
        }
        var conclusions: [String] = []
        if !self.findings.isEmpty {
            lines.append("")
            for finding in self.findings {
                for example in finding.cases {
                    var said = ProblemReport.wrap(
                        "\(finding.severity.name) \(finding.diagnosis.id): \(example.say)", "", "  ", self.form.width
                    ).map(self.form.line)
                    said[0] = self.form.painted(said[0], finding.severity)
                    conclusions += said
                }
            }
        }
        return self.form.encoded((lines.map(self.form.line) + conclusions).map { $0 + "\n" }.joined())
    }

    private func what(_ place: Int) -> String {
        let record = self.context.records[place]
        let mark = record.passage == .repeated ? " (again)" : ""
        guard let message = self.context.message(place) else {
            return (record.isRequest ? "\(record.method.name)" : "\(record.status)") + mark
        }
        if record.isRequest { return "\(message.methodText) \(record.cSeq)\(mark)" }
        return
            "\(record.status) \(Printable.text(message[message.reason]))\(record.method == .invite ? "" : " (\(record.method.name))")\(mark)"
    }

    /// What a server changed between two copies of one message.
    private func changes(_ before: Int, _ after: Int) -> [String] {
        guard let old = self.context.message(before), let new = self.context.message(after) else { return [] }
        var lines: [String] = []
        if old.isRequest, let a = self.context.requestURI(before)?.text, let b = self.context.requestURI(after)?.text,
            a != b
        {
            lines.append("Request-URI \(a) -> \(b)")
        }
        for header: HeaderID in [.contact, .maxForwards] {
            let (a, b) = (self.context.text(before, header) ?? "-", self.context.text(after, header) ?? "-")
            if a != b { lines.append("\(header.name) \(a) -> \(b)") }
        }
        let (a, b) = (self.context.session(before), self.context.session(after))
        if let x = a?.firstAddress, let y = b?.firstAddress {
            let (p, q) = (a?.media.first?.port ?? 0, b?.media.first?.port ?? 0)
            lines.append(x == y && p == q ? "sound to \(x):\(p), unchanged" : "sound to \(x):\(p) -> \(y):\(q)")
        }
        let (added, removed) = Self.headerNames(old, new)
        if !added.isEmpty { lines.append("added \(added.joined(separator: ", "))") }
        if !removed.isEmpty { lines.append("removed \(removed.joined(separator: ", "))") }
        return lines
    }

    private static func headerNames(_ old: SIPMessage, _ new: SIPMessage) -> (added: [String], removed: [String]) {
        func names(_ message: SIPMessage) -> [String: Int] {
            var counts: [String: Int] = [:]
            for slot in message.index.slots { counts[Printable.text(message[slot.name]), default: 0] += 1 }
            return counts
        }
        let (a, b) = (names(old), names(new))
        return (
            b.filter { $0.value > a[$0.key] ?? 0 && $0.key != "Via" }.keys.sorted(),
            a.filter { $0.value > b[$0.key] ?? 0 && $0.key != "Via" }.keys.sorted()
        )
    }
}
