/// Traces that several rules' examples begin with.
extension Scene {
    private static let phoneVia = "SIP/2.0/UDP 192.168.1.2:5060;branch=z9hG4bK-p"
    private static let seen = ";rport=1024;received=203.0.113.5"
    private static let serverVia = "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK-s"
    private static let bob = "<sip:bob@example.net>"

    private static func headers(_ vias: [String], _ to: String, _ cSeq: String) -> [(String, String)] {
        vias.map { ("Via", $0) } + [
            ("From", "<sip:alice@example.net>;tag=a"), ("To", to), ("Call-ID", "call-1"), ("CSeq", cSeq),
        ]
    }

    /// The first INVITE and nothing else.
    static let onlyInvite = Scene.call.dropping(
        "100 out", "INVITE out", "180 in", "180 out", "200 in", "200 out", "ACK in", "ACK out", "BYE in", "BYE out",
        "BYE 200 in", "BYE 200 out")

    /// An INVITE that the next hop never answers; the server gives up after half a minute.
    static let deadHop: Scene = {
        var scene = Scene.call.dropping(
            "180 in", "180 out", "200 in", "200 out", "ACK in", "ACK out", "BYE in", "BYE out", "BYE 200 in",
            "BYE 200 out"
        )
        .again("INVITE out", after: 0.5, 1.5, 3.5, 7.5, 15.5)
        scene.add(
            "final out", 30, Scene.server, Scene.phone, "SIP/2.0 408 Request Timeout",
            headers([phoneVia + "1" + seen], bob + ";tag=s", "1 INVITE"))
        scene.add(
            "ACK failed in", 30.05, Scene.phone, Scene.server, "ACK sip:bob@example.net SIP/2.0",
            headers([phoneVia + "1"], bob + ";tag=s", "1 ACK") + [("Max-Forwards", "70")])
        return scene
    }()

    /// A call that the caller gives up while it rings.
    static let cancelled: Scene = {
        var scene = Scene.refused(487, "Request Terminated")
        scene.add(
            "CANCEL in", 1.9, Scene.phone, Scene.server, "CANCEL sip:bob@example.net SIP/2.0",
            headers([phoneVia + "1"], bob, "1 CANCEL") + [("Max-Forwards", "70")])
        scene.add(
            "CANCEL 200 out", 1.901, Scene.server, Scene.phone, "SIP/2.0 200 canceling",
            headers([phoneVia + "1" + seen], bob + ";tag=s", "1 CANCEL"))
        scene.add(
            "CANCEL out", 1.902, Scene.server, Scene.callee, "CANCEL sip:bob@198.51.100.7:5060 SIP/2.0",
            headers([serverVia + "1"], bob, "1 CANCEL") + [("Max-Forwards", "70")])
        scene.add(
            "CANCEL 200 in", 1.93, Scene.callee, Scene.server, "SIP/2.0 200 OK",
            headers([serverVia + "1"], bob + ";tag=b", "1 CANCEL"))
        return scene
    }()

    /// The callee never gets the ACK, repeats its 200 and hangs up after 32 s.
    static let callCutByCallee: Scene = {
        var scene = Scene.call.dropping("ACK out", "BYE in", "BYE out", "BYE 200 in", "BYE 200 out").again(
            "200 in", after: 0.5, 1.5, 3.5, 7.5, 11.5)
        let via = "SIP/2.0/UDP 198.51.100.7;branch=z9hG4bK-c9"
        let ends = [
            ("From", bob + ";tag=b"), ("To", "<sip:alice@example.net>;tag=a"), ("Call-ID", "call-1"), ("CSeq", "1 BYE"),
        ]
        scene.add(
            "BYE in", 34, Scene.callee, Scene.server, "BYE sip:alice@203.0.113.5:1024 SIP/2.0",
            [("Via", via)] + ends + [("Route", "<sip:192.0.2.10;lr;nat=yes>"), ("Max-Forwards", "70")])
        scene.add(
            "BYE out", 34.001, Scene.server, Scene.phone, "BYE sip:alice@203.0.113.5:1024 SIP/2.0",
            [("Via", serverVia + "9"), ("Via", via)] + ends + [("Max-Forwards", "69"), ("P-hint", "rr-enforced")])
        scene.add(
            "BYE 200 in", 34.03, Scene.phone, Scene.server, "SIP/2.0 200 OK",
            [("Via", serverVia + "9"), ("Via", via)] + ends)
        scene.add("BYE 200 out", 34.031, Scene.server, Scene.callee, "SIP/2.0 200 OK", [("Via", via)] + ends)
        return scene
    }()

    /// The server sends an INVITE to itself so many times, and answers 483 in the end.
    static func loop(_ times: Int) -> Scene {
        var scene = Scene.onlyInvite
        var vias = [phoneVia + "1" + seen]
        for round in 0..<times {
            vias.insert(serverVia + "loop\(round)", at: 0)
            scene.add(
                "loop \(round)", 0.01 + Double(round) * 0.001, Scene.server, Scene.server,
                "INVITE sip:bob@example.net SIP/2.0",
                headers(vias, bob, "1 INVITE") + [("Max-Forwards", "\(69 - round)")])
        }
        let code = times >= 3 ? "483 Too Many Hops" : "486 Busy Here"
        scene.add(
            "final out", 0.1, Scene.server, Scene.phone, "SIP/2.0 \(code)",
            headers([phoneVia + "1" + seen], bob + ";tag=s", "1 INVITE"))
        return scene
    }

