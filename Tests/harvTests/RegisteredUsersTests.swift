import Foundation
import SIPKit
import SIPTrace
import Testing

@testable import harv

@Suite("A row for each user (--registrations)")
struct RegisteredUsersTests {
    static func summary(_ scene: Scene) -> Summary {
        var options = JudgeOptions()
        options.wantsUsers = true
        var analyser = Analyser(options: options, seed: 1)
        scene.play(into: &analyser)
        return analyser.finish()
    }

    static func rows(_ scene: Scene) throws -> [(name: String, state: RegisteredUsers.State, row: RegisteredUsers.Row)]
    {
        let summary = Self.summary(scene)
        return try #require(summary.users).sorted(now: summary.lastTime)
    }

    /// A REGISTER of Alice's first phone and what she gets, as a conversation of its own.
    static func register(_ callID: String, at time: Double, answer: (Scene) -> Scene = { $0 }) -> Scene {
        answer(Scene.register).replacing("*", "call-1", callID).replacing("*", "z9hG4bK", "z9hG4bK\(callID)")
            .later(from: "REGISTER in", by: time)
    }

    /// Other scenes' messages in one.
    static func together(_ scenes: [Scene], tail: Double = 300) -> Scene {
        var scene = Scene()
        scene.messages = scenes.flatMap(\.messages)
        return scene.lasting(tail)
    }

    static func rejecting(_ code: Int, _ reason: String) -> (Scene) -> Scene {
        { $0.replacing("200 out", "200 OK", "\(code) \(reason)").without("Contact", in: "200 out") }
    }

    @Test("a phone that registers once: one Contact, its address, its time")
    func once() throws {
        let rows = try Self.rows(Scene.register)
        try #require(rows.count == 1)
        let row = rows[0].row
        #expect(rows[0].name == "alice@example.net")
        #expect(rows[0].state == .registered)
        #expect(row.contacts == 1 && row.bindings == 1 && row.granted == 600 && row.accepted == 1)
        #expect(row.refused == 0 && row.unanswered == 0, "a challenge that is answered is no refusal")
        #expect("\(row.source)" == "203.0.113.5:1024")
        #expect(row.contact.map { "\($0)" } == "192.168.1.2:5060")
        #expect(row.interval == nil)
    }

