/// Traces over long times, of many calls, or of many devices.
extension Scene {
    private static func headers(_ via: String, _ user: String, _ callID: String, _ cSeq: String, tag: String = "")
        -> [(String, String)]
    {
        [
            ("Via", via), ("From", "<sip:\(user)@example.net>;tag=f\(callID)"),
            ("To", "<sip:\(user)@example.net>\(tag.isEmpty ? "" : ";tag=\(tag)")"), ("Call-ID", callID),
            ("CSeq", cSeq), ("Max-Forwards", "70"),
        ]
    }

    /// A call for alice, who registered before.
    static func callToRegistered(_ call: Scene) -> Scene {
        call.replacing("INVITE in", "INVITE sip:bob@example.net", "INVITE sip:alice@example.net")
    }

    /// So many phones register within half a minute, in an hour that is quiet otherwise.
    static func registerStorm(_ phones: Int) -> Scene {
        var scene = Scene()
        func register(_ time: Double, _ number: Int) {
            let address = "203.0.113.\(number % 250 + 1):5060"
            scene.add(
                "REGISTER \(number) in", time, address, Scene.server, "REGISTER sip:example.net SIP/2.0",
                headers(
                    "SIP/2.0/UDP \(address);branch=z9hG4bKr\(number)", "u\(number)", "phone-\(number)", "1 REGISTER")
                    + [("Contact", "<sip:u\(number)@\(address)>")])
        }
        register(0, 500)
        for number in 0..<phones { register(1200 + Double(number) * 0.4, number) }
        register(2400, 501)
        scene.changes.append("\(phones) phones register within half a minute")
        return scene
    }

    /// Pings of one device to the server, none of them answered.
    static func pings(_ count: Int, over seconds: Double, from address: String = "203.0.113.66:5060") -> Scene {
        var scene = Scene()
        for number in 0..<count {
            scene.add(
                "OPTIONS \(number) in", Double(number) * seconds / Double(max(1, count)), address, Scene.server,
                "OPTIONS sip:example.net SIP/2.0",
                headers("SIP/2.0/UDP \(address);branch=z9hG4bKo\(number)", "ping", "ping-\(number)", "1 OPTIONS"))
        }
        scene.changes.append("\(count) OPTIONS within \(NumberText.fixed(seconds, 0)) s")
        return scene
    }

    /// The server answers an OPTIONS, takes others for three seconds without a word, and goes on.
    static let stalled: Scene = {
        var scene = Scene.pings(26, over: 3)
        for time in [0.001, 3.5] {
            scene.add(
                "OPTIONS 0 200 out", time, Scene.server, "203.0.113.66:5060", "SIP/2.0 200 OK",
                headers(
                    "SIP/2.0/UDP 203.0.113.66:5060;branch=z9hG4bKo\(time < 1 ? 0 : 25)", "ping",
                    "ping-\(time < 1 ? 0 : 25)", "1 OPTIONS", tag: "s"))
        }
        scene.changes.append("nothing leaves from the first to 3.5 s")
        return scene
    }()

    /// Login after login with another password each, for one nonce.
    static func guesses(_ count: Int) -> Scene {
        var scene = Scene()
        let address = "203.0.113.66:5060"
        for number in 0..<count {
            let via = "SIP/2.0/UDP \(address);branch=z9hG4bKg\(number)"
            scene.add(
                "REGISTER \(number) in", Double(number), address, Scene.server, "REGISTER sip:example.net SIP/2.0",
                headers(via, "alice", "guess-\(number)", "1 REGISTER") + [
                    ("Contact", "<sip:alice@\(address)>"), ("Authorization", credentials("example.net", "r\(number)")),
                ])
            scene.add(
                "401 \(number) out", Double(number) + 0.01, Scene.server, address, "SIP/2.0 401 Unauthorized",
                headers(via, "alice", "guess-\(number)", "1 REGISTER", tag: "s") + [
                    ("WWW-Authenticate", "Digest realm=\"example.net\", nonce=\"n1\"")
                ])
        }
        scene.changes.append("\(count) logins for one nonce, each with another answer")
        return scene
    }

    /// A server that asks everybody for a login, and then this call.
    static func guarded(label: String, then call: Scene) -> Scene {
        var scene = Scene.register
        for round in 1...4 {
            scene = scene.then(
                Scene.challengedCall.replacing("INVITE out", "USRLOC", label), after: Double(round) * 100,
                as: "a call with a login")
        }
        return scene.then(call.replacing("INVITE out", "USRLOC", label), after: 500, as: "a call")
    }

