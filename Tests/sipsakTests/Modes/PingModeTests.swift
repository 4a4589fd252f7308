import SIPKit
import Testing

@testable import sipsak

@Suite("--ping")
struct PingModeTests {
    @Test("has a line for each answer and a summary with percentiles")
    func lines() throws {
        let times: [Int64] = [1204, 1118, 0, 1240]
        let run = try Run(["--ping", "--count", "4", "--interval", "5000", "--timeout", "4000", "sip:example.org"]) {
            request, _ in
            let number = Int((try? request.cSeq())?.number ?? 0)
            guard number != 3 else { return [] }
            return [Reply.event(request, "200 OK", after: .microseconds(times[number - 1]), "Server: kamailio (5.6.3)")]
        }
        #expect(
            run.out == """
                SIP PING sip:example.org (192.0.2.7:5060 udp)
                1: 200 OK       1.204 ms  kamailio (5.6.3)
                2: 200 OK       1.118 ms
                3: timeout     (retransmitted 3x, gave up after 4000 ms)
                4: 200 OK       1.240 ms
                --- 4 sent, 3 answered, 25.0% loss, 3 retransmissions
                rtt min/avg/max/stddev = 1.118/1.187/1.240/0.051 ms  p50 1.204  p95 1.240  p99 1.240

                """)
        #expect(run.status == .rejected)
        #expect(run.wire.sent.last?.at == .seconds(15), "a steady pace, whatever the answers took")
    }

    @Test("ends with 3 when nobody answers at all, and takes a challenge for an answer")
    func codes() throws {
        #expect(try Run(["--ping", "--count", "2", "--timeout", "10", "sip:h"]) { _, _ in [] }.status == .remote)
        let challenged = try Run(["--ping", "--count", "1", "sip:bob@h"]) { request, _ in
            [Reply.event(request, "401 Who")]
        }
        #expect(challenged.status == .rejected)
        #expect(challenged.out.contains("1: 401 Who      0.500 ms\n"))
        #expect(
            try Run(["--ping", "--count", "1", "--ok", "401,404", "sip:bob@h"]) { request, _ in
                [Reply.event(request, "401 Who")]
            }.status == .ok)
    }

    @Test("Ctrl-C ends it with the summary")
    func interrupted() throws {
        let run = try Run(["--ping", "sip:h"]) { request, count in
            count == 2 ? [(.milliseconds(1), .interrupted)] : [Reply.event(request, "200 OK")]
        }
        #expect(run.out.hasSuffix("ms  p50 0.500  p95 0.500  p99 0.500\n"))
        #expect(run.out.contains("--- 1 sent, 1 answered, 0.0% loss, 0 retransmissions\n"))
        #expect(run.status == .ok)
    }
}

@Suite("--mtr and --hop-detail")
struct HopDetailTests {
    @Test("the report has a line for each hop")
    func report() throws {
        let run = try Run(["--mtr", "-c", "3", "-s", "sip:bob@192.0.2.7"], TraceModeTests.chain(["127.0.0.1:1", nil]))
        #expect(
            run.out == """
                SIP trace to sip:bob@192.0.2.7 (192.0.2.7:5060 udp), 3 rounds
                Hop  Agent                 Loss%   Snt     Last      Avg     Best     Wrst    StDev  Answer
                  0  127.0.0.1:1            0.0%     3    0.456    0.456    0.456    0.456    0.000  483 Too Many Hops
                  1  ??                     0.0%     3    0.500    0.500    0.500    0.500    0.000  483 Too Many Hops
                  2  ??                     0.0%     3    0.500    0.500    0.500    0.500    0.000  200 OK

                """)
        #expect(run.status == .ok)
    }

    @Test("a silent hop in the middle is loss, and the trace goes on behind it")
    func silentHop() throws {
        let run = try Run(["--mtr", "--count", "1", "-s", "sip:bob@192.0.2.7"]) { request, count in
            (try? request.maxForwards())?.hops == 1 ? [] : TraceModeTests.chain(["a:1", "b:1", "c:1"])(request, count)
        }
        #expect(
            run.out.contains(
                "  1  ???                  100.0%     1        -        -        -        -        -  timeout\n"))
        #expect(run.out.contains("  2  c:1"))
        #expect(run.status == .ok)
    }

    @Test("oddities are noted")
    func notes() {
        func agent(_ name: String, _ count: Int, _ uris: String = "in_uri=sip:a out_uri=sip:a") -> HopAgent? {
            (try? SIPMessage(
                parsing:
                    "SIP/2.0 483 x\r\nWarning: 392 \(name) \"Noisy feedback tells: pid=1 \(uris) via_cnt==\(count)\"\r\n\r\n"
            ))
            .flatMap { HopAgent($0) }
        }
        var notes = TraceNotes()
        #expect(notes.add(0, code: 483, agent: agent("a:1", 1)) == [])
        #expect(
            notes.add(1, code: 483, agent: agent("a:1", 1)) == [
                "a:1 answered for one hop more: it does not count Max-Forwards down"
            ])
        #expect(
            notes.add(2, code: 483, agent: agent("b:1", 3, "in_uri=sip:x out_uri=sip:y")) == [
                "the request URI is rewritten at hop 2: sip:x -> sip:y"
            ])
        #expect(notes.add(3, code: 200, agent: agent("c:1", 1)).first?.hasPrefix("fewer Vias") == true)
        #expect(notes.add(4, code: 482, agent: nil) == ["a loop: hop 4 has seen this request before (482)"])
    }
}
