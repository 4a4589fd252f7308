import Foundation
import SIPKit
import SIPTrace
import Testing

@testable import harv

@Suite("Messages one by one (--ndjson messages)")
struct MessageLineTests {
    final class Lines: @unchecked Sendable {
        var lines: [String] = []
        func object(_ place: Int) throws -> [String: Any] {
            try #require(try JSONSerialization.jsonObject(with: Data(self.lines[place].utf8)) as? [String: Any])
        }
    }

    static func lines(_ scene: Scene) -> (lines: Lines, summary: Summary) {
        let lines = Lines()
        var analyser = Analyser(seed: 1)
        analyser.onMessage = { lines.lines.append(MessageLine.json($0)) }
        scene.play(into: &analyser)
        return (lines, analyser.finish())
    }

    @Test("each message has a line, in order, with its addresses, tags, branch and passage")
    func all() throws {
        let (lines, summary) = Self.lines(Scene.call)
        #expect(lines.lines.count == summary.messages.all.raw)
        let objects = try lines.lines.indices.map { try lines.object($0) }
        #expect(objects.map { $0["n"] as? Int } == objects.indices.map { $0 + 1 })
        let invite = objects[0]
        #expect(invite["kind"] as? String == "request")
        #expect(invite["method"] as? String == "INVITE")
        #expect(invite["call_id"] as? String == "call-1")
        #expect(invite["passage"] as? String == "first")
        #expect(invite["retransmit"] as? Bool == false)
        #expect((invite["branch"] as? String)?.hasPrefix("z9hG4bK") == true)
        #expect((invite["from"] as? [String: Any])?["user"] as? String == "alice")
        #expect((invite["from"] as? [String: Any])?["tag"] is String)
        #expect((invite["ts"] as? String)?.hasSuffix("Z") == true)
        #expect(objects.contains { $0["passage"] as? String == "relayed" && $0["method"] as? String == "INVITE" })
        let final = try #require(objects.first { $0["status"] as? Int == 200 })
        #expect(final["kind"] as? String == "response")
        #expect(final["method"] as? String == "INVITE")
        #expect(final["reason"] as? String == "OK")
    }

    @Test("a repeat says so, bytes that are no message too, and a value of a stranger's breaks no line")
    func odd() throws {
        let lines = Lines()
        var analyser = Analyser(seed: 1)
        analyser.onMessage = { lines.lines.append(MessageLine.json($0)) }
        let origin = MessageOrigin(
            time: 5_000_000_000, source: SocketAddress("192.0.2.1:5060")!,
            destination: SocketAddress("192.0.2.2:5060")!, transport: .udp, frame: 1)
        let options = Array(
            """
            OPTIONS sip:192.0.2.2 SIP/2.0\r
            Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r
            From: <sip:a@192.0.2.1>;tag=1\r
            To: <sip:192.0.2.2>\r
            Call-ID: "quoted\\"\r
            CSeq: 1 OPTIONS\r
            User-Agent: tab\there, bell\u{7}\r
            \r

            """.utf8)
        for _ in 0..<2 {
            var origin = origin
            origin.time += Int64(lines.lines.count) * 500_000_000
            analyser.take(options.span, origin, hasTime: true)
        }
        analyser.take(Array("HELLO".utf8).span, origin, hasTime: false)
        #expect(lines.lines.count == 3)
        let (first, second, third) = (try lines.object(0), try lines.object(1), try lines.object(2))
        #expect(first["call_id"] as? String == "\"quoted\\\"")
        #expect(first["ts"] as? Double == 5, "no date, so seconds")
        #expect(first["passage"] as? String == "first")
        #expect(second["passage"] as? String == "repeated")
        #expect(second["retransmit"] as? Bool == true)
        #expect(third["malformed"] as? Bool == true)
        #expect(third["ts"] == nil)
        #expect(third["length"] as? Int == 5)
        #expect(lines.lines.allSatisfy { $0.utf8.count { $0 == 0x0A } == 1 })
    }
}
