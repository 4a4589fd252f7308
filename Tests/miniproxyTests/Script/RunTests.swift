import SIPKit
import Testing

@testable import miniproxy

@Suite("A run of a script")
struct RunTests {
    static let modules = ["sl", "tm", "rr", "maxfwd", "registrar", "auth", "auth_db", "textops", "uri"]
        .map { "loadmodule \"\($0).so\"\n" }.joined()

    /// Runs the text's main block and says which functions were called.
    func calls(_ text: String, _ change: (inout ScriptedHost) -> Void = { _ in }) throws -> [String] {
        try self.run(text, change).host.calls
    }

    func run(
        _ text: String, _ change: (inout ScriptedHost) -> Void = { _ in }
    ) throws -> (host: ScriptedHost, run: Run, outcome: Run.Outcome, program: Program<ScriptedHost>) {
        let script = LoadedScript.loading(Self.modules + text)
        try #require(script.diagnostics.filter { $0.severity == .error } == [], "\(script.summary)")
        let program = try #require(Program<ScriptedHost>(script))
        var run = program.run(try #require(program.main))
        var host = ScriptedHost()
        change(&host)
        let outcome = program.start(&run, &host)
        return (host, run, outcome, program)
    }

    @Test("goes on after functions that are false")
    func negative() throws {
        #expect(
            try self.calls("route { t_relay(); sl_reply_error(); }") { $0.verdicts["t_relay"] = .no } == [
                "t_relay", "sl_reply_error",
            ])
    }

    @Test("takes the branch that the condition says")
    func branches() throws {
        let text = "route { if (t_relay()) { record_route(); } else { loose_route(); } sl_reply_error(); }"
        #expect(try self.calls(text) == ["t_relay", "record_route", "sl_reply_error"])
        #expect(try self.calls(text) { $0.verdicts["t_relay"] = .no } == ["t_relay", "loose_route", "sl_reply_error"])
    }

    @Test("runs neither branch when a function says 0, and leaves the block")
    func zeroInCondition() throws {
        let text =
            "route { route(1); loose_route(); } route[1] { if (www_challenge(\"\",\"0\")) { t_relay(); } else { t_newtran(); } record_route(); }"
        #expect(try self.calls(text) { $0.verdicts["www_challenge"] = .stop } == ["www_challenge ,0", "loose_route"])
    }

    @Test("ends as a whole when a function says 0 in the modern dialect")
    func zeroInModern() throws {
        let text = "route { route(1); loose_route(); exit; } route[1] { www_challenge(\"\",\"0\"); record_route(); }"
        #expect(try self.calls(text) { $0.verdicts["www_challenge"] = .stop } == ["www_challenge ,0"])
    }

    @Test("leaves only the block at `break`, and the caller goes on with true")
    func breaks() throws {
        let text =
            "route { if (route(1)) { t_relay(); } loose_route(); } route[1] { if (method==\"INVITE\") { if (1) { break; } } record_route(); }"
        #expect(try self.calls(text) == ["t_relay", "loose_route"])
    }

