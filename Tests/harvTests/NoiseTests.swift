import SIPKit
import Testing

@testable import harv

@Suite("Who guesses passwords or floods is not among the figures")
struct NoiseTests {
    static func summary(_ scene: Scene, includesNoise: Bool = false) -> Summary {
        var options = JudgeOptions()
        options.known = scene.known
        options.includesNoise = includesNoise
        options.groupedBy = .ua
        var analyser = Analyser(options: options, seed: 1)
        scene.play(into: &analyser)
        return analyser.finish()
    }

    /// A night of a few calls, registrations and failures, of two hours.
    static let night: Scene = {
        var scene = Scene.register
        for round in 1...12 {
            let time = Double(round) * 600
            scene = scene.then(Scene.call, after: time, as: "a call")
            scene = scene.then(Scene.refused(486, "Busy Here"), after: time + 100, as: "a busy one")
            scene = scene.then(Scene.register, after: time + 200, as: "a registration")
            scene = scene.then(
                Scene.pings(2, over: 1, from: "203.0.113.\(100 + round):5060"), after: time + 250, as: "pings")
        }
        return scene
    }()

    /// Logins by INVITE and REGISTER, each with another password for one nonce, from one address.
    static func guesses(_ count: Int, every seconds: Double) -> Scene {
        var scene = Scene()
        let address = "203.0.113.66:5060"
        for number in 0..<count {
            let method = number % 2 == 0 ? "REGISTER" : "INVITE"
            let common = [
                ("Via", "SIP/2.0/UDP \(address);branch=z9hG4bKg\(number)"),
                ("From", "<sip:alice@example.net>;tag=g\(number)"), ("Call-ID", "guess-\(number)"),
                ("CSeq", "1 \(method)"),
            ]
            scene.add(
                "guess in", Double(number) * seconds, address, Scene.server, "\(method) sip:example.net SIP/2.0",
                common + [
                    ("To", "<sip:alice@example.net>"),
                    (
                        "Authorization",
                        "Digest username=\"alice\", realm=\"example.net\", nonce=\"n1\", uri=\"sip:x\", response=\"r\(number)\""
                    ),
                ])
            scene.add(
                "refused out", Double(number) * seconds + 0.01, Scene.server, address, "SIP/2.0 401 Unauthorized",
                common + [
                    ("To", "<sip:alice@example.net>;tag=s"),
                    ("WWW-Authenticate", "Digest realm=\"example.net\", nonce=\"n1\""),
                ])
        }
        return scene
    }

    /// Calls and registrations in the buckets of time, added up.
    static func attempts(_ summary: Summary) -> [Int] {
        summary.series.row.reduce(into: [0, 0]) { sums, bucket in
            for count in bucket.slot.calls { sums[0] += count }
            sums[1] += bucket.slot.registrations
        }
    }

    static func expectSameFigures(_ left: Summary, _ right: Summary, _ comment: Testing.Comment) {
        #expect(left.calls == right.calls, comment)
        #expect(left.calls.answered == right.calls.answered, comment)
        #expect(left.calls.routes == right.calls.routes && left.calls.local == right.calls.local, comment)
        #expect(left.calls.peak.most == right.calls.peak.most, comment)
        #expect(left.registrations.tried == right.registrations.tried, comment)
        #expect(left.registrations.good == right.registrations.good, comment)
        #expect(left.registrations.users == right.registrations.users, comment)
        #expect(left.registrations.granted == right.registrations.granted, comment)
        #expect(left.pings == right.pings, comment)
        #expect(left.hourly == right.hourly, comment)
        #expect(left.hops.mapValues(\.calls) == right.hops.mapValues(\.calls), comment)
        #expect(left.callLines.map(\.callID) == right.callLines.map(\.callID), comment)
        #expect(left.agentCalls.values.reduce(0) { $0 + $1.calls } == right.calls.tried, comment)
        #expect(left.groups?.groups.mapValues(\.calls) == right.groups?.groups.mapValues(\.calls), comment)
        #expect(Self.attempts(left) == Self.attempts(right), comment)
        let errors = { (summary: Summary) in
            summary.findings.filter { $0.severity == .error }.map { "\($0.diagnosis.id) \($0.count)" }
        }
        #expect(errors(left) == errors(right), comment)
    }

