import ArgumentParser
import SIPKit

/// The options that say which messages are wanted, beyond the match.
struct SelectionOptions: ParsableArguments {
    @Option(name: .customLong("from"), help: ArgumentHelp("From must contain this expression.", valueName: "re"))
    var from: String?
    @Option(name: .customLong("to"), help: ArgumentHelp("To must contain it.", valueName: "re"))
    var to: String?
    @Option(name: .customLong("contact"), help: ArgumentHelp("Contact must contain it.", valueName: "re"))
    var contact: String?
    @Option(name: .customLong("ua"), help: ArgumentHelp("User-Agent or Server must contain it.", valueName: "re"))
    var agent: String?
    @Option(name: .customLong("call-id"), help: ArgumentHelp("Call-ID must contain it.", valueName: "re"))
    var callID: String?
    @Option(name: .customLong("header"), help: ArgumentHelp("Any header must contain it.", valueName: "name:re"))
    var headers: [String] = []
    @Option(
        name: .customLong("method"),
        help: ArgumentHelp("Only these methods and the responses to them.", valueName: "m,.."))
    var methods: String?
    @Option(
        name: .customLong("status"),
        help: ArgumentHelp("Only responses with these codes (404, 4xx).", valueName: "code,.."))
    var statuses: String?
    @Option(
        name: .customLong("ip"),
        help: ArgumentHelp("Only to or from this address or network.", valueName: "ip[/bits]"))
    var addresses: [String] = []
    @Option(
        name: .customLong("filter"),
        help: ArgumentHelp(
            "Only messages that satisfy an expression, such as 'method == INVITE and status >= 400'.",
            valueName: "expr"))
    var filters: [String] = []
    @Flag(
        name: [.customShort("g"), .customLong("dialog")],
        help: "Show the whole dialog of every message that matches.")
    var wholeDialogs = false
    @Option(
        name: .customLong("correlate"),
        help: ArgumentHelp("Headers that tie calls together for -g.", valueName: "hdr,.."))
    var correlate = "X-Call-ID,X-CID,Session-ID,P-Charging-Vector"
    @Option(
        name: .customLong("lookback"),
        help: ArgumentHelp("How far back -g looks on live input.", valueName: "seconds"))
    var lookback = 30

    func apply(to settings: inout Settings) throws(Failure) {
        let expressions: [(String, FilterField, String?)] = [
            ("--from", .address(.from, .whole), self.from), ("--to", .address(.to, .whole), self.to),
            ("--contact", .address(.contact, .whole), self.contact), ("--ua", .agent, self.agent),
            ("--call-id", .callID, self.callID),
        ]
        for (option, field, expression) in expressions {
            guard let expression else { continue }
            settings.conditions.append(Settings.Condition(option: option, field: field, expression: expression))
        }
        for text in self.headers {
            let parts = text.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { throw Failure("--header: NAME:EXPRESSION is expected, here is \"\(text)\"") }
            let field = FilterField.header(Array(parts[0].utf8))
            settings.conditions.append(
                Settings.Condition(option: "--header", field: field, expression: String(parts[1])))
        }
        try self.add("--method", Self.list("method", self.methods), to: &settings)
        try self.add("--status", Self.list("status", self.statuses), to: &settings)
        if !self.addresses.isEmpty {
            try self.add("--ip", self.addresses.map { "ip == \"\($0)\"" }.joined(separator: " or "), to: &settings)
        }
        for filter in self.filters { try self.add("--filter", filter, to: &settings) }
        guard self.lookback >= 0 else { throw Failure("--lookback: a number of seconds is needed") }
        settings.wholeDialogs = self.wholeDialogs
        settings.correlators = self.correlate.split(separator: ",").map(String.init)
        settings.lookback = Int64(Swift.min(self.lookback, 86_400)) * 1_000_000_000
    }

    /// Adds a filter that has been read once, so that a mistake is found before a device is opened.
    private func add(_ option: String, _ filter: String?, to settings: inout Settings) throws(Failure) {
        guard let filter else { return }
        do {
            _ = try FilterParser.parse(filter)
        } catch {
            throw Failure("\(option): \(error)")
        }
        settings.filters.append(filter)
    }

    private static func list(_ field: String, _ values: String?) -> String? {
        guard let values else { return nil }
        let quoted = values.split(separator: ",").map { "\"\($0)\"" }.joined(separator: ", ")
        return "\(field) in {\(quoted)}"
    }
}
