import SIPKit
import Synchronization
import Testing

@testable import miniproxy

@Suite("A route trace")
struct RouteTraceTests {
    typealias H = ShardHarness

    static let script = """
        loadmodule "sl.so"
        loadmodule "tm.so"
        loadmodule "textops.so"
        route {
            if (method=="INVITE") {
                append_hf("P-hint: x\\r\\n");
                setflag(3);
                route(1);
            }
            sl_send_reply("404", "Not Here");
        }
        route[1] { rewriteuser("carol"); t_on_failure("1"); t_relay(); break; }
        failure_route[1] { t_reply("480", "Gone"); }
        """

    final class Basket: Sendable {
        let traces = Mutex<[RouteTrace]>([])
    }

    @Test("shows the lines, what they said and what they changed")
    func steps() throws {
        var proxy = try H(script: Self.script)
        let basket = Basket()
        _ = proxy.shard.state.tracing.start { trace in basket.traces.withLock { $0.append(trace) } }
        let sent = proxy.receive(H.request("INVITE", "sip:bob@127.0.0.1:6002", at: H.alice), from: H.alice)
        let trace = try #require(basket.traces.withLock { $0.first })
        #expect(trace.startLine == "INVITE sip:bob@127.0.0.1:6002 SIP/2.0")
        #expect(trace.block == "route")
        #expect(
            trace.steps.map { "\($0.place.line):\($0.place.column) \($0.verdict) \($0.text)" } == [
                "5:9 yes method==\"INVITE\"", "6:9 yes append_hf(\"P-hint: x\\r\\n\")", "7:9 yes setflag(3)",
                "8:9 yes route(1)", "12:12 yes rewriteuser(\"carol\")", "12:34 yes t_on_failure(\"1\")",
                "12:53 yes t_relay()",
                "12:64 stop break", "10:5 yes sl_send_reply(\"404\", \"Not Here\")",
            ])
        #expect(trace.steps[1].changes == ["+ P-hint: x"])
        #expect(trace.steps[2].changes == ["flags: → 3"])
        #expect(trace.steps[4].changes == ["Request-URI: sip:bob@127.0.0.1:6002 → sip:carol@127.0.0.1:6002"])
        #expect(trace.effects == ["relay", "reply 404 Not Here"])
        #expect(sent.contains { $0.startLine.hasPrefix("INVITE sip:carol") })
    }

    @Test("shows failure blocks under their names")
    func failureBlock() throws {
        var proxy = try H(script: Self.script)
        let basket = Basket()
        let invite = try #require(
            proxy.receive(H.request("INVITE", "sip:bob@127.0.0.1:6002", at: H.alice), from: H.alice)
                .first { $0.startLine.hasPrefix("INVITE") })
        _ = proxy.shard.state.tracing.start { trace in basket.traces.withLock { $0.append(trace) } }
        _ = proxy.receive(H.response(486, "Busy Here", to: invite), from: H.bob)
        let trace = try #require(basket.traces.withLock { $0.first })
        #expect(trace.block == "failure_route[1]")
        #expect(trace.effects == ["reply 480 Gone, through the transaction"])
    }

    @Test("is made for those messages alone that somebody asked for, and for none when nobody asks")
    func filter() throws {
        var proxy = try H(script: Self.script)
        let basket = Basket()
        let number = proxy.shard.state.tracing.start(TraceFilter("ALICE")) { trace in
            basket.traces.withLock { $0.append(trace) }
        }
        #expect(proxy.shard.state.tracing.isOn)
        _ = proxy.receive(
            H.request("OPTIONS", "sip:x@y", from: "alice", at: H.alice, branch: "z9hG4bK1"), from: H.alice)
        _ = proxy.receive(
            H.request("OPTIONS", "sip:x@y", from: "carol", at: H.alice, branch: "z9hG4bK2"), from: H.alice)
        #expect(basket.traces.withLock { $0.count } == 1)
        proxy.shard.state.tracing.stop(number)
        #expect(!proxy.shard.state.tracing.isOn)
        _ = proxy.receive(
            H.request("OPTIONS", "sip:x@y", from: "alice", at: H.alice, branch: "z9hG4bK3"), from: H.alice)
        #expect(basket.traces.withLock { $0.count } == 1)
    }

    static let trace = RouteTrace(
        block: "route", time: 7, source: "udp:192.0.2.7:5070", startLine: "OPTIONS sip:a\"b SIP/2.0", callID: "one",
        steps: [
            RouteTrace.Step(
                place: SourceLocation(file: "a.cfg", line: 9, column: 5), text: "is_method(\"X\")", verdict: .no,
                value: -1,
                changes: []),
            RouteTrace.Step(
                place: SourceLocation(file: "a.cfg", line: 10, column: 5), text: "$var(x) =\n   1", verdict: .yes,
                value: nil, changes: ["variables: → x = 1"]),
        ])

    @Test("is printed in columns")
    func text() {
        #expect(
            RouteTraceText.text(Self.trace) == """
                OPTIONS sip:a"b SIP/2.0
                  from udp:192.0.2.7:5070, Call-ID one, route
                  a.cfg:9:5   no     is_method("X")
                  a.cfg:10:5  yes    $var(x) = 1
                                     variables: → x = 1
                  = nothing: no answer, not sent on

                """)
    }

    @Test("is one line of JSON")
    func json() {
        let quote = #"\""#
        #expect(
            RouteTraceJSON.text(Self.trace)
                == #"{"time":7,"block":"route","source":"udp:192.0.2.7:5070","startLine":"OPTIONS sip:a\#(quote)b SIP/2.0","callID":"one","#
                + #""steps":[{"file":"a.cfg","line":9,"column":5,"text":"is_method(\#(quote)X\#(quote))","verdict":"no","value":-1},"#
                + #"{"file":"a.cfg","line":10,"column":5,"text":"$var(x) =\n   1","verdict":"yes","changes":["variables: → x = 1"]}],"effects":[]}"#
        )
    }
}

