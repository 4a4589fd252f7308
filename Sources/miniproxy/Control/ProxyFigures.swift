import Glibc
import SIPKit

/// Everything that is counted, of all loops together: as JSON, as serctl prints it, and for Prometheus.
struct ProxyFigures {
    private let loops: [LoopFigures]
    private let state: ProxyState
    private let started: Int64

    init(_ methods: ControlMethods) {
        self.loops = methods.statistics.collect()
        self.state = methods.state
        self.started = methods.started
    }

    private func sum(_ figure: (ProxyStatistics) -> Int) -> Int { self.loops.reduce(0) { $0 + figure($1.statistics) } }

    /// Name, what it is, whether it only grows, and the number.
    private var figures: [(name: String, help: String, isCounter: Bool, value: Int)] {
        [
            ("requests", "Requests that came in.", true, self.sum(\.requests)),
            ("responses", "Responses that came in.", true, self.sum(\.responses)),
            ("malformed", "Messages that were not SIP.", true, self.sum(\.malformed)),
            ("repeats", "Repeats that were absorbed.", true, self.sum(\.repeats)),
            ("stray_responses", "Responses that belong to nothing.", true, self.sum(\.strayResponses)),
            ("overloaded", "Requests refused because tables were full.", true, self.sum(\.overloaded)),
            ("timeouts", "Branches that nobody answered.", true, self.sum(\.timeouts)),
            ("send_errors", "Messages that could not be sent.", true, self.sum(\.sendErrors)),
            ("loops", "Requests that came back to us.", true, self.sum(\.loops)),
            ("transactions_total", "Transactions ever.", true, self.sum(\.transactions)),
            ("transactions", "Transactions now.", false, self.loops.reduce(0) { $0 + $1.transactions }),
            (
                "waiting", "Requests that wait for a database or a name.", false,
                self.loops.reduce(0) { $0 + $1.waiting }
            ),
            ("uptime_seconds", "Seconds since the start.", true, Int(Int64(time(nil)) - self.started)),
        ]
    }

    private func replies(_ codes: Range<Int>) -> Int {
        self.sum { statistics in codes.reduce(0) { $0 + statistics.statelessReplies[$1] } }
    }

    private func reply(_ code: Int) -> Int { self.sum { $0.statelessReplies[code] } }

    var json: JSONValue {
        var members = self.figures.map { JSONValue.Member(name: $0.name, value: .integer($0.value)) }
        var codes: [JSONValue.Member] = []
        for code in 100..<700 where self.reply(code) > 0 {
            codes.append(JSONValue.Member(name: String(code), value: .integer(self.reply(code))))
        }
        members.append(JSONValue.Member(name: "stateless_replies", value: .object(codes)))
        members.append(
            JSONValue.Member(
                name: "contacts",
                value: .object(
                    self.state.location.all.map {
                        JSONValue.Member(name: Printable.text($0.name), value: .integer($0.bindingCount))
                    })))
        return .object(members)
    }

    /// The text format of Prometheus, version 0.0.4.
    var prometheus: String {
        var text = ""
        for figure in self.figures {
            let name =
                "miniproxy_\(figure.name)" + (figure.isCounter && !figure.name.hasSuffix("total") ? "_total" : "")
            text += "# HELP \(name) \(figure.help)\n# TYPE \(name) \(figure.isCounter ? "counter" : "gauge")\n"
            text += "\(name) \(figure.value)\n"
        }
        text += "# HELP miniproxy_stateless_replies_total Answers of our own without a transaction.\n"
        text += "# TYPE miniproxy_stateless_replies_total counter\n"
        for code in 100..<700 where self.reply(code) > 0 {
            text += "miniproxy_stateless_replies_total{code=\"\(code)\"} \(self.reply(code))\n"
        }
        text += "# HELP miniproxy_contacts Contacts in a table.\n# TYPE miniproxy_contacts gauge\n"
        for table in self.state.location.all {
            let name = Printable.text(table.name.filter { $0 != ASCII.quote && $0 != ASCII.backslash })
            text += "miniproxy_contacts{table=\"\(name)\"} \(table.bindingCount)\n"
        }
        return text
    }

    // MARK: As SER prints them

    var transactions: JSONValue {
        .object([
            "current": .integer(self.loops.reduce(0) { $0 + $1.transactions }), "waiting": .integer(0),
            "total": .integer(self.sum(\.transactions)), "total_local": .integer(0),
            "replied_locally": .integer(self.sum(\.repliedLocally)),
            "6xx": .integer(self.sum { $0.completions[6] }), "5xx": .integer(self.sum { $0.completions[5] }),
            "4xx": .integer(self.sum { $0.completions[4] }), "3xx": .integer(self.sum { $0.completions[3] }),
            "2xx": .integer(self.sum { $0.completions[2] }),
        ])
    }

    /// Some codes by themselves and the others by their class; 1xx count as `xxx`.
    var stateless: JSONValue {
        let own = [200, 202, 300, 301, 302, 400, 401, 403, 404, 407, 408, 483, 500]
        var members = own.map { JSONValue.Member(name: String($0), value: .integer(self.reply($0))) }
        for digit in 2...6 {
            let named = own.filter { $0 / 100 == digit }.reduce(0) { $0 + self.reply($1) }
            members.append(
                JSONValue.Member(
                    name: "\(digit)xx", value: .integer(self.replies(digit * 100..<digit * 100 + 100) - named)))
        }
        members.append(JSONValue.Member(name: "xxx", value: .integer(self.replies(100..<200))))
        members.append(JSONValue.Member(name: "failures", value: .integer(self.sum(\.sendErrors))))
        return .object(members)
    }
}
