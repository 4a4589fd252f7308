import SIPKit

/// A scenario: steps that are done one after another until one does not come out as it should.
///
/// ```json
/// {"set": {"room": "conf"},
///  "steps": [
///   {"send": "INVITE", "uri": "sip:$room$@$dsthost$", "headers": {"X-Test": "1"}, "expect": 200, "save": {"who": "Contact"}},
///   {"wait": 500},
///   {"send": "BYE", "dialog": true, "expect": "2xx"},
///   {"receive": "NOTIFY", "within": 2000, "answer": 200, "check": {"Event": "^presence$"}}]}
/// ```
struct ScenarioFile: Equatable, Sendable {
    var marks: [MarkReplacement] = []
    var steps: [Step] = []

    struct Step: Equatable, Sendable {
        var action: Action
        /// Header name to expression, over what came in.
        var checks: [Pair] = []
        /// Mark name to header name: what later steps may use.
        var saves: [Pair] = []
    }

    struct Pair: Equatable, Sendable {
        var name: String
        var value: String
    }

    enum Action: Equatable, Sendable {
        case send(Send)
        case receive(Receive)
        case wait(Duration)
        case print(String)
    }

    struct Send: Equatable, Sendable {
        var method: String
        var uri: String?
        var headers: [Pair] = []
        var body: String?
        var type: String?
        var inDialog = false
        var expected: [ClosedRange<Int>] = [200...299]
    }

    struct Receive: Equatable, Sendable {
        var method: String
        var within: Duration = .seconds(5)
        var code = 200
        var headers: [Pair] = []
    }

    private static let mostSteps = 10_000

    /// - Throws: ``UsageError`` that names the line or the step.
    init(_ bytes: [UInt8], name: String) throws(UsageError) {
        func wrong(_ text: String) -> UsageError { UsageError("\(Printable.text(name.utf8)): \(text) (--scenario)") }
        let root: JSONText
        do throws(UsageError) {
            root = try JSONReader.read(bytes)
        } catch {
            throw wrong(error.message)
        }
        for member in try Self.pairs(root["set"], "set", wrong) {
            self.marks.append(MarkReplacement(name: member.name, value: member.value))
        }
        guard case .array(let list) = root["steps"] else { throw wrong("there is no list \"steps\"") }
        guard !list.isEmpty, list.count <= Self.mostSteps else {
            throw wrong("\(list.count) steps; 1 to \(Self.mostSteps) can be done")
        }
        for (index, value) in list.enumerated() {
            self.steps.append(
                try Self.step(value) { text in wrong("step \(index + 1): \(text)") })
        }
    }

    private static func step(_ value: JSONText, _ wrong: (String) -> UsageError) throws(UsageError) -> Step {
        guard case .object(let members) = value else { throw wrong("is no object") }
        let known: Set<String> = [
            "send", "receive", "wait", "print", "uri", "headers", "body", "type", "dialog", "expect", "within",
            "answer",
            "check", "save",
        ]
        for (name, _) in members where !known.contains(name) {
            throw wrong(
                "nobody knows \"\(Printable.text(name.utf8))\"; known are \(known.sorted().joined(separator: ", "))")
        }
        let checks = try Self.pairs(value["check"], "check", wrong)
        for check in checks where ReplySearch(check.value) == nil {
            throw wrong("the regular expression cannot be compiled: '\(Printable.text(check.value.utf8))'")
        }
        let saves = try Self.pairs(value["save"], "save", wrong)
        let action: Action
        if let method = value["send"]?.text {
            guard !method.isEmpty, method.utf8.allSatisfy(ASCII.isToken) else {
                throw wrong("no method name in \"send\"")
            }
            var send = Send(method: method)
            send.uri = value["uri"]?.text
            send.headers = try Self.pairs(value["headers"], "headers", wrong)
            send.body = value["body"]?.text
            send.type = value["type"]?.text
            send.inDialog = value["dialog"] == .bool(true)
            if let expected = value["expect"] { send.expected = try Self.codes(expected, wrong) }
            action = .send(send)
        } else if let method = value["receive"]?.text {
            var receive = Receive(method: method)
            if let within = value["within"] {
                guard let time = within.number, time <= 86_400_000 else { throw wrong("\"within\" is milliseconds") }
                receive.within = .milliseconds(time)
            }
            if let answer = value["answer"] {
                guard let code = answer.number, 200...699 ~= code else {
                    throw wrong("\"answer\" is a code of 200 to 699")
                }
                receive.code = code
            }
            receive.headers = try Self.pairs(value["headers"], "headers", wrong)
            action = .receive(receive)
        } else if let wait = value["wait"] {
            guard let time = wait.number, time <= 86_400_000 else { throw wrong("\"wait\" is milliseconds") }
            action = .wait(.milliseconds(time))
        } else if let text = value["print"]?.text {
            action = .print(text)
        } else {
            throw wrong("has none of send, receive, wait, print")
        }
        return Step(action: action, checks: checks, saves: saves)
    }

    private static func pairs(
        _ value: JSONText?, _ name: String, _ wrong: (String) -> UsageError
    ) throws(UsageError) -> [Pair] {
        guard let value else { return [] }
        guard case .object(let members) = value else { throw wrong("\"\(name)\" is no object") }
        var pairs: [Pair] = []
        for (member, value) in members {
            guard let text = value.text ?? value.number.map({ "\($0)" }) else {
                throw wrong("\"\(Printable.text(member.utf8))\" in \"\(name)\" is no text")
            }
            pairs.append(Pair(name: member, value: text))
        }
        return pairs
    }

    /// `200`, `"2xx"`, or a list of these.
    private static func codes(_ value: JSONText, _ wrong: (String) -> UsageError) throws(UsageError) -> [ClosedRange<
        Int
    >] {
        if case .array(let values) = value {
            var all: [ClosedRange<Int>] = []
            for value in values { all += try Self.codes(value, wrong) }
            return all
        }
        if let code = value.number, 200...699 ~= code { return [code...code] }
        let text = Array((value.text ?? "").utf8)
        if text.count == 3, 0x32...0x36 ~= text[0], text[1] | 0x20 == 0x78, text[2] | 0x20 == 0x78 {
            let hundred = Int(text[0] - 0x30) * 100
            return [hundred...(hundred + 99)]
        }
        throw wrong("\"expect\" is a final code, as 200, or \"2xx\", or a list of these")
    }
}
