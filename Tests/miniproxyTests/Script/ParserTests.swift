import Testing

@testable import miniproxy

@Suite("The grammar")
struct ParserTests {
    func findings(_ text: String) -> [String] {
        LoadedScript.loading("loadmodule \"tm.so\" loadmodule \"sl.so\" " + text).summary
    }

    @Test(
        "takes what SER, OpenSER and Kamailio take",
        arguments: [
            "route { if (method==\"INVITE\") { t_relay(); }; }", "route { if (uri==myself) t_relay(); }",
            "route { if (uri==myself) t_relay() else sl_reply_error(); }",
            "route { if (uri==myself) t_relay(); else sl_reply_error(); }",
            "route { if (1) { break;; } if (2) {break;};;; }", "route { if method==INVITE t_relay(); }",
            "route { if (1) {t_relay();} else if (0) {t_relay();} else {t_relay();} }", "route { { t_relay(); } }",
            "route { revert_uri; append_branch; force_rport; t_relay(); }", "route { forward(uri:host, uri:port); }",
            "route { forward(192.0.2.1, 5060); forward(\"a.b\"); forward(a.b.c); }",
            "route { log(1, \"x\"); log(\"x\"); }",
            "debug=3; port=5060;\nroute { t_relay(); }", "loadmodule(\"rr.so\"); route { t_relay(); }",
            "modparam(\"tm\", \"fr_timer\", 5); route { t_relay(); }", "route[0] { t_relay(); }",
            "request_route { t_relay(); }",
            "route { route(RELAY); } route[RELAY] { t_relay(); }",
            "listen=udp:127.0.0.1:5060 tcp:[::1]:5060 eth0 alias=a.b:5061 c.d\nroute { t_relay(); }",
            "my.setting = 5 desc \"five\"\nroute { t_relay(); }",
            "route { if (not (method==\"BYE\" or method==\"ACK\") and uri==myself) t_relay(); }",
            "route { sl_send_reply(404, \"Not\" \" Found\"); }", "onreply_route { drop; } route { t_relay(); }",
            "route { if (src_ip==2001:db8::1 || src_ip==[::1]) t_relay(); }", "route { return; } ",
            "route { return(1); }",
            "event_route[xhttp:request] { exit; } route { t_relay(); }", "route { setflag(\"3\"); t_relay(); }",
        ])
    func accepts(text: String) {
        #expect(self.findings(text) == [])
    }

    @Test("says that what it reads but cannot run is not available")
    func notAvailable() {
        let all = self.findings("route { if ($sht(a=>b) == 1) { t_relay(); } if (@to.tag == \"x\") { t_relay(); } }")
        #expect(all.count == 2)
        #expect(all.allSatisfy { $0.hasSuffix("not-available") })
    }

    @Test("puts `else` to the nearest `if`")
    func danglingElse() throws {
        let script = LoadedScript.loading("loadmodule \"tm.so\" route { if (1) if (0) t_relay(); else t_newtran(); }")
        let program = try #require(Program<ScriptedHost>(script))
        var host = ScriptedHost()
        var run = program.run(try #require(program.main))
        _ = program.start(&run, &host)
        #expect(host.calls == ["t_newtran"])
    }

    @Test("guesses the nearest name")
    func nearest() {
        #expect(NearestName.of("t_rely", among: ["t_relay", "t_reply"]) != nil)
        #expect(NearestName.of("avp_push", among: ["avp_pushto", "avp_print"]) == "avp_pushto")
        #expect(NearestName.of("frobnicate", among: ["t_relay", "save"]) == nil)
        #expect(NearestName.distance(Array("ab".utf8), Array("ba".utf8)) == 1)
    }
}
