import SIPKit
import Testing

@testable import miniproxy

/// What the documents' configurations do, piece by piece, with messages on both sides.
@Suite("A piece of a printed configuration")
struct ListingTests {
    typealias H = ShardHarness
    static let modules = [
        "sl", "tm", "rr", "maxfwd", "usrloc", "registrar", "textops", "uri", "auth", "avpops", "acc", "xlog",
    ].map { "loadmodule \"/usr/local/lib/ser/modules/\($0).so\"\n" }.joined()

    func proxy(_ text: String, log: LineBasket? = nil) throws -> H { try H(script: Self.modules + text, log: log) }

    func invite(_ uri: String = "sip:bob@127.0.0.1:6002", headers: String = "") -> String {
        H.request("INVITE", uri, at: H.alice, headers: headers)
    }

    func invites(_ sent: [H.Sent]) -> [H.Sent] { sent.filter { $0.startLine.hasPrefix("INVITE") } }

    @Test("lets a Max-Forwards of 70 go on as 16, as SER does")
    func hops() throws {
        let text =
            "route { if (!mf_process_maxfwd_header(\"10\")) { sl_send_reply(\"483\", \"x\"); break; } t_relay(); }"
        var proxy = try self.proxy(text)
        #expect(self.invites(proxy.receive(self.invite(), from: H.alice)).first?.header(.maxForwards) == "16")
        var modern = try self.proxy("request_route { mf_process_maxfwd_header(\"10\"); t_relay(); }")
        #expect(self.invites(modern.receive(self.invite(), from: H.alice)).first?.header(.maxForwards) == "69")
    }

    @Test("sends 100 before the answer to a REGISTER")
    func registersWithTrying() throws {
        var proxy = try self.proxy(
            "route { sl_send_reply(\"100\", \"Trying\"); if (!save(\"location\")) sl_reply_error(); }")
        #expect(proxy.register("bob", at: H.bob).map(\.startLine) == ["SIP/2.0 100 Trying", "SIP/2.0 200 OK"])
    }

