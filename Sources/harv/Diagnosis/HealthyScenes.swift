/// The healthy traces that examples change.
extension Scene {
    static func session(_ address: String, _ port: Int, _ codecs: String = "0 8 101") -> String {
        "v=0\r\no=- 1 1 IN IP4 \(address)\r\ns=call\r\nc=IN IP4 \(address)\r\nt=0 0\r\nm=audio \(port) RTP/AVP \(codecs)\r\n"
            + "a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n"
    }

    private static let viaPhone = "SIP/2.0/UDP 192.168.1.2:5060;branch=z9hG4bK-p"
    private static let seenPhone = ";rport=1024;received=203.0.113.5"
    private static let viaServer = "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK-s"
    private static let from = "<sip:alice@example.net>;tag=a"
    private static let to = "<sip:bob@example.net>"
    private static let tagged = "<sip:bob@example.net>;tag=b"
    private static let record = "<sip:192.0.2.10;lr;nat=yes>"
    private static let target = "sip:bob@198.51.100.7:5060"

    private static func base(_ vias: [String], _ to: String, _ cSeq: String) -> [(String, String)] {
        vias.map { ("Via", $0) } + [("From", Self.from), ("To", to), ("Call-ID", "call-1"), ("CSeq", cSeq)]
    }

    /// A call that is answered after two seconds and hung up by the caller after thirty, without challenge.
    static let call: Scene = {
        var scene = Scene()
        let invite = "INVITE sip:bob@example.net SIP/2.0"
        let (p, s, c) = (Scene.phone, Scene.server, Scene.callee)
        let both = [viaServer + "1", viaPhone + "1" + seenPhone]
        let answered = [viaPhone + "1" + seenPhone]
        let agent = ("User-Agent", "Testphone 1.0")
        scene.add(
            "INVITE in", 0, p, s, invite,
            base([viaPhone + "1;rport"], to, "1 INVITE") + [
                ("Contact", "<sip:alice@192.168.1.2:5060>"), ("Max-Forwards", "70"), agent,
            ], session("192.168.1.2", 4000))
        scene.add("100 out", 0.002, s, p, "SIP/2.0 100 Trying", base(answered, to, "1 INVITE"))
        scene.add(
            "INVITE out", 0.004, s, c, "INVITE \(target) SIP/2.0",
            [("Record-Route", record)] + base(both, to, "1 INVITE") + [
                ("Contact", "<sip:alice@203.0.113.5:1024>"), ("Max-Forwards", "69"), agent, ("P-hint", "USRLOC"),
            ], session("192.0.2.10", 35_000))
        scene.add(
            "180 in", 0.1, c, s, "SIP/2.0 180 Ringing",
            [("Record-Route", record)] + base(both, tagged, "1 INVITE") + [
                ("Contact", "<\(target)>"), ("Server", "Answerer 2.0"),
            ])
        scene.add(
            "180 out", 0.101, s, p, "SIP/2.0 180 Ringing",
            [("Record-Route", record)] + base(answered, tagged, "1 INVITE") + [
                ("Contact", "<\(target)>"), ("Server", "Answerer 2.0"),
            ])
        scene.add(
            "200 in", 2, c, s, "SIP/2.0 200 OK",
            [("Record-Route", record)] + base(both, tagged, "1 INVITE") + [
                ("Contact", "<\(target)>"), ("Server", "Answerer 2.0"),
            ], session("198.51.100.7", 6000, "0 101"))
        scene.add(
            "200 out", 2.001, s, p, "SIP/2.0 200 OK",
            [("Record-Route", record)] + base(answered, tagged, "1 INVITE") + [
                ("Contact", "<\(target)>"), ("Server", "Answerer 2.0"),
            ], session("192.0.2.10", 35_002, "0 101"))
        scene.add(
            "ACK in", 2.05, p, s, "ACK \(target) SIP/2.0",
            [("Route", record)] + base([viaPhone + "2;rport"], tagged, "1 ACK") + [("Max-Forwards", "70"), agent])
        scene.add(
            "ACK out", 2.051, s, c, "ACK \(target) SIP/2.0",
            base([viaServer + "2", viaPhone + "2" + seenPhone], tagged, "1 ACK") + [
                ("Max-Forwards", "69"), agent, ("P-hint", "rr-enforced"),
            ])
        let byes = [viaServer + "3", viaPhone + "3" + seenPhone]
        scene.add(
            "BYE in", 32, p, s, "BYE \(target) SIP/2.0",
            [("Route", record)] + base([viaPhone + "3;rport"], tagged, "2 BYE") + [("Max-Forwards", "70"), agent])
        scene.add(
            "BYE out", 32.001, s, c, "BYE \(target) SIP/2.0",
            base(byes, tagged, "2 BYE") + [("Max-Forwards", "69"), agent, ("P-hint", "rr-enforced")])
        scene.add(
            "BYE 200 in", 32.03, c, s, "SIP/2.0 200 OK", base(byes, tagged, "2 BYE") + [("Server", "Answerer 2.0")])
        scene.add(
            "BYE 200 out", 32.031, s, p, "SIP/2.0 200 OK",
            base([viaPhone + "3" + seenPhone], tagged, "2 BYE") + [("Server", "Answerer 2.0")])
        return scene
    }()

