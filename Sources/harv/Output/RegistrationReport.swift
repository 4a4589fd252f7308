import SIPKit

/// The table of `--registrations`: a line for each user, what needs a look first.
struct RegistrationReport {
    let summary: Summary
    let users: RegisteredUsers
    /// How many rows it has; 0 for all.
    var top = 15
    var form = PageForm()

    private struct Line {
        var user: String
        var state: String
        var refused: String
        var contacts: String
        var interval: String
        var granted: String
        var refreshed: String
        var source: String
        var phone: String
    }

    func text() -> String {
        let rows = self.users.sorted(now: self.now)
        let shown = self.top == 0 ? rows[...] : rows.prefix(self.top)
        let domain = Self.domain(rows)
        var lines = self.head(rows.map(\.state), domain)
        if !shown.isEmpty { lines += self.table(shown.map { self.line($0.name, $0.state, $0.row, domain) }) }
        if rows.count > shown.count {
            lines.append("and \(NumberText.grouped(rows.count - shown.count)) more (--top 0)")
        }
        if self.users.isFull {
            lines.append("users beyond the first \(NumberText.grouped(RegisteredUsers.maxUsers)) are not listed")
        }
        return self.form.encoded(lines.map { self.form.line($0) + "\n" }.joined())
    }

    /// The end of the trace, where it has times.
    private var now: Int64? { self.summary.hasTimes ? self.summary.lastTime : nil }

    private func head(_ states: [RegisteredUsers.State], _ domain: String?) -> [String] {
        let counts = RegisteredUsers.State.allCases.map { state in (state.name, states.count { $0 == state }) }
        let told = counts.filter { $0.1 > 0 }.map { "\(NumberText.grouped($0.1)) \($0.0)" }.joined(separator: ", ")
        let whose = domain.map { " of \($0)" } ?? ""
        let text = "\(NumberText.grouped(states.count)) users\(whose)\(told.isEmpty ? "" : ": \(told)")"
        return ProblemReport.wrap(text, "REGISTRATIONS  ", "  ", self.form.width) + [""]
    }

    /// The domain that all of them have.
    private static func domain(_ rows: [(name: String, state: RegisteredUsers.State, row: RegisteredUsers.Row)])
        -> String?
    {
        func domain(_ name: String) -> Substring? {
            name.lastIndex(of: "@").map { name[name.index(after: $0)...] }
        }
        guard let first = rows.first.flatMap({ domain($0.name) }), rows.allSatisfy({ domain($0.name) == first }) else {
            return nil
        }
        return String(first)
    }

    private func line(
        _ name: String, _ state: RegisteredUsers.State, _ row: RegisteredUsers.Row, _ domain: String?
    ) -> Line {
        let user = domain == nil ? name : String(name[..<(name.lastIndex(of: "@") ?? name.endIndex)])
        let agents = self.summary.agents.agents
        let agent = Int(row.agent) < agents.count ? agents[Int(row.agent)].text : []
        let contacts = Int(row.contacts)
        return Line(
            user: user, state: state.name,
            refused: row.refused > 0
                ? "\(row.code)x\(row.refused)" : row.unanswered > 0 ? "-x\(row.unanswered)" : "-",
            contacts: contacts == 0
                ? "-" : contacts > RegisteredUsers.Row.maxContacts ? "5+" : "\(contacts)",
            interval: row.interval.map { NumberText.fixed($0, 0) } ?? "-",
            granted: row.granted == 0 ? "-" : "\(row.granted)", refreshed: self.clock(row), source: "\(row.source.ip)",
            phone: agent.isEmpty ? "-" : self.phone(agent))
    }

    private func phone(_ agent: [UInt8]) -> String {
        let name = UserAgentName(agent)
        let whole = [name.family, name.model, name.version].filter { !$0.isEmpty }.joined(separator: " ")
        return self.form.extra > 0 ? whole : name.family
    }

    /// The time of day; days before the end where it is a day ago and more.
    private func clock(_ row: RegisteredUsers.Row) -> String {
        guard let now = self.now, row.granted > 0, self.summary.hasDates else { return "-" }
        let days = (now - row.refreshed) / 86_400_000_000_000
        return days > 0 ? "-\(days)d" : String(TimeText.clock(row.refreshed).prefix(5))
    }

    private func table(_ lines: [Line]) -> [String] {
        // What is left of the width goes to phones, users and addresses, to each what it needs.
        var left = self.form.extra
        func grown(_ usual: Int, _ texts: [String]) -> Int {
            let wanted = texts.reduce(usual) { max($0, $1.unicodeScalars.count) }
            let more = min(max(0, left), wanted - usual)
            left -= more
            return usual + more
        }
        let phone = self.form.extra < 0 ? 0 : grown(8, lines.map(\.phone))
        let user = grown(13, lines.map(\.user))
        let source = grown(15, lines.map(\.source))
        func row(_ line: Line) -> String {
            " \(NumberText.left(line.user, user)) \(NumberText.left(line.state, 10))"
                + NumberText.right(line.refused, 8) + NumberText.right(line.contacts, 3)
                + NumberText.right(line.interval, 6) + NumberText.right(line.granted, 6)
                + NumberText.right(line.refreshed, 6)
                + "  \(NumberText.left(line.source, source)) \(phone > 0 ? NumberText.left(line.phone, phone) : "")"
        }
        let titles = Line(
            user: "user", state: "state", refused: "refused", contacts: "at", interval: "every", granted: "for s",
            refreshed: "last", source: "from", phone: "phone")
        return [row(titles)] + lines.map(row)
    }
}
