import Foundation
import SIPKit
import Testing

@testable import sipsak

@Suite("JSON")
struct JSONTextTests {
    @Test("strings are valid whatever a peer sent")
    func strings() throws {
        let hostile: [UInt8] = Array("a\"b\\c\r\n\t\u{1B}[2J\u{9B}\u{2028}é".utf8) + [0xFF, 0x00]
        let line = JSONText.object([("x", .string(hostile))]).line
        #expect(line == #"{"x":"a\"b\\c\r\n\t\u001b[2J\u009b\u2028é"# + "\u{FFFD}" + #"\u0000"}"#)
        #expect(try JSONSerialization.jsonObject(with: Data(line.utf8)) is [String: Any])
    }

    @Test("numbers have no exponent and no sign of nothing")
    func numbers() {
        #expect(JSONText.decimal(1.25, 1) == "1.3")
        #expect(JSONText.decimal(-0.01, 1) == "0.0")
        #expect(JSONText.decimal(.nan, 1) == "0")
        #expect(JSONText.decimal(1e300, 1) == "0")
        #expect(JSONText.decimal(99.96, 1) == "100.0")
        #expect(JSONText.milliseconds(.microseconds(1204)).line == "1.204")
    }

    @Test(
        "dates are ISO 8601 in UTC",
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"), (1_795_232_621_611_000_000, "2026-11-21T03:43:41.611000Z"),
            (1_709_164_800_000_001_000, "2024-02-29T00:00:00.000001Z"),
        ])
    func dates(_ nanoseconds: Int64, _ expected: String) {
        #expect(UTCDate.text(nanoseconds: nanoseconds) == expected)
    }
}

@Suite("--json")
struct JSONReporterTests {
    /// Every line an object that names its schema, and the last one the summary.
    func objects(_ words: [String], _ answer: @escaping (SIPMessage, Int) -> [(Duration, ScriptedWire.Event)]) throws
        -> [[String: Any]]
    {
        let run = try Run(["--json"] + words, answer)
        let lines = run.out.split(separator: "\n")
        let objects = try lines.map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        #expect(objects.allSatisfy { $0["schema"] as? String == "sipsak/1" })
        #expect(objects.last?["type"] as? String == "summary")
        #expect(objects.last?["exit"] as? Int == Int(run.status.code))
        return objects
    }

    @Test("a reply has its peer, request, answer, times and result")
    func reply() throws {
        let found = try self.objects(["-s", "sip:bob@192.0.2.7"]) { request, _ in
            [
                Reply.event(request, "180 Ringing"),
                Reply.event(request, "200 OK", after: .microseconds(1204), "Server: x\u{1B}y"),
            ]
        }
        let reply = found[0]
        #expect(reply["type"] as? String == "reply")
        #expect(reply["result"] as? String == "ok")
        #expect((reply["reply"] as? [String: Any])?["server"] as? String == "x\u{1B}y")
        #expect((reply["ms"] as? [String: Any])?["rtt"] as? Double == 1.204)
        #expect((reply["provisional"] as? [[String: Any]])?.first?["code"] as? Int == 180)
        #expect((found[1]["rtt_ms"] as? [String: Any])?["p99"] as? Double == 1.204)
    }

    @Test("silence is an error object and still a summary")
    func silence() throws {
        let found = try self.objects(["-D", "1", "-s", "sip:bob@192.0.2.7"]) { _, _ in [] }
        #expect(found.map { $0["type"] as? String } == ["error", "summary"])
        #expect(found[0]["class"] as? String == "timeout")
        #expect(found[1]["lost"] as? Int == 1)
    }

    @Test("a trace is one object a hop, a registration one a step, and nothing else is on standard output")
    func modes() throws {
        let trace = try self.objects(["-T", "-vv", "-s", "sip:bob@192.0.2.7"], TraceModeTests.chain(["a:1", nil]))
        #expect(trace.map { $0["type"] as? String } == ["hop", "hop", "hop", "summary"])
        #expect(trace.map { $0["agent"] as? String } == ["a:1", nil, nil, nil])
        let usrloc = try self.objects(
            ["-U", "-M", "-vv", "-e", "1", "-s", "sip:bob@192.0.2.7"], UsrlocModeTests.server)
        #expect(usrloc.map { $0["step"] as? String } == ["register", "message", "register", "message", nil])
    }
}