    /// A call that the callee refuses with a code.
    static func refused(_ code: Int, _ reason: String) -> Scene {
        var scene = Scene()
        for message in Self.call.messages
        where ["INVITE in", "100 out", "INVITE out", "180 in", "180 out"].contains(message.label) {
            scene.messages.append(message)
        }
        let both = [viaServer + "1", viaPhone + "1" + seenPhone]
        scene.add(
            "final in", 2, Scene.callee, Scene.server, "SIP/2.0 \(code) \(reason)",
            base(both, tagged, "1 INVITE") + [("Server", "Answerer 2.0")])
        scene.add(
            "final out", 2.001, Scene.server, Scene.phone, "SIP/2.0 \(code) \(reason)",
            base([viaPhone + "1" + seenPhone], tagged, "1 INVITE") + [("Server", "Answerer 2.0")])
        scene.add(
            "ACK failed out", 2.002, Scene.server, Scene.callee, "ACK \(target) SIP/2.0",
            base([viaServer + "1"], tagged, "1 ACK") + [("Max-Forwards", "69")])
        scene.add(
            "ACK failed in", 2.05, Scene.phone, Scene.server, "ACK sip:bob@example.net SIP/2.0",
            base([viaPhone + "1"], tagged, "1 ACK") + [("Max-Forwards", "70")])
        return scene
    }

    /// A call that the server answers itself, without passing it on.
    static func answeredByServer(_ code: Int, _ reason: String) -> Scene {
        var scene = Scene()
        scene.messages.append(contentsOf: Self.call.messages.filter { $0.label == "INVITE in" })
        scene.add(
            "final out", 0.005, Scene.server, Scene.phone, "SIP/2.0 \(code) \(reason)",
            base([viaPhone + "1" + seenPhone], "\(to);tag=local", "1 INVITE"))
        scene.add(
            "ACK failed in", 0.05, Scene.phone, Scene.server, "ACK sip:bob@example.net SIP/2.0",
            base([viaPhone + "1"], "\(to);tag=local", "1 ACK") + [("Max-Forwards", "70")])
        return scene
    }

    static func credentials(_ realm: String, _ response: String = "11", nonce: String = "n1", user: String = "alice")
        -> String
    {
        "Digest username=\"\(user)\", realm=\"\(realm)\", nonce=\"\(nonce)\", uri=\"sip:example.net\", response=\"\(response)\""
    }

    /// A phone that registers: challenge, password, 200.
    static let register: Scene = {
        var scene = Scene()
        let (p, s) = (Scene.phone, Scene.server)
        func headers(_ via: String, _ to: String, _ cSeq: String) -> [(String, String)] {
            [
                ("Via", via), ("From", "<sip:alice@example.net>;tag=a"), ("To", to), ("Call-ID", "call-1"),
                ("CSeq", cSeq),
            ]
        }
        let own = [
            ("Contact", "<sip:alice@192.168.1.2:5060>"), ("Max-Forwards", "70"), ("Expires", "600"),
            ("User-Agent", "Testphone 1.0"),
        ]
        let aor = "<sip:alice@example.net>"
        scene.add(
            "REGISTER in", 0, p, s, "REGISTER sip:example.net SIP/2.0",
            headers(viaPhone + "1;rport", aor, "1 REGISTER") + own)
        scene.add(
            "401 out", 0.002, s, p, "SIP/2.0 401 Unauthorized",
            headers(viaPhone + "1" + seenPhone, aor + ";tag=s", "1 REGISTER") + [
                ("WWW-Authenticate", "Digest realm=\"example.net\", nonce=\"n1\"")
            ])
        scene.add(
            "REGISTER again in", 0.05, p, s, "REGISTER sip:example.net SIP/2.0",
            headers(viaPhone + "2;rport", aor, "2 REGISTER") + own + [("Authorization", credentials("example.net"))])
        scene.add(
            "200 out", 0.055, s, p, "SIP/2.0 200 OK",
            headers(viaPhone + "2" + seenPhone, aor + ";tag=s", "2 REGISTER") + [
                ("Contact", "<sip:alice@192.168.1.2:5060>;expires=600;received=\"sip:203.0.113.5:1024\"")
            ])
        return scene
    }()
}
