import SIPKit
import Testing

@testable import miniproxy

@Suite("A call whose callee or caller has a script")
struct CPLCallTests {
    typealias H = ShardHarness

    static let modules = ["sl", "tm", "rr", "usrloc", "registrar", "cpl-c"].map { "loadmodule \"\($0).so\"\n" }.joined()
    static let settings = "modparam(\"cpl-c\", \"lookup_domain\", \"location\")\n"
    /// As the documents have it: the callee's script first.
    static let route = """
        route {
            if (method == "REGISTER") { cpl_process_register(); save("location"); break; }
            if (method == "CANCEL") { t_relay(); break; }
            record_route();
            if (!cpl_run_script("incoming", "is_stateless")) { sl_send_reply("500", "CPL script execution failed"); break; }
            sl_send_reply("299", "Default");
        }
        """

    /// A proxy whose user bob has a script.
    private func proxy(
        _ script: String?, settings: String = "", route: String = Self.route, log: LineBasket? = nil
    ) throws -> H {
        let proxy = try H(
            script: Self.modules + Self.settings + settings + route, database: .memory, log: log)
        if let script {
            let database = try #require(proxy.shard.state.persistence.database)
            let cpl = proxy.shard.state.persistence.settings.cpl
            let result = try database.call { (store) throws(StoreError) -> Result<JSONValue, ControlError> in
                do throws(ControlError) {
                    guard let load = Administration.methods["cpl.load"] else { return .success(.null) }
                    return .success(try load.run(Administration(store: store, cpl: cpl), ["bob@127.0.0.1", script]))
                } catch {
                    return .failure(error)
                }
            }
            #expect(try result.get() == .text("OK"))
        }
        return proxy
    }

    private func incoming(_ body: String) -> String { "<cpl><incoming>\(body)</incoming></cpl>" }

    private func invite(_ headers: String = "", from: String = "alice", branch: String = "z9hG4bKone") -> String {
        H.request("INVITE", "sip:bob@127.0.0.1", from: from, at: H.alice, branch: branch, headers: headers)
    }

    private func requests(_ sent: [H.Sent], _ method: String = "INVITE") -> [H.Sent] {
        sent.filter { $0.startLine.hasPrefix(method + " ") }
    }

    private func toAlice(_ sent: [H.Sent]) -> [String] {
        sent.filter { $0.to == H.alice }.map { String($0.startLine.dropFirst(8)) }
    }

    private static let busyToVoicemail = """
        <location url="sip:bob@127.0.0.1:6002"><proxy timeout="8">
        <busy><location url="sip:voicemail@127.0.0.1:6003"><proxy/></location></busy>
        <noanswer><location url="sip:voicemail@127.0.0.1:6003"><proxy/></location></noanswer>
        </proxy></location>
        """

    @Test("goes on in the configuration where there is no script, and where the script says nothing")
    func byDefault() throws {
        var none = try self.proxy(nil)
        #expect(self.toAlice(none.receiveAnswered(self.invite(), from: H.alice)) == ["299 Default"])
        var empty = try self.proxy("<cpl><incoming/></cpl>")
        #expect(self.toAlice(empty.receiveAnswered(self.invite(), from: H.alice)) == ["299 Default"])
        var outgoing = try self.proxy("<cpl><outgoing><reject status=\"busy\"/></outgoing></cpl>")
        #expect(self.toAlice(outgoing.receiveAnswered(self.invite(), from: H.alice)) == ["299 Default"])
        #expect(outgoing.shard.servers.liveCount == 0)
    }