    @Test("writes lr=on where phones need it")
    func fullLooseRouting() throws {
        var proxy = try self.proxy("modparam(\"rr\", \"enable_full_lr\", 1)\nroute { record_route(); t_relay(); }")
        #expect(
            self.invites(proxy.receive(self.invite(), from: H.alice)).first?.header(.recordRoute)
                == "<sip:127.0.0.1;ftag=a1;lr=on>")
    }

    @Test("says what is advertised and not the socket, for all messages or for one")
    func advertised() throws {
        let route = "{ record_route(); t_relay(); }"
        for text in [
            "advertised_address=sip.example.org\nadvertised_port=5080\nroute \(route)",
            "route { set_advertised_address(\"sip.example.org\"); set_advertised_port(5080); route(1); } route[1] \(route)",
        ] {
            var proxy = try self.proxy(text)
            let sent = try #require(self.invites(proxy.receive(self.invite(), from: H.alice)).first)
            #expect(sent.header(.via).hasPrefix("SIP/2.0/UDP sip.example.org:5080;branch=z9hG4bK"))
            #expect(sent.header(.recordRoute) == "<sip:sip.example.org:5080;ftag=a1;lr>")
            // Its answer is known by our branch, whatever the address.
            #expect(!proxy.receive(H.response(200, "OK", to: sent), from: H.bob).isEmpty)
        }
    }

    @Test("writes the user of the call, its own Server line, and answers where the Via says, when it is told to")
    func settings() throws {
        var proxy = try self.proxy(
            "server_header=\"Server: ours\"\nreply_to_via=1\nmodparam(\"rr\", \"add_username\", 1)\n"
                + "route { record_route(); t_relay(); }")
        let sent = proxy.receive(H.request("INVITE", "sip:bob@127.0.0.1:6002", at: H.carol), from: H.alice)
        #expect(sent.first?.to == H.carol)
        #expect(sent.first?.text.contains("\r\nServer: ours\r\n") == true)
        #expect(self.invites(sent).first?.header(.recordRoute) == "<sip:bob@127.0.0.1;ftag=a1;lr>")
    }

    @Test("answers a missed call through a transaction and accounts it by its old name")
    func missedCall() throws {
        let log = LineBasket()
        var proxy = try self.proxy(
            """
            route {
                if (!lookup("location")) {
                    if ((method=="INVITE" || method=="ACK") && t_newtran()) {
                        t_reply("404", "Not Found");
                        acc_request("404 Not Found");
                        break;
                    }
                    sl_send_reply("404", "Not Found");
                    break;
                }
                t_relay();
            }
            """, log: log)
        let sent = proxy.receive(self.invite("sip:bob@127.0.0.1"), from: H.alice)
        #expect(sent.map(\.startLine) == ["SIP/2.0 404 Not Found"])
        #expect(log.lines.first?.hasPrefix("ACC: request accounted: method=INVITE, ") == true)
        #expect(log.lines.first?.hasSuffix("code=404 Not Found") == true)
        // Through the transaction: it is sent again until the ACK comes.
        #expect(proxy.wait(milliseconds: 600).map(\.startLine) == ["SIP/2.0 404 Not Found"])
    }

    @Test("refuses a second transaction for one message")
    func secondTransaction() throws {
        let log = LineBasket()
        var proxy = try self.proxy(
            "route { t_newtran(); if (!t_newtran()) { t_reply(\"500\", \"Second\"); } }", log: log)
        #expect(proxy.receive(self.invite(), from: H.alice).map(\.startLine) == ["SIP/2.0 500 Second"])
        #expect(log.lines == ["t_newtran: transaction already in process"])
    }

    @Test("keeps a flag with a contact, and sets it again when that is called")
    func natFlag() throws {
        var proxy = try self.proxy(
            """
            modparam("registrar", "nat_flag", 6)
            route {
                if (method=="REGISTER") { setflag(6); save("location"); break; }
                if (isflagset(6)) { sl_send_reply("500", "x"); break; }
                lookup("location");
                if (isflagset(6)) { append_hf("P-NAT: yes\\r\\n"); }
                t_relay();
            }
            """)
        _ = proxy.register("bob", at: H.bob)
        let sent = self.invites(proxy.receive(self.invite("sip:bob@127.0.0.1:5060"), from: H.alice))
        #expect(sent.first?.text.contains("P-NAT: yes\r\n") == true)
    }

    /// Where an INVITE goes when carol's phone came first with a higher rank, then bob's.
    func order(_ settings: String) throws -> [String] {
        var proxy = try self.proxy(
            settings
                + "route { if (method==\"REGISTER\") { save(\"location\"); break; } lookup(\"location\"); t_relay(); }")
        _ = proxy.register("bob", at: H.carol, q: "0.9")
        _ = proxy.wait(milliseconds: 2000)
        _ = proxy.register("bob", at: H.bob, q: "0.1")
        return self.invites(proxy.receive(self.invite("sip:bob@127.0.0.1:5060"), from: H.alice)).map { "\($0.to.port)" }
    }

    @Test("calls all contacts by their rank, or the first alone, or the newest first")
    func order() throws {
        #expect(try self.order("") == ["6003", "6002"])
        #expect(try self.order("modparam(\"registrar\", \"append_branches\", 0)\n") == ["6003"])
        #expect(
            try self.order(
                "modparam(\"registrar\", \"append_branches\", 0)\nmodparam(\"registrar\", \"desc_time_order\", 1)\n")
                == ["6002"])
    }

    @Test("raises short expiries, and knows one where none is given")
    func expiries() throws {
        var proxy = try self.proxy(
            "modparam(\"registrar\", \"min_expires\", 70)\nmodparam(\"registrar\", \"default_expires\", 120)\nroute { save(\"location\"); }"
        )
        let short = H.request(
            "REGISTER", "sip:127.0.0.1", from: "bob", to: "bob", at: H.bob,
            headers: "Contact: <sip:bob@127.0.0.1:1>;expires=5\r\n")
        #expect(proxy.receive(short, from: H.bob).first?.header(.contact) == "<sip:bob@127.0.0.1:1>;expires=70")
        let none = H.request(
            "REGISTER", "sip:127.0.0.1", from: "eve", to: "eve", at: H.bob, branch: "z9hG4bKtwo", callID: "two",
            headers: "Contact: <sip:eve@127.0.0.1:1>\r\n")
        #expect(proxy.receive(none, from: H.bob).first?.header(.contact) == "<sip:eve@127.0.0.1:1>;expires=120")
    }

    @Test("looks into the aliases first, then where that user is")
    func aliases() throws {
        var proxy = try self.proxy(
            """
            route {
                if (method=="REGISTER") { if (to_uri=~"sip:4711@") { save("aliases"); } else { save("location"); } break; }
                lookup("aliases");
                if (!lookup("location")) { sl_send_reply("404", "Not Found"); break; }
                t_relay();
            }
            """)
        _ = proxy.register("bob", at: H.bob)
        _ = proxy.receive(
            H.request(
                "REGISTER", "sip:127.0.0.1", from: "4711", to: "4711", at: H.carol, branch: "z9hG4bKtwo", callID: "two",
                headers: "Contact: <sip:bob@127.0.0.1:5060>\r\nExpires: 600\r\n"), from: H.carol)
        #expect(self.invites(proxy.receive(self.invite("sip:4711@127.0.0.1:5060"), from: H.alice)).map(\.to) == [H.bob])
    }

    @Test("labels what goes where")
    func hints() throws {
        var proxy = try self.proxy("route { append_hf(\"P-hint: USRLOC\\r\\n\"); t_relay(); }")
        #expect(
            self.invites(proxy.receive(self.invite(), from: H.alice)).first?.text.contains("P-hint: USRLOC\r\n") == true
        )
    }

    @Test("sends a call that nobody takes to voice mail, and says whose it was")
    func voicemail() throws {
        var proxy = try self.proxy(
            """
            route { t_on_failure("1"); t_relay(); }
            failure_route[1] {
                if (t_check_status("486|408")) {
                    append_urihf("CC-Diversion: ", "\\r\\n");
                    rewritehostport("127.0.0.1:6003");
                    append_branch();
                    t_relay();
                }
            }
            """)
        let first = try #require(self.invites(proxy.receive(self.invite(), from: H.alice)).first)
        let second = try #require(self.invites(proxy.receive(H.response(486, "Busy", to: first), from: H.bob)).first)
        #expect(second.to == H.carol)
        #expect(second.startLine == "INVITE sip:bob@127.0.0.1:6003 SIP/2.0")
        #expect(second.text.contains("CC-Diversion: sip:bob@127.0.0.1:6002\r\n"))
    }

    @Test("takes the first digit off and sends the call to a gateway")
    func gateway() throws {
        var proxy = try self.proxy(
            "route { if (uri=~\"^sip:9[0-9]*@.*\") { strip(1); rewritehostport(\"127.0.0.1:6003\"); } t_relay(); }")
        let sent = self.invites(proxy.receive(self.invite("sip:95551234@127.0.0.1:5060"), from: H.alice))
        #expect(sent.map(\.startLine) == ["INVITE sip:5551234@127.0.0.1:6003 SIP/2.0"])
        #expect(sent.map(\.to) == [H.carol])
    }

    @Test("keeps Content-Length right when a body is changed twice, and for the message after it")
    func bodyTwice() throws {
        var proxy = try self.proxy(
            "route { if (uri=~\"bob\") { replace(\"v=0\", \"v=000\"); replace(\"s=a\", \"s=abc\"); } else { replace(\"v=0\", \"v=00\"); } t_relay(); }"
        )
        for (number, (user, length)) in [("bob", "14"), ("eve", "11"), ("bob", "14")].enumerated() {
            let head = H.request(
                "INVITE", "sip:\(user)@127.0.0.1:6002", at: H.alice, branch: "z9hG4bKb\(number)", callID: "b\(number)")
            let text = head.replacing("Content-Length: 0\r\n\r\n", with: "Content-Length: 10\r\n\r\nv=0\r\ns=a\r\n")
            let sent = try #require(self.invites(proxy.receive(text, from: H.alice)).first)
            #expect(sent.header(.contentLength) == length)
        }
    }

    @Test("writes the identity of a user with what is set around it")
    func remotePartyID() throws {
        var proxy = try self.proxy(
            """
            modparam("auth", "rpid_suffix", ";party=calling")
            route { avp_write("s:<sip:+4930123@example.org>", "s:rpid"); append_rpid_hf(); if (is_rpid_user_e164()) setflag(1);
                if (isflagset(1)) { append_hf("P-E164: yes\\r\\n"); } t_relay(); }
            """)
        let sent = try #require(self.invites(proxy.receive(self.invite(), from: H.alice)).first)
        #expect(sent.text.contains("Remote-Party-ID: <sip:+4930123@example.org>;party=calling\r\n"))
        #expect(sent.text.contains("P-E164: yes\r\n"))
    }

    @Test("answers where the request came from when force_rport says so")
    func forceRport() throws {
        var proxy = try self.proxy("route { force_rport(); t_relay(); }")
        let text = H.request("INVITE", "sip:bob@127.0.0.1:6002", at: H.carol)
        let sent = proxy.receive(text, from: H.alice)
        // The Via says another port than the packet came from.
        #expect(sent.first?.startLine.hasPrefix("SIP/2.0 100") == true)
        #expect(sent.first?.to == H.alice)
        #expect(self.invites(sent).first?.text.contains("127.0.0.1:6003;rport=6001;received=127.0.0.1;branch=") == true)
    }
}