    @Test("the interval is the mean between two grants to one Contact")
    func interval() throws {
        let row = try #require(
            try Self.rows(
                Self.together([
                    Self.register("a", at: 0), Self.register("b", at: 290), Self.register("c", at: 600),
                    // Another phone of hers in between does not make it shorter.
                    Self.register("d", at: 100) { $0.replacing("*", "192.168.1.2:5060", "192.168.1.9:5060") },
                ])
            ).first
        ).row
        #expect(row.interval == 300)
        #expect(row.contacts == 2 && row.accepted == 4)
    }

    @Test("what is not refreshed in time has expired at the end")
    func expired() throws {
        let late = Scene.register.lasting(700)
        #expect(try Self.rows(late).map(\.state) == [.expired])
        #expect(try Self.rows(Scene.register.lasting(590)).map(\.state) == [.registered])
    }

    @Test("without times nothing expires")
    func timeless() throws {
        let users = try #require(Self.summary(Scene.register.lasting(700)).users)
        #expect(users.sorted(now: nil).map(\.state) == [.registered])
    }

    @Test("a refusal and its code; a binding that still lasts outlives it")
    func refused() throws {
        let refused = Self.register("b", at: 100, answer: Self.rejecting(403, "Forbidden"))
        let alone = try Self.rows(refused)
        #expect(alone.map(\.state) == [.refused])
        #expect(alone[0].row.refused == 1 && alone[0].row.code == 403)
        let both = try Self.rows(Self.together([Self.register("a", at: 0), refused]))
        #expect(both.map(\.state) == [.registered])
        #expect(both[0].row.refused == 1)
        let later = try Self.rows(Self.together([Self.register("a", at: 0), refused], tail: 900))
        #expect(later.map(\.state) == [.refused])
    }

    @Test("a challenge counts where nobody answers it, and where a password is refused twice")
    func challenges() throws {
        let given = try Self.rows(Scene.register.dropping("REGISTER again in", "200 out"))
        #expect(given.map(\.state) == [.refused])
        #expect(given[0].row.code == 401 && given[0].row.refused == 1)
        let wrong = Scene.register.replacing("200 out", "200 OK", "401 Unauthorized").without("Contact", in: "200 out")
        #expect(try Self.rows(wrong)[0].row.refused == 1)
        let thrice =
            wrong
            .copying("REGISTER again in", as: "third in", at: 0.1).replacing("third in", "2 REGISTER", "3 REGISTER")
            .replacing("third in", "z9hG4bK-p2", "z9hG4bK-p3")
            .copying("200 out", as: "third out", at: 0.11).replacing("third out", "2 REGISTER", "3 REGISTER")
            .replacing("third out", "z9hG4bK-p2", "z9hG4bK-p3")
        #expect(try Self.rows(thrice)[0].row.refused == 2)
        // An old nonce is renewed, and nothing was wrong.
        let renewed = thrice.replacing("third out", "401 Unauthorized", "200 OK")
            .adding("Contact", "<sip:alice@192.168.1.2:5060>;expires=600", to: "third out")
        let rows = try Self.rows(renewed)
        #expect(rows.map(\.state) == [.registered])
        #expect(rows[0].row.refused == 0)
    }

    @Test("a REGISTER that nobody answers, unless the trace ends there")
    func unanswered() throws {
        let silent = Scene.register.dropping("401 out", "REGISTER again in", "200 out")
        let rows = try Self.rows(silent)
        #expect(rows.map(\.state) == [.unanswered])
        #expect(rows[0].row.unanswered == 1)
        #expect(try Self.rows(silent.cutOff)[0].row.unanswered == 0)
    }

    @Test("an empty list has removed it; another phone's binding stays")
    func removed() throws {
        let gone = Self.register("b", at: 100) {
            $0.replacing("*", "Expires: 600", "Expires: 0").without("Contact", in: "200 out")
        }
        #expect(try Self.rows(Self.together([Self.register("a", at: 0), gone])).map(\.state) == [.removed])
        let other = Self.register("b", at: 100) {
            $0.replacing("*", "Expires: 600", "Expires: 0")
                .replacing(
                    "200 out", "<sip:alice@192.168.1.2:5060>;expires=600", "<sip:alice@198.51.100.4>;expires=3600")
        }
        let rows = try Self.rows(Self.together([Self.register("a", at: 0), other], tail: 1_000))
        #expect(rows.map(\.state) == [.registered])
    }

    @Test("several Contacts in one answer are counted, and her own one's time is hers")
    func several() throws {
        let two = Scene.register.replacing(
            "200 out", "<sip:alice@192.168.1.2:5060>;expires=600",
            "<sip:alice@198.51.100.4>;expires=3600, <sip:alice@192.168.1.2:5060>;expires=60")
        let rows = try Self.rows(two.lasting(1_000))
        #expect(rows[0].row.bindings == 2 && rows[0].row.granted == 60)
        #expect(rows[0].state == .registered, "the longer one lasts")
    }

    @Test("what needs a look first stands first, the good ones by name, and the table says how many there are")
    func order() throws {
        func user(_ name: String, _ scene: Scene) -> Scene { scene.replacing("*", "sip:alice@", "sip:\(name)@") }
        let scene = Self.together(
            [
                user("good", Self.register("a", at: 0)), user("also-good", Self.register("b", at: 1)),
                user("bad", Self.register("c", at: 2, answer: Self.rejecting(403, "Forbidden"))),
                user("shaky", Self.register("d", at: 3)),
                user("shaky", Self.register("e", at: 4, answer: Self.rejecting(500, "Error"))),
                user("late", Self.register("f", at: 5) { $0.replacing("200 out", "expires=600", "expires=60") }),
            ], tail: 300)
        #expect(
            try Self.rows(scene).map(\.name)
                == ["bad", "late", "shaky", "also-good", "good"].map { "\($0)@example.net" })
        let summary = Self.summary(scene)
        let users = try #require(summary.users)
        for width in [72, 80, 120] {
            var report = RegistrationReport(summary: summary, users: users)
            report.form.width = width
            let lines = report.text().split(separator: "\n").map(String.init)
            #expect(lines.allSatisfy { $0.unicodeScalars.count <= width })
            #expect(lines.contains { $0.hasPrefix("REGISTRATIONS  5 users of example.net: 1 refused, 1 expired, ") })
            #expect(lines.contains { $0.hasPrefix(" bad           refused      403x1") })
            #expect(lines.filter { $0.contains("203.0.113.5") }.count == 5)
            #expect(lines.contains { $0.hasSuffix("Testphone 1.0") } == (width == 120))
        }
        var short = RegistrationReport(summary: summary, users: users, top: 2)
        #expect(short.text().hasSuffix("\nand 3 more (--top 0)\n"))
        short.top = 0
        #expect(short.text().split(separator: "\n").count == 7)
    }

    @Test("JSON and CSV have the same rows")
    func files() throws {
        let summary = Self.summary(
            Self.together([
                Self.register("a", at: 0), Self.register("b", at: 9, answer: Self.rejecting(403, "Forbidden")),
            ]))
        let json = JSONReport(summary: summary).text()
        #expect(try SchemaCheck().complaints(json) == [])
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
        let row = try #require((object["aors"] as? [[String: Any]])?.first)
        #expect(row["aor"] as? String == "alice@example.net" && row["state"] as? String == "registered")
        #expect(row["phone"] as? String == "Testphone 1.0" && row["code"] as? Int == 403)
        #expect(row["interval"] == nil, "what is not known is absent")
        let csv = try #require(CSVReport(summary: summary).files.first { $0.name == "users.csv" })
        #expect(
            csv.text.split(separator: "\r\n").last?.hasPrefix(
                "alice@example.net,registered,1,1,Testphone 1.0,203.0.113.5:1024,192.168.1.2:5060,,600,") ?? false)
        #expect(!JSONReport(summary: OutputTests.summary(Scene.register)).text().contains("\"aors\""))
    }

    @Test("a user costs what its comment says")
    func size() {
        #expect(MemoryLayout<RegisteredUsers.Row>.stride <= 176)
    }
}

extension Scene {
    /// The same in a trace that goes on for so long after the last message: 300 seconds and more.
    fileprivate func lasting(_ seconds: Double) -> Scene {
        guard seconds > 300, let last = self.messages.map(\.time).max() else { return self }
        return self.inserting(
            Message(
                label: "another's", time: last + seconds - 300, from: "203.0.113.77:5060", to: Scene.server,
                start: "OPTIONS sip:x@192.0.2.10 SIP/2.0",
                headers: [
                    ("Via", "SIP/2.0/UDP 203.0.113.77:5060;branch=z9hG4bKo"), ("From", "<sip:o@example.net>;tag=o"),
                    ("To", "<sip:x@192.0.2.10>"), ("Call-ID", "others"), ("CSeq", "1 OPTIONS"),
                ], body: "", contentLength: nil))
    }
}