    @Test(
        "guesses before, among and behind the others leave the figures as they are without them, fast or slow",
        arguments: [1.0, 10, 19])
    func guessers(every seconds: Double) {
        let alone = Self.summary(Self.night)
        #expect(alone.calls.tried == 24 && alone.registrations.tried == 13)
        for begin in [0.0, 3300, 7000] {
            let guesses = Self.guesses(40, every: seconds)
            let both = Self.summary(Self.night.then(guesses, after: begin, as: "guesses"))
            Self.expectSameFigures(both, alone, "guesses every \(seconds) s from \(begin) s on")
            #expect(both.calls.noise == 20 && both.registrations.noise == 20)
            #expect(both.leftOut.map(\.rules) == [["S9"]])
            #expect(both.leftOut.first?.tries == 40)
            #expect(both.talkers.sorted.first { "\($0.address)" == "203.0.113.66" }?.talker.isNoise == true)
            #expect(both.series.row.reduce(0) { $0 + $1.slot.messages } == both.messages.all.unique)
            var page = Report(both)
            #expect(page.text().contains("203.0.113.66 (S9) left out with 40 tries"))
        }
    }

    @Test("with --include-noise they count")
    func included() {
        let scene = Self.night.then(Self.guesses(40, every: 10), after: 1000, as: "guesses")
        let all = Self.summary(scene, includesNoise: true)
        #expect(all.calls.tried == 44 && all.registrations.tried == 33 && all.leftOut.isEmpty)
        #expect(!JSONReport(summary: all).text().contains("left_out"))
    }

