import SIPKit
import Testing

@testable import sipsak

@Suite("A scenario")
struct ScenarioTests {
    static func run(
        _ json: String, _ words: [String] = ["-s", "sip:bob@192.0.2.7"],
        _ answer: @escaping (SIPMessage, Int) -> [(Duration, ScriptedWire.Event)]
    ) throws -> Run {
        let scenario = try ScenarioFile(Array(json.utf8), name: "test.json")
        return try Run(words, scenario: scenario, answer)
    }

    @Test("sends, checks, saves, and uses what it saved")
    func saves() throws {
        let json = #"""
            {"set": {"room": "conf"}, "steps": [
              {"send": "OPTIONS", "uri": "sip:$room$@192.0.2.7", "headers": {"X-Who": "$user$"}, "expect": "2xx",
               "save": {"who": "Server"}, "check": {"Server": "^ser"}},
              {"send": "MESSAGE", "body": "hello $who$", "expect": [200, 202]}]}
            """#
        let run = try Self.run(json) { request, _ in
            [Reply.event(request, request.method == .message ? "202 Accepted" : "200 OK", "Server: ser 1")]
        }
        #expect(run.status == .ok)
        #expect(run.out.hasSuffix("scenario of 2 steps completed\n"))
        let first = try SIPMessage(parsing: run.wire.sent[0].bytes)
        #expect(first.text(first.requestURI) == "sip:conf@192.0.2.7")
        #expect(first.first(named: "X-Who").map { first.text($0) } == "bob")
        #expect(String(decoding: run.wire.sent[1].bytes, as: UTF8.self).hasSuffix("\r\n\r\nhello ser 1"))
    }

    @Test("ends with code 5 at the first answer that is not expected, and names the step")
    func unexpected() throws {
        let json = #"{"steps": [{"send": "OPTIONS"}, {"send": "INFO", "expect": 200}, {"send": "OPTIONS"}]}"#
        let run = try Self.run(json) { request, count in
            [Reply.event(request, count == 2 ? "486 Busy Here" : "200 OK")]
        }
        #expect(run.status.code == 5)
        #expect(run.err == "error: step 2: INFO: expected 200, got 486 Busy Here\n")
        #expect(run.wire.sent.count == 2)
    }

    @Test("a call is acknowledged and ended in its dialog")
    func dialog() throws {
        let json = #"{"steps": [{"send": "INVITE"}, {"wait": 100}, {"send": "BYE", "dialog": true}]}"#
        let run = try Self.run(json) { request, _ in
            request.method == .ack
                ? [] : [Reply.event(request, "200 OK", "Contact: <sip:there@192.0.2.9>")]
        }
        #expect(run.status == .ok)
        let methods = try run.wire.sent.map { try SIPMessage(parsing: $0.bytes).methodText }
        #expect(methods == ["INVITE", "ACK", "BYE"])
        let bye = try SIPMessage(parsing: run.wire.sent[2].bytes)
        #expect(bye.text(bye.requestURI) == "sip:there@192.0.2.9")
        #expect(try bye.to().tag.isEmpty == false)
    }

    @Test("a request that comes early is kept for the step that wants it, and answered then")
    func receives() throws {
        let json = #"{"steps": [{"send": "OPTIONS"}, {"receive": "NOTIFY", "answer": 202, "check": {"body": "^hi$"}}]}"#
        let run = try Self.run(json) { request, count in
            guard count == 1 else { return [] }
            let notify = """
                NOTIFY sip:a@h SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKn\r\nFrom: <sip:x@h>;tag=1\r\n\
                To: <sip:a@h>\r\nCall-ID: n\r\nCSeq: 1 NOTIFY\r\nContent-Length: 2\r\n\r\nhi
                """
            return [(.microseconds(10), .bytes(Array(notify.utf8))), Reply.event(request, "200 OK")]
        }
        #expect(run.status == .ok, "\(run.err)")
        #expect(String(decoding: run.wire.sent[1].bytes, as: UTF8.self).hasPrefix("SIP/2.0 202 Accepted\r\n"))
    }

    @Test("what does not come in time is code 5; a dead server is code 3")
    func silence() throws {
        let waits = try Self.run(#"{"steps": [{"receive": "NOTIFY", "within": 50}]}"#) { _, _ in [] }
        #expect(waits.status.code == 5)
        #expect(waits.err == "error: step 1: no NOTIFY came within 50 ms\n")
        #expect(try Self.run(#"{"steps": [{"send": "OPTIONS"}]}"#) { _, _ in [] }.status == .remote)
    }

    @Test(
        "a file that cannot be read is told with its place",
        arguments: [
            ("", "test.json: line 1: expected a value, found the end of the file (--scenario)"),
            (
                "{\n\"steps\": [}",
                "test.json: line 2: expected a value (numbers are whole and not negative), found '}' (--scenario)"
            ),
            ("{}", "test.json: there is no list \"steps\" (--scenario)"),
            (#"{"steps": []}"#, "test.json: 0 steps; 1 to 10000 can be done (--scenario)"),
            (#"{"steps": [{}]}"#, "test.json: step 1: has none of send, receive, wait, print (--scenario)"),
            (#"{"steps": [{"send": "a b"}]}"#, "test.json: step 1: no method name in \"send\" (--scenario)"),
            (
                #"{"steps": [{"send": "A", "expect": 99}]}"#,
                "test.json: step 1: \"expect\" is a final code, as 200, or \"2xx\", or a list of these (--scenario)"
            ),
            (
                #"{"steps": [{"wait": 1, "check": {"A": "("}}]}"#,
                "test.json: step 1: the regular expression cannot be compiled: '(' (--scenario)"
            ),
        ])
    func refused(_ json: String, _ message: String) {
        #expect(throws: UsageError(message)) { try ScenarioFile(Array(json.utf8), name: "test.json") }
    }

    @Test("JSON of brackets, escapes and halves never traps")
    func hostile() {
        let texts = [
            String(repeating: "[", count: 100_000), String(repeating: "{\"a\":", count: 50_000), "\"\\u",
            "\"\\uD800\\u0041\"",
            "\"\\uD83D\\uDE00\"", "99999999999999999999", "\"\\", "{\"a\"", "[1,", "tru",
        ]
        for text in texts {
            let bytes = Array(text.utf8)
            for end in [bytes.count, bytes.count / 2] { _ = try? JSONReader.read(Array(bytes[..<end])) }
        }
        #expect((try? JSONReader.read(Array("\"\\uD83D\\uDE00\"".utf8)))?.text == "\u{1F600}")
    }
}