    @Test("sees a block as false only when its last action was negative")
    func blockValue() throws {
        let text =
            "route { if (route(1)) { t_relay(); } else { loose_route(); } } route[1] { record_route(); save(\"location\"); }"
        #expect(try self.calls(text) { $0.verdicts["save"] = .no } == ["record_route", "save location", "loose_route"])
        #expect(
            try self.calls(text) { $0.verdicts["record_route"] = .no } == ["record_route", "save location", "t_relay"])
        // An `if` that runs nothing is true, whatever stood before it.
        let ends =
            "route { if (route(1)) { t_relay(); } else { loose_route(); } } route[1] { record_route(); if (method==\"BYE\") { exit; } }"
        #expect(try self.calls(ends) { $0.verdicts["record_route"] = .no } == ["record_route", "t_relay"])
    }

    @Test("gives the value of `return` to the caller")
    func returns() throws {
        #expect(
            try self.calls("route { if (route(1)) { t_relay(); } else { loose_route(); } } route[1] { return(-1); }")
                == ["loose_route"])
        #expect(
            try self.calls("route { if (route(1)) { t_relay(); } else { loose_route(); } } route[1] { return; }") == [
                "t_relay"
            ])
        #expect(try self.calls("route { route(1); t_relay(); } route[1] { return(0); }") == [])
        #expect(try self.calls("route { route(A); t_relay(); } route[A] { exit; }") == [])
    }

    @Test("tells the host of a `drop` in the modern dialect only")
    func drops() throws {
        #expect(try self.run("route { if (method==\"BYE\") { exit; } drop; }").host.isDropped)
        #expect(try !self.run("route { drop; }").host.isDropped)
    }

    @Test("evaluates from the left and stops when it knows")
    func shortCircuit() throws {
        #expect(
            try self.calls("route { if (t_relay() && loose_route()) { record_route(); } }") {
                $0.verdicts["t_relay"] = .no
            } == ["t_relay"])
        #expect(
            try self.calls("route { if (t_relay() || loose_route()) { record_route(); } }") == [
                "t_relay", "record_route",
            ])
        #expect(
            try self.calls("route { if (!(t_relay() || loose_route())) { record_route(); } }") {
                $0.verdicts["t_relay"] = .no
            } == ["t_relay", "loose_route"])
        // `&&` binds tighter.
        #expect(
            try self.calls("route { if (method==\"INVITE\" || t_relay() && loose_route()) { record_route(); } }") == [
                "record_route"
            ])
        #expect(
            try self.calls("route { if (method==\"BYE\" | method==INVITE & uri==myself) { record_route(); } }") == [
                "record_route"
            ])
    }

    @Test("reads `!uri==myself` as not (uri==myself)")
    func negation() throws {
        #expect(try self.calls("route { if (!uri==myself) { t_relay(); } else { loose_route(); } }") == ["loose_route"])
        #expect(
            try self.calls("route { if (!uri==myself) { t_relay(); } else { loose_route(); } }") {
                $0.requestURI = "sip:a@b"
            } == ["t_relay"])
    }

    @Test("takes a URI that cannot be read as neither ours nor another's")
    func unreadable() throws {
        func change(_ host: inout ScriptedHost) {
            host.requestURI = "tel:1"
            host.unreadable = ["tel:1"]
        }
        #expect(
            try self.calls("route { if (uri==myself) { t_relay(); } else { loose_route(); } }", change) == [
                "loose_route"
            ])
        #expect(
            try self.calls("route { if (uri!=myself) { t_relay(); } else { loose_route(); } }", change) == [
                "loose_route"
            ])
        #expect(
            try self.calls("route { if (!uri==myself) { t_relay(); } else { loose_route(); } }", change) == [
                "loose_route"
            ])
    }

    @Test(
        "compares what a message has",
        arguments: [
            (#"method=="invite""#, true), (#"method=="INVITEX""#, false), ("method==INVITE", true),
            (#"method!="BYE""#, true),
            (#"method=~"^(INV|BYE)""#, true), (#"uri=~"^SIP:bob@""#, true), (#"uri=~"@example\.com""#, false),
            (#"uri=="sip:BOB@example.org""#, true), (#"from_uri=~"alice""#, true), (#"to_uri!="sip:x@y""#, true),
            ("uri==myself", true), ("from_uri==myself", false), ("myself==uri", true), ("src_ip==192.0.2.7", true),
            ("src_ip==192.0.2.0/24", true), ("src_ip==192.0.2.0/255.255.255.0", true), ("src_ip!=10.0.0.0/8", true),
            (#"src_ip=="192.0.2.8""#, false), (#"src_ip=~"^192\.0\.2\.""#, true), ("src_ip==myself", false),
            ("dst_ip==myself", true), ("dst_ip==[::1]", false), ("src_port==5060", true), ("src_port>5060", false),
            ("dst_port<=5060", true), ("proto==udp", true), ("proto!=UDP", false), ("proto==tcp", false),
            ("af==inet", true),
            ("af==INET6", false), ("msg:len>max_len", false), ("msg:len>=700", true), ("msg:len<0x10", false),
            (#"status=="0""#, true), (#"status=~"^00""#, true), ("1", true), ("0", false), ("yes", true),
        ])
    func conditions(condition: String, expected: Bool) throws {
        let calls = try self.calls("route { if (\(condition)) { t_relay(); } else { loose_route(); } }")
        #expect(calls == [expected ? "t_relay" : "loose_route"])
    }

    @Test("keeps flags with the message")
    func flags() throws {
        #expect(
            try self.calls(
                "route { setflag(31); if (isflagset(31)) { t_relay(); } resetflag(31); if (!isflagset(31)) { loose_route(); } }"
            ) == ["t_relay", "loose_route"])
        let (host, _, _, _) = try self.run("route { setflag(3); }")
        #expect(host.flags == 8)
    }

    @Test("waits for an answer, and goes on where it stood")
    func asks() throws {
        var (host, run, outcome, program) = try self.run(
            "route { if (!www_authorize(\"\",\"subscriber\")) { www_challenge(\"\",\"0\"); break; } save(\"location\"); }"
        ) {
            $0.verdicts["www_authorize"] = .ask
        }
        #expect(outcome == .waiting)
        #expect(host.calls == ["www_authorize ,subscriber"])
        host.later["www_authorize"] = .yes
        let end = program.resume(&run, &host, with: .rows([]))
        #expect(end == .finished)
        #expect(host.calls == ["www_authorize ,subscriber", "save location"])
        #expect(host.answers == [.rows([])])
    }

    @Test("waits for the addresses of a host name")
    func hostNames() throws {
        var (host, run, outcome, program) = try self.run(
            "route { if (!src_ip==backup.foo.bar) { t_relay(); } else { loose_route(); } }")
        #expect(outcome == .waiting)
        let end = program.resume(&run, &host, with: .addresses([host.source.ip]))
        #expect(end == .finished)
        #expect(host.calls == ["loose_route"])
    }

    @Test("counts an error as false and says whose it was")
    func errors() throws {
        let (host, _, _, _) = try self.run("route { if (t_relay()) { loose_route(); } }") { $0.broken = ["t_relay"] }
        #expect(host.calls == ["t_relay"])
        #expect(host.failures == ["t_relay"])
    }

    @Test("gives up blocks that call themselves without end", arguments: ["route(1);", "route(1); route(1);"])
    func recursion(body: String) throws {
        let (_, run, outcome, _) = try self.run("route { route(1); t_relay(); } route[1] { \(body) }")
        #expect(outcome == .tooDeep)
        #expect(run.value < 0)
    }

    @Test("notes each instruction with its line and verdict while it traces")
    func trace() throws {
        let script = LoadedScript.loading(
            Self.modules + "route {\nif (method==\"BYE\") {\nt_relay(); }\nrecord_route();\nbreak;\n}")
        let program = try #require(Program<ScriptedHost>(script))
        var host = ScriptedHost()
        host.verdicts["record_route"] = .no
        var run = program.run(try #require(program.main), tracing: true)
        _ = program.start(&run, &host)
        let base = Self.modules.split(separator: "\n").count
        let steps = host.steps.map {
            "\(program.location(of: $0.instruction).line - base) \(program.text(of: $0.instruction)) \($0.verdict)"
        }
        #expect(steps == ["2 method==\"BYE\" no", "4 record_route() no", "5 break stop"])
    }

    @Test("enters the failure and onreply blocks by their names")
    func blocks() throws {
        let script = LoadedScript.loading(
            Self.modules
                + "route { t_on_failure(\"1\"); t_relay(); } failure_route[1] { t_relay(); } onreply_route[2] { search(\"x\"); }"
        )
        let program = try #require(Program<ScriptedHost>(script))
        var host = ScriptedHost()
        var run = program.run(try #require(program.block(.onReply, named: "2")))
        _ = program.start(&run, &host)
        #expect(host.calls == ["search x"])
        #expect(program.sites[0].arguments.block(0) == program.block(.failure, named: "1"))
        #expect(program.block(.failure, named: "2") == nil)
    }
}