@Suite("A simulation")
struct SimulateCommandTests {
    func simulation(_ script: String = DefaultScript.text) throws -> Program<RouteContext> {
        try #require(ScriptProgram.load(SourceText(name: "test.cfg", bytes: Array(script.utf8))).program)
    }

    static let register =
        "REGISTER sip:127.0.0.1 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.9:5072;branch=z9hG4bK1\nFrom: <sip:bob@127.0.0.1>;tag=1\n"
        + "To: <sip:bob@127.0.0.1>\nCall-ID: r\nCSeq: 1 REGISTER\nContact: <sip:bob@192.0.2.9:5072>\n"
    static let invite =
        "INVITE sip:bob@127.0.0.1 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.7:5070;branch=z9hG4bK2\nFrom: <sip:a@127.0.0.1>;tag=1\n"
        + "To: <sip:bob@127.0.0.1>\nCall-ID: i\nCSeq: 1 INVITE\nContent-Length: 99\n\nv=0\n"

    @Test("goes from message to message: who registers is called")
    func registers() throws {
        var simulation = Simulation(
            try self.simulation(), own: SocketAddress(.loopbackV4, 5060), domains: [], users: UserList())
        let first = try simulation.pass(SimulatedMessage(Array(Self.register.utf8)), from: nil)
        #expect(first.traces.map(\.effects) == [["reply 200 OK"]])
        #expect(first.sent.map(\.to) == ["udp:192.0.2.9:5072"])
        let second = try simulation.pass(SimulatedMessage(Array(Self.invite.utf8)), from: nil)
        #expect(second.traces.first?.source == "udp:192.0.2.7:5070")
        #expect(second.sent.map(\.to) == ["udp:192.0.2.7:5070", "udp:192.0.2.9:5072"])
        let relayed = String(decoding: second.sent[1].bytes, as: UTF8.self)
        #expect(relayed.hasPrefix("INVITE sip:bob@192.0.2.9:5072 SIP/2.0\r\n"))
        #expect(relayed.contains("Content-Length: 5\r\n\r\nv=0\r\n"))
    }

    @Test("takes a file with its own line ends as it is")
    func asItIs() {
        let bytes = Array("OPTIONS sip:a SIP/2.0\r\nContent-Length: 7\r\n\r\n".utf8)
        #expect(SimulatedMessage(bytes).bytes == bytes)
        #expect(
            String(decoding: SimulatedMessage(Array("A b SIP/2.0\nX: y".utf8)).bytes, as: UTF8.self)
                == "A b SIP/2.0\r\nX: y\r\n\r\n")
    }

    @Test("says what the script asked for in vain")
    func questions() throws {
        var simulation = Simulation(
            try self.simulation(
                "loadmodule \"sl.so\" route { if (src_ip==backup.example.org) break; sl_send_reply(\"404\", \"x\"); }"),
            own: SocketAddress(.loopbackV4, 5060), domains: [], users: UserList())
        let passage = try simulation.pass(SimulatedMessage(Array(Self.invite.utf8)), from: nil)
        #expect(passage.questions == ["the addresses of backup.example.org"])
        #expect(passage.text.contains("asks   src_ip==backup.example.org"))
        #expect(passage.sent.count == 1)
    }
}