    /// A registration whose password is refused twice.
    static func refusedLogin(_ realm: String) -> Scene {
        var scene = Scene.register.dropping("200 out").replacing(
            "401 out", "realm=\"example.net\"", "realm=\"\(realm)\""
        ).replacing("REGISTER again in", "realm=\"example.net\"", "realm=\"\(realm)\"")
        let own = "<sip:alice@example.net>"
        let challenge = [("WWW-Authenticate", "Digest realm=\"\(realm)\", nonce=\"n1\"")]
        scene.add(
            "401 again out", 0.055, Scene.server, Scene.phone, "SIP/2.0 401 Unauthorized",
            headers([phoneVia + "2" + seen], own + ";tag=s", "2 REGISTER") + challenge)
        scene.add(
            "REGISTER third in", 0.1, Scene.phone, Scene.server, "REGISTER sip:example.net SIP/2.0",
            headers([phoneVia + "3;rport"], own, "3 REGISTER") + [
                ("Max-Forwards", "70"), ("Authorization", credentials(realm)),
            ])
        scene.add(
            "401 third out", 0.105, Scene.server, Scene.phone, "SIP/2.0 401 Unauthorized",
            headers([phoneVia + "3" + seen], own + ";tag=s", "3 REGISTER") + challenge)
        return scene
    }

    /// A healthy call whose INVITE is challenged first.
    static let challengedCall: Scene = {
        var scene = Scene.call
        for place in scene.messages.indices { scene.messages[place].time += 0.1 }
        for place in scene.messages.indices where scene.messages[place].label == "INVITE in" {
            scene.messages[place].headers.append(("Proxy-Authorization", credentials("example.net")))
        }
        scene.add(
            "first INVITE in", 0, Scene.phone, Scene.server, "INVITE sip:bob@example.net SIP/2.0",
            headers([phoneVia + "0;rport"], bob, "0 INVITE") + [("Max-Forwards", "70")])
        scene.add(
            "407 out", 0.002, Scene.server, Scene.phone, "SIP/2.0 407 Proxy Authentication Required",
            headers([phoneVia + "0" + seen], bob + ";tag=s", "0 INVITE") + [
                ("Proxy-Authenticate", "Digest realm=\"example.net\", nonce=\"n1\"")
            ])
        scene.add(
            "first ACK in", 0.05, Scene.phone, Scene.server, "ACK sip:bob@example.net SIP/2.0",
            headers([phoneVia + "0"], bob + ";tag=s", "0 ACK") + [("Max-Forwards", "70")])
        return scene
    }()

    /// A phone registers; five minutes later a call to it gets no answer.
    static let callToQuietPhone: Scene = {
        var scene = Scene.register
        for place in scene.messages.indices {
            scene.messages[place].headers = scene.messages[place].headers.map {
                ($0.name, $0.name == "Call-ID" ? "registration" : $0.value)
            }
        }
        var call = Scene.deadHop
        for place in call.messages.indices {
            call.messages[place].time += 300
            if call.messages[place].label.hasPrefix("INVITE out") { call.messages[place].to = Scene.phone }
            if call.messages[place].to == Scene.phone, !call.messages[place].label.hasPrefix("INVITE out") {
                call.messages[place].to = "198.51.100.50:5060"
            }
            if call.messages[place].from == Scene.phone { call.messages[place].from = "198.51.100.50:5060" }
        }
        scene.messages += call.messages
        return scene
    }()

    /// As if the messages had been read from wrapped mail.
    var mangled: Scene {
        var scene = self
        scene.isMangled = true
        return scene
    }

    /// As if a router had said that the callee's port is closed.
    var refusedByRouter: Scene {
        var scene = self
        scene.hasICMP = true
        return scene
    }
}

extension Scene.Message {
    private static func headers(_ vias: [String], _ to: String, _ cSeq: String, _ callID: String = "call-1") -> [(
        name: String, value: String
    )] {
        vias.map { ("Via", $0) } + [
            ("From", "<sip:alice@example.net>;tag=a"), ("To", to), ("Call-ID", callID), ("CSeq", cSeq),
        ]
    }

    /// Something unrelated, hours later.
    static func lateOptions(_ time: Double) -> Scene.Message {
        Scene.Message(
            label: "another message after \(Int(time)) s", time: time, from: Scene.phone, to: Scene.server,
            start: "OPTIONS sip:192.0.2.10 SIP/2.0",
            headers: headers(
                ["SIP/2.0/UDP 203.0.113.5:1024;branch=z9hG4bK-o"], "<sip:192.0.2.10>", "1 OPTIONS", "other") + [
                    ("Max-Forwards", "70")
                ],
            body: "", contentLength: nil)
    }

    /// 100 Trying from the next hop.
    static func trying(_ time: Double) -> Scene.Message {
        Scene.Message(
            label: "100 in", time: time, from: Scene.callee, to: Scene.server, start: "SIP/2.0 100 Trying",
            headers: headers(
                [
                    "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK-s1",
                    "SIP/2.0/UDP 192.168.1.2:5060;branch=z9hG4bK-p1;rport=1024;received=203.0.113.5",
                ],
                "<sip:bob@example.net>", "1 INVITE"), body: "", contentLength: nil)
    }

    /// A final answer that the server makes itself.
    static func localFinal(_ code: Int, _ reason: String, _ time: Double) -> Scene.Message {
        Scene.Message(
            label: "\(code) out", time: time, from: Scene.server, to: Scene.phone, start: "SIP/2.0 \(code) \(reason)",
            headers: headers(
                ["SIP/2.0/UDP 192.168.1.2:5060;branch=z9hG4bK-p1;rport=1024;received=203.0.113.5"],
                "<sip:bob@example.net>;tag=local", "1 INVITE"),
            body: "", contentLength: nil)
    }
}