    /// Hours with so many answered and refused attempts each.
    static func attempts(_ hours: [(answered: Int, refused: Int)]) -> Scene {
        var scene = Scene()
        for (hour, tally) in hours.enumerated() {
            for number in 0..<(tally.answered + tally.refused) {
                let name = "h\(hour)n\(number)"
                let via = "SIP/2.0/UDP 203.0.113.5:1024;branch=z9hG4bK\(name)"
                let time = Double(hour) * 3600 + 60 + Double(number) * 30
                scene.add(
                    "INVITE in", time, Scene.phone, Scene.server, "INVITE sip:bob@example.net SIP/2.0",
                    headers(via, "alice", name, "1 INVITE"))
                scene.add(
                    "final out", time + 0.1, Scene.server, Scene.phone,
                    number < tally.answered ? "SIP/2.0 200 OK" : "SIP/2.0 500 Server Error",
                    headers(via, "alice", name, "1 INVITE", tag: "s"))
            }
        }
        scene.changes.append(
            hours.map { "an hour of \($0.answered) answered and \($0.refused) refused" }.joined(separator: ", "))
        return scene
    }

    /// Calls abroad, this many seconds apart.
    static func callsAbroad(_ count: Int, every seconds: Double) -> Scene {
        var scene = Scene()
        for number in 0..<count {
            scene = scene.then(
                Scene.call.replacing(
                    "INVITE in", "INVITE sip:bob@", "INVITE sip:0099\(number % 4)5550\(100 + number)@"),
                after: Double(number) * seconds, as: "call \(number)")
        }
        scene.changes = ["\(count) calls to numbers abroad, one every \(NumberText.fixed(seconds, 0)) s"]
        return scene
    }

    /// Six calls are up; ten more are refused with 503.
    static func fullGateway(_ callsUp: [Int]) -> Scene {
        var scene = Scene()
        for (round, up) in callsUp.enumerated() {
            let begin = Double(round) * 100
            for number in 0..<up {
                scene = scene.then(Scene.call, after: begin + Double(number), as: "call \(round).\(number)")
            }
            scene = scene.then(
                Scene.refused(503, "Service Unavailable"), after: begin + 15, as: "refused \(round)")
        }
        scene.changes = [
            "calls up when one more was refused with 503: \(callsUp.map { "\($0)" }.joined(separator: ", "))"
        ]
        return scene
    }

    /// A server answers four REGISTERs in ten seconds; after five minutes nothing leaves it for three and a half seconds while
    /// requests come in; then phones register all at once, and BYEs of calls from before are answered with 481.
    static func restarted(phones: Int, lostCalls: Int) -> Scene {
        var scene = Scene()
        func register(_ time: Double, _ number: Int, answeredAt answer: Double?) {
            let address = "203.0.113.\(number % 250 + 1):5060"
            let via = "SIP/2.0/UDP \(address);branch=z9hG4bKr\(number)"
            scene.add(
                "REGISTER \(number) in", time, address, Scene.server, "REGISTER sip:example.net SIP/2.0",
                headers(via, "u\(number)", "phone-\(number)", "1 REGISTER") + [
                    ("Contact", "<sip:u\(number)@\(address)>")
                ])
            guard let answer else { return }
            scene.add(
                "200 \(number) out", answer, Scene.server, address, "SIP/2.0 200 OK",
                headers(via, "u\(number)", "phone-\(number)", "1 REGISTER", tag: "s") + [
                    ("Contact", "<sip:u\(number)@\(address)>;expires=3600")
                ])
        }
        for round in 0...240 where round != 121 {
            register(Double(round) * 2.5, round, answeredAt: Double(round) * 2.5 + 0.01)
        }
        for number in 0..<6 { register(300.5 + Double(number) * 0.5, 400 + number, answeredAt: nil) }
        register(303.4, 121, answeredAt: 303.5)
        for number in 0..<phones {
            let time = 304 + Double(number) * 0.15
            register(time, 500 + number, answeredAt: time + 0.01)
        }
        let forgotten = Scene.call.dropping("BYE out", "BYE 200 in").replacing(
            "BYE 200 out", "200 OK", "481 Call/Transaction Does Not Exist"
        ).later(from: "BYE in", by: 280)
        for number in 0..<lostCalls {
            scene = scene.then(forgotten, after: 20 + Double(number) * 2, as: "a call from before")
        }
        scene.changes = [
            "nothing leaves for 3.5 s, then \(phones) phones register, and \(lostCalls) calls from before are answered with 481"
        ]
        return scene
    }

    /// The server's log has these calls as answered.
    func accounting(_ callIDs: String...) -> Scene {
        var scene = self
        scene.logLines += callIDs.map {
            "NOTICE: acc: ACC: transaction answered: timestamp=1;method=INVITE;from_tag=a;to_tag=b;call_id=\($0);code=200;reason=OK"
        }
        scene.changes.append("the server's accounting has \(callIDs.joined(separator: ", ")) as answered")
        return scene
    }

    func knowing(_ edit: (inout KnownHosts) -> Void) -> Scene {
        var scene = self
        edit(&scene.known)
        return scene
    }

    func logging(_ line: String) -> Scene {
        var scene = self
        scene.logLines.append(line)
        scene.changes.append("the server's log has \"\(line)\"")
        return scene
    }

    func sounding(_ sound: Sound...) -> Scene {
        var scene = self
        scene.sound += sound
        scene.changes += sound.map { "sound from \($0.from) to \($0.to)" }
        return scene
    }
}