    @Test("a flood is left out from its first second on, and is no scanner")
    func flood() {
        let alone = Self.summary(Self.night)
        for begin in [50.0, 4000] {
            let flood = Scene.pings(400, over: 5).replacing("*", "ping-", "flood-")
            let both = Self.summary(Self.night.then(flood, after: begin, as: "a flood"))
            Self.expectSameFigures(both, alone, "a flood from \(begin) s on")
            #expect(both.leftOut.map(\.rules) == [["S10"]])
            #expect(both.leftOut.first?.pings == 400)
            let json = JSONReport(summary: both).text()
            #expect(
                json.contains("\"left_out\":[{\"address\":\"203.0.113.66\",\"rules\":[\"S10\"]"), "\(json.prefix(900))")
            #expect(!json.contains("\"rule\":\"S1\""))
        }
    }

    @Test("a phone with a wrong password, and a peer that only sends much, are held and counted in the end")
    func cleared() {
        let wrong = Scene.refusedLogin("example.net").replacing("*", "alice", "carol")
        let scene = Self.night.then(wrong, after: 703, as: "a wrong password").then(
            wrong, after: 1303, as: "again"
        ).then(wrong, after: 5003, as: "and again")
        let (held, plain) = (Self.summary(scene), Self.summary(scene, includesNoise: true))
        Self.expectSameFigures(held, plain, "a phone with a wrong password")
        #expect(held.leftOut.isEmpty)
        #expect(held.registrations.loops == 3)
        let cases = { (summary: Summary) in
            summary.findings.flatMap { finding in
                [
                    "\(finding.diagnosis.id) \(finding.count) \(finding.severity) \(finding.firstTime) \(finding.lastTime)"
                ]
                    + finding.cases.map { "\($0.callID) \($0.time)" }
            }
        }
        #expect(cases(held) == cases(plain))

        // Eighty pings a second, all answered: much, and nothing wrong with it.
        var busy = Scene.pings(400, over: 5)
        for (number, ping) in busy.messages.enumerated() {
            busy.add(
                "200 out", ping.time + 0.001, ping.to, ping.from, "SIP/2.0 200 OK",
                ping.headers.map { ($0.name, $0.name == "To" ? $0.value + ";tag=s\(number)" : $0.value) })
        }
        let peer = Self.night.then(busy, after: 700, as: "many pings")
        Self.expectSameFigures(Self.summary(peer), Self.summary(peer, includesNoise: true), "a busy peer")
        #expect(Self.summary(peer).pings.sent == 425)
        #expect(Self.summary(peer).leftOut.isEmpty)
    }

    @Test("an address behind which others get in stays in the figures, though S9 names it")
    func company() {
        var scene = Self.night.then(Self.guesses(30, every: 2), after: 1000, as: "guesses")
        for place in scene.messages.indices where scene.messages[place].label.hasPrefix("guesses: ") {
            if scene.messages[place].from == "203.0.113.66:5060" { scene.messages[place].from = "203.0.113.5:7777" }
            if scene.messages[place].to == "203.0.113.66:5060" { scene.messages[place].to = "203.0.113.5:7777" }
        }
        let summary = Self.summary(scene)
        #expect(summary.leftOut.isEmpty)
        #expect(summary.findings.contains { $0.diagnosis.id == "S9" })
        #expect(summary.calls.tried == 24 + 15)
    }

    @Test("a login with an old nonce that is asked for again is no guess")
    func stale() {
        let stale = Self.guesses(40, every: 10).replacing("refused out", "nonce=\"n1\"", "nonce=\"n2\", stale=true")
        let summary = Self.summary(Self.night.then(stale, after: 100, as: "old nonces"))
        #expect(!summary.findings.contains { $0.diagnosis.id == "S9" })
        #expect(summary.leftOut.isEmpty && summary.registrations.tried == 13 + 20)
    }

    @Test("what a guesser's calls and logins show is told with S9 and not as a phone's wrong password")
    func folded() {
        let wrong = Scene.refusedLogin("example.net")
        var scene = Scene.call
        for round in 0..<30 {
            scene = scene.then(
                wrong.replacing("*", "response=\"", "response=\"\(round)"), after: 100 + Double(round) * 3, as: "guess")
        }
        let found = Self.summary(scene).findings
        #expect(!found.contains { $0.diagnosis.id == "A1" })
        let guessing = found.first { $0.diagnosis.id == "S9" }
        #expect(guessing?.explained["A1"] == 30)
        #expect(guessing?.cases.first?.callID.hasPrefix("call-1-") == true, "with one of them to look at")
    }

    @Test("a full table lets go of those that were quiet, and adds what it held")
    func bounded() {
        var table = SuspectTable()
        for number in 0..<SuspectTable.maxSuspects {
            let place = table.place(of: IPAddress(v4: UInt32(number)), new: HeldFigures(since: 0, groupedBy: nil))
            if let place { table[place].calls.noise = number }
        }
        #expect(table.place(of: IPAddress(v4: 9_999), new: HeldFigures(since: 0, groupedBy: nil)) == nil)
        let late = SuspectTable.patience + 1
        table[7].isBusy = true
        table[8].lastTime = late
        let cleared = table.sweep(now: late) { $0 == IPAddress(v4: 9) }
        #expect(cleared.count == SuspectTable.maxSuspects - 3)
        #expect(Set(table.all.map(\.address.ip)) == [IPAddress(v4: 7), IPAddress(v4: 8), IPAddress(v4: 9)])
        #expect(table.place(of: IPAddress(v4: 9)).map { table[$0].calls.noise } == 9)
        #expect(table.sweep(now: late + 1) { _ in false }.isEmpty, "not looked through each time")
    }

    @Test("figures that were added up in two parts are those of one", arguments: [10, 9_000, 40_000])
    func parts(count: Int) {
        var (whole, left, right) = (Distribution(), Distribution(), Distribution())
        var (series, first, second) = (TimeSeries<Int>(), TimeSeries<Int>(), TimeSeries<Int>())
        var state: UInt64 = 7
        for number in 0..<count {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let value = Int64(state >> 30)
            whole.add(value)
            if number % 3 == 0 { left.add(value) } else { right.add(value) }
            series.update(value * 10) { $0 += 1 }
            if number % 7 == 0 { first.update(value * 10) { $0 += 1 } } else { second.update(value * 10) { $0 += 1 } }
        }
        left.add(right)
        #expect(left.count == whole.count && left.maximum == whole.maximum && left.minimum == whole.minimum)
        for share in [0, 0.1, 0.5, 0.9, 1] { #expect(left.quantile(share) == whole.quantile(share)) }
        for (one, other) in [(first, second), (second, first)] {
            var sum = one
            sum.add(other)
            #expect(sum.width == series.width && sum.slots == series.slots)
        }
    }
}