    @Test("is rejected without state, or redirected to the locations in their order")
    func refused() throws {
        var reject = try self.proxy(
            self.incoming(
                "<address-switch field=\"origin\" subfield=\"user\"><address is=\"mallory\"><reject status=\"reject\" reason=\"Not You\"/></address></address-switch>"
            ))
        #expect(
            self.toAlice(reject.receiveAnswered(self.invite(from: "mallory"), from: H.alice)) == ["603 Not You"])
        #expect(reject.shard.servers.liveCount == 0)
        #expect(
            self.toAlice(reject.receiveAnswered(self.invite(branch: "z9hG4bKtwo"), from: H.alice)) == ["299 Default"])
        var redirect = try self.proxy(
            self.incoming(
                "<location url=\"sip:b@h\" priority=\"0.05\"><location url=\"sip:a@h\"><redirect permanent=\"yes\"/></location></location>"
            ))
        let sent = redirect.receiveAnswered(self.invite(), from: H.alice)
        #expect(self.toAlice(sent) == ["301 Moved Permanently"])
        #expect(sent.last?.header(.contact) == "<sip:a@h>, <sip:b@h>;q=0.050")
    }

    @Test("is sent on, and when the phone is busy goes to voicemail with the same Record-Route")
    func busy() throws {
        var proxy = try self.proxy(self.incoming(Self.busyToVoicemail))
        let first = try #require(self.requests(proxy.receiveAnswered(self.invite(), from: H.alice)).first)
        #expect(first.to == H.bob)
        #expect(first.startLine == "INVITE sip:bob@127.0.0.1:6002 SIP/2.0")
        let sent = proxy.receive(H.response(486, "Busy Here", to: first), from: H.bob)
        let second = try #require(self.requests(sent).first)
        #expect(second.startLine == "INVITE sip:voicemail@127.0.0.1:6003 SIP/2.0")
        #expect(second.header(.recordRoute) == first.header(.recordRoute))
        #expect(self.toAlice(sent) == [])
        #expect(self.toAlice(proxy.receive(H.response(200, "OK", to: second), from: H.carol)) == ["200 OK"])
        #expect(proxy.shard.processes.count == 1)
        _ = proxy.wait(milliseconds: 64_000)
        #expect(proxy.shard.processes.isEmpty)
        #expect(proxy.shard.keptEdits.isEmpty)
        #expect(proxy.shard.pool.inUse == 0)
    }

    @Test(
        "waits as long as the script says, for a phone that rings and for one that is silent", arguments: [true, false])
    func noAnswer(rings: Bool) throws {
        var proxy = try self.proxy(self.incoming(Self.busyToVoicemail))
        let first = try #require(self.requests(proxy.receiveAnswered(self.invite(), from: H.alice)).first)
        if rings {
            _ = proxy.receive(H.response(180, "Ringing", to: first), from: H.bob)
            // A repeated 180 is no reason to wait anew.
            #expect(self.requests(proxy.wait(milliseconds: 5_000)).isEmpty)
            _ = proxy.receive(H.response(180, "Ringing", to: first), from: H.bob)
            #expect(self.requests(proxy.wait(milliseconds: 2_900)).isEmpty)
        } else {
            #expect(!proxy.wait(milliseconds: 7_900).contains { $0.to == H.carol })
        }
        let sent = proxy.wait(milliseconds: 200)
        #expect(self.requests(sent).map(\.to).contains(H.carol))
        #expect(self.requests(sent, "CANCEL").count == (rings ? 1 : 0))
        #expect(self.toAlice(sent) == [])
        // The phone's late 200 loses nothing of the voicemail's ringing.
        let late = proxy.receive(H.response(200, "OK", to: first), from: H.bob)
        #expect(self.toAlice(late) == ["200 OK"])
        _ = proxy.receive(
            H.response(100, "Trying", to: try #require(self.requests(sent).first { $0.to == H.carol })), from: H.carol)
        #expect(proxy.shard.servers.liveCount == 1)
    }

    @Test("is stopped at the phone that rings when a late 2xx of the one before comes")
    func lateAnswer() throws {
        var proxy = try self.proxy(self.incoming(Self.busyToVoicemail))
        let first = try #require(self.requests(proxy.receiveAnswered(self.invite(), from: H.alice)).first)
        _ = proxy.receive(H.response(180, "Ringing", to: first), from: H.bob)
        let second = try #require(self.requests(proxy.wait(milliseconds: 8_100)).first { $0.to == H.carol })
        _ = proxy.receive(H.response(180, "Ringing", to: second), from: H.carol)
        let sent = proxy.receive(H.response(200, "OK", to: first), from: H.bob)
        #expect(self.toAlice(sent) == ["200 OK"])
        #expect(self.requests(sent, "CANCEL").map(\.to) == [H.carol])
    }

    @Test("that nothing else is said about brings the phone's answer")
    func answerPasses() throws {
        var proxy = try self.proxy(self.incoming(Self.busyToVoicemail))
        let first = try #require(self.requests(proxy.receiveAnswered(self.invite(), from: H.alice)).first)
        #expect(self.toAlice(proxy.receive(H.response(404, "Not Found", to: first), from: H.bob)) == ["404 Not Found"])
        #expect(proxy.shard.processes.isEmpty)
    }

    @Test("that was hung up goes nowhere else")
    func cancelled() throws {
        var proxy = try self.proxy(self.incoming(Self.busyToVoicemail))
        let first = try #require(self.requests(proxy.receiveAnswered(self.invite(), from: H.alice)).first)
        _ = proxy.receive(H.response(180, "Ringing", to: first), from: H.bob)
        let cancel = H.request("CANCEL", "sip:bob@127.0.0.1", at: H.alice)
        #expect(self.requests(proxy.receive(cancel, from: H.alice), "CANCEL").map(\.to) == [H.bob])
        let sent = proxy.receive(H.response(487, "Request Terminated", to: first), from: H.bob)
        #expect(self.requests(sent).isEmpty)
        #expect(self.toAlice(sent) == ["487 Request Terminated"])
        #expect(!proxy.wait(milliseconds: 20_000).contains { $0.to == H.carol })
    }

    @Test(
        "is looked up where the user is registered, first in memory, then in a database that has all",
        arguments: [0, 3])
    func lookup(mode: Int) throws {
        let body = """
            <lookup source="registration"><success><proxy/></success><notfound><reject status="notfound" reason="Away"/></notfound></lookup>
            """
        var proxy = try self.proxy(self.incoming(body), settings: "modparam(\"usrloc\", \"db_mode\", \(mode))\n")
        #expect(self.toAlice(proxy.receiveAnswered(self.invite(), from: H.alice) + proxy.answerAll()) == ["404 Away"])
        _ = proxy.register("bob", at: H.bob)
        _ = proxy.answerAll()
        let sent = proxy.receiveAnswered(self.invite(branch: "z9hG4bKtwo"), from: H.alice) + proxy.answerAll()
        #expect(self.requests(sent).map(\.to) == [H.bob])
    }

    @Test("asks a database from the middle of the call, and a caller who hangs up meanwhile hears of it")
    func laterLookup() throws {
        let body = """
            <location url="sip:desk@127.0.0.1:6003"><proxy><busy>
            <lookup source="registration"><success><proxy/></success></lookup></busy></proxy></location>
            """
        for hangsUp in [false, true] {
            var proxy = try self.proxy(self.incoming(body), settings: "modparam(\"usrloc\", \"db_mode\", 3)\n")
            _ = proxy.register("bob", at: H.bob)
            _ = proxy.answerAll()
            let first = try #require(self.requests(proxy.receiveAnswered(self.invite(), from: H.alice)).first)
            let sent = proxy.receive(H.response(486, "Busy", to: first), from: H.carol)
            #expect(self.toAlice(sent) == [] && self.requests(sent).isEmpty)
            if hangsUp { _ = proxy.receive(H.request("CANCEL", "sip:bob@127.0.0.1", at: H.alice), from: H.alice) }
            let later = proxy.answerAll()
            #expect(self.requests(later).map(\.to) == (hangsUp ? [] : [H.bob]))
            #expect(self.toAlice(later) == (hangsUp ? ["487 Request Terminated"] : []))
        }
    }

    @Test("follows a redirection as often as `proxy_recurse` says")
    func redirection() throws {
        let body = """
            <location url="sip:bob@127.0.0.1:6002"><proxy/></location>
            """
        var proxy = try self.proxy(self.incoming(body), settings: "modparam(\"cpl-c\", \"proxy_recurse\", 1)\n")
        let first = try #require(self.requests(proxy.receiveAnswered(self.invite(), from: H.alice)).first)
        var moved = H.response(302, "Moved", to: first)
        moved.replace("Content-Length", with: "Contact: <sip:c@127.0.0.1:6003>;q=0.5, <tel:123>\r\nContent-Length")
        let sent = proxy.receive(moved, from: H.bob)
        #expect(self.requests(sent).map(\.to) == [H.carol])
        var none = try self.proxy(self.incoming(body))
        let only = try #require(self.requests(none.receiveAnswered(self.invite(), from: H.alice)).first)
        #expect(self.toAlice(none.receive(H.response(302, "Moved", to: only), from: H.bob)) == ["302 Moved"])
    }

    @Test("that cannot be sent to a place takes the way of a failure")
    func unreachable() throws {
        let body = """
            <location url="sip:bob@nowhere.example.org"><proxy><failure><reject status="480" reason="No Way"/></failure></proxy></location>
            """
        var proxy = try self.proxy(self.incoming(body))
        #expect(self.toAlice(proxy.receiveAnswered(self.invite(), from: H.alice)).last == "480 No Way")
        var silent = try self.proxy(self.incoming("<location url=\"sip:bob@nowhere.example.org\"><proxy/></location>"))
        #expect(
            self.toAlice(silent.receiveAnswered(self.invite(), from: H.alice)).last
                == "478 Unresolvable destination (478/TM)")
        var empty = try self.proxy(self.incoming("<remove-location><proxy/></remove-location>"))
        #expect(self.toAlice(empty.receiveAnswered(self.invite(), from: H.alice)) == ["480 Temporarily Unavailable"])
    }

    @Test("that cannot be sent to the second place either takes the way of a failure there, when the name is known")
    func secondUnreachable() throws {
        let body = """
            <location url="sip:bob@127.0.0.1:6002"><proxy><busy><location url="sip:bob@nowhere.example.org"><proxy><failure>
            <reject status="480" reason="No Way"/></failure></proxy></location></busy></proxy></location>
            """
        var proxy = try self.proxy(self.incoming(body))
        let first = try #require(self.requests(proxy.receiveAnswered(self.invite(), from: H.alice)).first)
        #expect(self.toAlice(proxy.receive(H.response(486, "Busy", to: first), from: H.bob)) == ["480 No Way"])
        var plain = try self.proxy(
            self.incoming(
                body.replacing("status=\"480\" reason=\"No Way\"", with: "status=\"486\"")
                    .replacing("<failure>", with: "<noanswer>").replacing("</failure>", with: "</noanswer>")))
        let other = try #require(self.requests(plain.receiveAnswered(self.invite(), from: H.alice)).first)
        #expect(self.toAlice(plain.receive(H.response(486, "Busy", to: other), from: H.bob)) == ["486 Busy"])
    }

    @Test("comes back to the failure block of the configuration when the script has no more to say")
    func failureBlock() throws {
        let route = """
            route { t_on_failure("1"); cpl_run_script("incoming", "is_stateless"); }
            failure_route[1] { t_reply("480", "After The Script"); }
            """
        var proxy = try self.proxy(self.incoming(Self.busyToVoicemail), route: route)
        let first = try #require(self.requests(proxy.receiveAnswered(self.invite(), from: H.alice)).first)
        let second = try #require(
            self.requests(proxy.receive(H.response(486, "Busy", to: first), from: H.bob)).first)
        #expect(
            self.toAlice(proxy.receive(H.response(486, "Busy", to: second), from: H.carol)) == ["480 After The Script"])
    }

    @Test("goes through `proxy_route` before the first attempt, and what that changed stays")
    func proxyRoute() throws {
        let route = """
            route { cpl_run_script("incoming", "is_stateless"); }
            route[7] { append_hf("X-Attempt: yes\\r\\n"); log(2, "attempt"); sl_send_reply("500", "never"); }
            """
        let log = LineBasket()
        var proxy = try self.proxy(
            self.incoming(Self.busyToVoicemail),
            settings: "loadmodule \"textops.so\"\nmodparam(\"cpl-c\", \"proxy_route\", \"7\")\n", route: route, log: log
        )
        let first = try #require(self.requests(proxy.receiveAnswered(self.invite(), from: H.alice)).first)
        #expect(first.text.contains("X-Attempt: yes\r\n"))
        let sent = proxy.receive(H.response(486, "Busy", to: first), from: H.bob)
        #expect(self.requests(sent).first?.text.ranges(of: "X-Attempt: yes\r\n").count == 1)
        #expect(self.toAlice(sent) == [])
        #expect(log.lines == ["attempt"])
    }

    @Test("is noted in the log, mails as well, where nothing else is set")
    func notes() throws {
        let log = LineBasket()
        var proxy = try self.proxy(
            self.incoming(
                "<log name=\"calls\" comment=\"missed\"><mail url=\"mailto:bob@example.org\"><reject status=\"busy\"/></mail></log>"
            ), log: log)
        #expect(self.toAlice(proxy.receiveAnswered(self.invite(), from: H.alice)) == ["486 Busy Here"])
        #expect(
            log.lines == [
                "cpl: bob@127.0.0.1 log calls: missed (Call-ID call-1)",
                "cpl: bob@127.0.0.1 mail mailto:bob@example.org (Call-ID call-1)",
            ])
    }

    @Test("has its redirections passed to the caller where `ignore3xx` says so")
    func redirectionIgnored() throws {
        let body =
            "<location url=\"sip:bob@127.0.0.1:6002\"><proxy><redirection><reject status=\"busy\"/></redirection></proxy></location>"
        for (setting, wanted) in [("0", "486 Busy Here"), ("1", "302 Moved")] {
            var proxy = try self.proxy(
                self.incoming(body), settings: "modparam(\"cpl-c\", \"ignore3xx\", \(setting))\n")
            let first = try #require(self.requests(proxy.receiveAnswered(self.invite(), from: H.alice)).first)
            #expect(self.toAlice(proxy.receive(H.response(302, "Moved", to: first), from: H.bob)) == [wanted])
            #expect(proxy.shard.processes.isEmpty == (setting == "1"))
        }
    }

    @Test("leaves the time that a phone may ring in `timer_avp`, for the blocks that come after")
    func timerAttribute() throws {
        let log = LineBasket()
        var proxy = try self.proxy(
            self.incoming("<location url=\"sip:bob@127.0.0.1:6002\"><proxy timeout=\"7\"/></location>"),
            settings: "loadmodule \"avpops.so\"\nmodparam(\"cpl-c\", \"timer_avp\", \"$avp(s:ring)\")\n",
            route: Self.route.replacing("record_route();", with: "record_route(); t_on_failure(\"1\");")
                + "\nfailure_route[1] { if (avp_check(\"s:ring\", \"eq/i:7\")) log(-1, \"seven\"); }", log: log)
        let first = try #require(self.requests(proxy.receiveAnswered(self.invite(), from: H.alice)).first)
        #expect(self.toAlice(proxy.receive(H.response(486, "Busy", to: first), from: H.bob)) == ["486 Busy"])
        #expect(log.lines == ["seven"])
    }

    @Test(
        "a mail says who called, has one line a header whatever is escaped in its address, and goes to addresses only")
    func mail() throws {
        func text(_ url: String) -> String? {
            CPLMail.text(url, user: "bob@h", call: ["Call from sip:a@h to sip:b@h", "Call-ID: 1"]).map {
                String(decoding: $0, as: UTF8.self)
            }
        }
        #expect(
            text("mailto:bob@example.org") == """
                To: bob@example.org
                Subject: Call from sip:a@h to sip:b@h
                Auto-Submitted: auto-generated
                X-CPL-User: bob@h
                Content-Type: text/plain; charset=utf-8

                Call from sip:a@h to sip:b@h
                Call-ID: 1

                """)
        let escaped = try #require(
            text("mailto:bob@h,c%0D%0ABcc:%20x@h?subject=Hi%0ACc:%20y@h&body=one%0D%0A.%0A&cc=z@h"))
        #expect(escaped.hasPrefix("To: bob@h\nSubject: HiCc: y@h\nAuto-Submitted"))
        #expect(escaped.hasSuffix("\n\none\n.\n\n"))
        #expect(!escaped.contains("\nBcc") && !escaped.contains("\nCc") && !escaped.contains("z@h"))
        #expect(text("mailto:nobody") == nil)
        for (user, file) in [
            ("bob", "bob.log"), ("../../etc/passwd", "%2e.%2f..%2fetc%2fpasswd.log"), (".", "%2e.log"),
            ("a/b", "a%2fb.log"),
        ] {
            #expect(CPLNoteWriter.file(of: Array(user.utf8)) == file)
        }
    }

    @Test("takes the set clock for its time switches")
    func clock() throws {
        // 1970-01-12 was a Monday.
        let body = """
            <time-switch><time dtstart="19700101T090000Z" duration="PT8H" freq="weekly" byday="MO,TU,WE,TH,FR">
            <reject status="busy" reason="Office"/></time><otherwise><reject status="busy" reason="Home"/></otherwise></time-switch>
            """
        var proxy = try self.proxy(self.incoming(body))
        proxy.wallTime = 11 * 86_400 + 10 * 3_600
        #expect(self.toAlice(proxy.receiveAnswered(self.invite(), from: H.alice)) == ["486 Office"])
        proxy.wallTime = 11 * 86_400 + 18 * 3_600
        #expect(
            self.toAlice(proxy.receiveAnswered(self.invite(branch: "z9hG4bKtwo"), from: H.alice)) == ["486 Home"])
        let zone = CPLClock.wallSeconds(1_795_600_800, zone: nil) - 1_795_600_800
        #expect(CPLClock.seconds(local: "2026-11-25T10:00:00") == 1_795_600_800 - zone)
        for wrong in [
            "", "2026-11-25", "2026-13-25T10:00:00", "2026-02-29T10:00:00", "2026-11-25T24:00:00",
            "2026-11-2x-10:00:00",
        ] {
            #expect(CPLClock.seconds(local: wrong) == nil)
        }
    }

    // MARK: Upload

    private func register(
        _ body: String, type: String = "application/cpl+xml", disposition: String? = "script;action=store",
        cSeq: Int = 1
    ) -> String {
        var headers = type.isEmpty ? "" : "Content-Type: \(type)\r\n"
        if let disposition { headers += "Content-Disposition: \(disposition)\r\n" }
        return H.request(
            "REGISTER", "sip:127.0.0.1", from: "bob", at: H.alice, branch: "z9hG4bKr\(cSeq)", cSeq: cSeq,
            headers: headers
        ).replacing("Content-Length: 0\r\n\r\n", with: "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    @Test("is ruled by a script that came with REGISTER, until that is taken away")
    func upload() throws {
        var proxy = try self.proxy(nil)
        let script = self.incoming("<reject status=\"486\" reason=\"Uploaded\"/>")
        #expect(self.toAlice(proxy.receiveAnswered(self.register(script), from: H.alice)) == ["200 OK"])
        #expect(self.toAlice(proxy.receiveAnswered(self.invite(), from: H.alice)) == ["486 Uploaded"])
        // Another takes its place.
        let other = self.incoming("<reject status=\"486\" reason=\"Second\"/>")
        #expect(self.toAlice(proxy.receiveAnswered(self.register(other, cSeq: 2), from: H.alice)) == ["200 OK"])
        #expect(
            self.toAlice(proxy.receiveAnswered(self.invite(branch: "z9hG4bKtwo"), from: H.alice)) == ["486 Second"])
        let asked = H.request(
            "REGISTER", "sip:127.0.0.1", from: "bob", at: H.alice, branch: "z9hG4bKget",
            headers: "Accept: application/cpl+xml\r\n")
        let sent = proxy.receiveAnswered(asked, from: H.alice)
        #expect(self.toAlice(sent) == ["200 OK"])
        #expect(sent.last?.text.hasSuffix("\r\n\r\n\(other)") == true)
        #expect(sent.last?.header(.contentLength) == "\(other.utf8.count)")
        #expect(sent.last?.header(.contentType) == "application/cpl+xml")
        #expect(
            self.toAlice(
                proxy.receiveAnswered(self.register("", disposition: "script; action=remove", cSeq: 3), from: H.alice))
                == ["200 OK"])
        #expect(
            self.toAlice(proxy.receiveAnswered(self.invite(branch: "z9hG4bKthree"), from: H.alice)) == ["299 Default"])
        // What is no script goes on to be saved.
        #expect(
            self.toAlice(proxy.receiveAnswered(self.register("", type: "", disposition: nil, cSeq: 4), from: H.alice))
                == ["200 OK"])
        #expect(
            self.toAlice(proxy.receiveAnswered(asked.replacing("bKget", with: "bKtwo"), from: H.alice)) == [
                "404 No CPL Script"
            ])
    }

    @Test("keeps its old script when the new one is none, and is told where it is wrong")
    func refusedUpload() throws {
        var proxy = try self.proxy(self.incoming("<reject status=\"486\" reason=\"Old\"/>"))
        #expect(
            self.toAlice(
                proxy.receiveAnswered(self.register("<cpl>\n<incoming><prxy/></incoming></cpl>"), from: H.alice))
                == ["400 CPL script refused at 2:11: there is no node <prxy>"])
        #expect(
            self.toAlice(proxy.receiveAnswered(self.register("<cpl/>", disposition: "session", cSeq: 2), from: H.alice))
                == ["400 Content-Disposition has to be script;action=store or script;action=remove"])
        #expect(self.toAlice(proxy.receiveAnswered(self.invite(), from: H.alice)) == ["486 Old"])
    }

    @Test("has its script in the columns of either generation, with the domain where that counts")
    func tables() throws {
        func names(_ names: String...) -> Set<[UInt8]> { Set(names.map { Array($0.utf8) }) }
        func values(_ table: CPLTable?, _ owner: CPLTable.Owner) -> [String] {
            table?.load(owner).matching.map {
                "\(String(decoding: $0.column, as: UTF8.self))=\(String(decoding: $0.value, as: UTF8.self))"
            } ?? []
        }
        let bob = try CPLTable.Owner(of: Array("sip:B%6fb@sip.Example.org:5070".utf8))
        var settings = CPLSettings()
        let old = names("user", "cpl_xml", "cpl_bin")
        let new = names("username", "domain", "cpl_xml", "cpl_bin", "id")
        #expect(values(CPLTable(settings, columns: old), bob) == ["user=bob"])
        #expect(values(CPLTable(settings, columns: new), bob) == ["username=bob"])
        settings.useDomain = true
        settings.realmPrefix = Array("sip.".utf8)
        #expect(values(CPLTable(settings, columns: old), bob) == ["user=bob@example.org"])
        #expect(values(CPLTable(settings, columns: new), bob) == ["username=bob", "domain=example.org"])
        settings.isCaseSensitive = true
        #expect(values(CPLTable(settings, columns: new), bob) == ["username=Bob", "domain=example.org"])
        #expect(CPLTable(settings, columns: names("username")) == nil)
        #expect(CPLTable(settings, columns: names("cpl_xml")) == nil)
    }
}
