import SIPKit
import Testing

@testable import sipsak

@Suite("The trace")
struct TraceModeTests {
    let target = ["-s", "sip:7271@192.0.2.7"]

    /// A chain of servers: each 483 says who it is.
    static func chain(_ hops: [String?], final: String = "200 OK", _ headers: String...) -> (SIPMessage, Int) -> [(
        Duration, ScriptedWire.Event
    )] {
        { request, _ in
            let left = Int((try? request.maxForwards())?.hops ?? 70)
            guard left < hops.count else {
                return [
                    headers.isEmpty
                        ? Reply.event(request, final)
                        : Reply.event(request, final, after: .microseconds(500), headers[0])
                ]
            }
            guard let agent = hops[left] else { return [Reply.event(request, "483 Too Many Hops")] }
            return [
                Reply.event(
                    request, "483 Too Many Hops", after: .microseconds(456),
                    "Warning: 392 \(agent) \"Noisy feedback tells: pid=1 via_cnt==1\"")
            ]
        }
    }

    @Test("shows each hop with its address and port, counts up, and ends with the Contact")
    func hops() throws {
        let run = try Run(
            ["-T"] + self.target,
            Self.chain(["127.0.0.1:25061", "127.0.0.1:25071"], "Contact: <sip:bob@127.0.0.1:25070>"))
        #expect(
            run.out == """
                0: 127.0.0.1:25061 (0.456 ms) SIP/2.0 483 Too Many Hops
                1: 127.0.0.1:25071 (0.456 ms) SIP/2.0 483 Too Many Hops
                2: ?? (0.500 ms) SIP/2.0 200 OK
                \tContact: <sip:bob@127.0.0.1:25070>

                """)
        #expect(run.status == .ok)
        let ids = run.wire.sent.compactMap { try? SIPMessage(parsing: $0.bytes) }.map { Array($0.callID) }
        #expect(Set(ids).count == 3, "each hop is a call of its own")
    }

    @Test("hops without Warning are ??, at -v in words; a refusal at the end is code 1")
    func silent() throws {
        let run = try Run(["-T"] + self.target, Self.chain([nil, nil], final: "486 Busy Here"))
        #expect(
            run.out == """
                0: ?? (0.500 ms) SIP/2.0 483 Too Many Hops
                1: ?? (0.500 ms) SIP/2.0 483 Too Many Hops
                2: ?? (0.500 ms) SIP/2.0 486 Busy Here
                \twithout Contact header

                """)
        #expect(run.status == .rejected)
        let verbose = try Run(["-Tv"] + self.target, Self.chain([]))
        #expect(verbose.out.hasPrefix("0: 'no Warning header found' (0.500 ms) SIP/2.0 200 OK\n"))
    }

    @Test("ends at -m hops when nobody gives a final answer")
    func limited() throws {
        let run = try Run(["-T", "-m", "3"] + self.target) { request, _ in [Reply.event(request, "483 Too Many Hops")] }
        #expect(run.wire.sent.count == 4)
        #expect(run.status == .rejected)
    }

    @Test("a silent hop is told and ends with code 3")
    func timeout() throws {
        let run = try Run(["-Tv", "-D", "4"] + self.target) { _, _ in [] }
        #expect(
            run.out
                == "0: timeout after 500 ms\n0: timeout after 1000 ms\n*** giving up, no final response after 2000.000 ms\n"
        )
        #expect(run.status == .remote)
    }

    @Test("hostile Warnings and reasons never leave their line")
    func hostile() throws {
        let run = try Run(["-T"] + self.target) { request, _ in
            [Reply.event(request, "200 O\u{1B}[2JK", after: .milliseconds(1), "Warning: 392 \"", "Contact: a\u{07}b")]
        }
        #expect(run.out == "0: ?? (1.000 ms) SIP/2.0 200 O\\x1b[2JK\n\tContact: a\\x07b\n")
    }
}
