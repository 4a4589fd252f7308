import SIPKit

/// One call as a line of NDJSON, or as a row of `calls.csv`.
enum CallRecordWriter {
    static let columns = [
        "time", "call_id", "from", "to", "source", "destination", "user_agent", "callee_agent", "code", "ring", "setup",
        "duration", "hint", "offered", "accepted", "messages", "repeats", "rules",
    ]

    static func csv(_ call: CallDetail) -> String {
        CSVWriter.row([
            call.hasDate ? TimeText.iso(call.time) : TimeText.exactSeconds(call.time), call.callID, call.from, call.to,
            call.source.map { "\($0)" } ?? "", call.destination.map { "\($0)" } ?? "", call.userAgent,
            call.calleeAgent, call.status == 0 ? "" : "\(call.status)", CSVWriter.seconds(call.ring),
            CSVWriter.seconds(call.setup), CSVWriter.seconds(call.duration), call.hint,
            call.offered.joined(separator: " "), call.accepted.joined(separator: " "), "\(call.messages)",
            "\(call.repeats)", call.rules.joined(separator: " "),
        ])
    }

    static func json(_ call: CallDetail) -> String {
        var json = JSONWriter()
        let optional = { (text: String) in text.isEmpty ? nil : text }
        json.object { json in
            json.value("type", "call")
            if call.hasDate { json.value("time", TimeText.iso(call.time)) }
            json.value("call_id", call.callID)
            json.value("from", optional(call.from))
            json.value("to", optional(call.to))
            json.value("from_tag", optional(call.fromTag))
            json.value("to_tag", optional(call.toTag))
            json.value("source", call.source.map { "\($0)" })
            json.value("destination", call.destination.map { "\($0)" })
            json.value("user_agent", optional(call.userAgent))
            json.value("callee_agent", optional(call.calleeAgent))
            json.value("hint", optional(call.hint))
            json.value("code", call.status == 0 ? nil : call.status)
            json.value("ring", call.ring.map { Double($0) / 1e9 }, decimals: 6)
            json.value("setup", call.setup.map { Double($0) / 1e9 }, decimals: 6)
            json.value("duration", call.duration.map { Double($0) / 1e9 }, decimals: 6)
            if !call.offered.isEmpty { json.list("offered") { for codec in call.offered { $0.value(nil, codec) } } }
            if !call.accepted.isEmpty { json.list("accepted") { for codec in call.accepted { $0.value(nil, codec) } } }
            json.value("messages", call.messages)
            json.value("repeats", call.repeats)
            if !call.rules.isEmpty { json.list("rules") { for rule in call.rules { $0.value(nil, rule) } } }
        }
        return json.text + "\n"
    }
}
