import Foundation
import SIPKit
import SIPTrace
import Testing

@testable import harv

@Suite("What the users' side saw (--count edge)")
struct EdgeCounterTests {
    static let second = "192.0.2.20:5060"

    /// - Parameter servers: what is declared; nothing lets the server be learned.
    static func summary(
        _ scene: Scene, servers: [String] = [Scene.server], counting: Counting = .edge, filter: CallFilter? = nil
    ) -> Summary {
        var options = JudgeOptions()
        options.counting = counting
        options.filter = filter
        var analyser = Analyser(options: options, seed: 1)
        analyser.declare(servers: servers.compactMap { SocketAddress($0) })
        for message in scene.messages.sorted(by: { $0.time < $1.time }) {
            guard let source = SocketAddress(message.from), let destination = SocketAddress(message.to) else {
                continue
            }
            let origin = MessageOrigin(
                time: 1_772_431_200_000_000_000 + Int64(message.time * 1e9), source: source, destination: destination,
                transport: .udp, frame: 0)
            analyser.take(Array(message.text.utf8).span, origin, hasTime: true)
        }
        return analyser.finish()
    }

    /// The edge's counts as `INVITE 1, 200 2`.
    static func told(_ summary: Summary) -> [String] {
        let counts = summary.messages
        return (counts.methods.map { ($0.name, $0.tally.edge) } + counts.codes.map { ("\($0)", counts.code($0).edge) })
            .filter { $0.1 > 0 }.map { "\($0.0) \($0.1)" }.sorted()
    }

    static let ofCall = ["100 1", "180 1", "200 2", "ACK 1", "BYE 1", "INVITE 1"]

    @Test("each message of a relayed call once")
    func call() {
        #expect(Self.told(Self.summary(Scene.call)) == Self.ofCall)
        #expect(Self.told(Self.summary(Scene.call, servers: [])) == Self.ofCall, "the server is learned")
        #expect(Self.summary(Scene.call).messages.all.edge == 7)
    }

    @Test("repeats do not count, whoever sends them")
    func repeats() {
        let scene = Scene.call.again("INVITE in", after: 0.5, 1.5).again("200 out", after: 0.5)
            .again("200 in", after: 0.5).again("180 out", after: 0.5)
        #expect(Self.told(Self.summary(scene)) == Self.ofCall)
        #expect(Self.summary(scene).messages.all.raw == 18)
    }

    @Test("the server's own ACK and a 100 from behind it stay inside")
    func absorbed() {
        let scene = Scene.refused(486, "Busy Here").copying("180 in", as: "100 in", at: 0.05)
            .replacing("100 in", "180 Ringing", "100 Trying")
        let summary = Self.summary(scene)
        #expect(Self.told(summary) == ["100 1", "180 1", "486 1", "ACK 1", "INVITE 1"])
        #expect(summary.messages.code(100).unique == 2 && summary.messages.method(.ack).unique == 2)
    }

    @Test("a branch that lost, the CANCEL to it and what it said to that stay inside")
    func fork() {
        var scene = Scene.call
        func branch(_ label: String, as name: String, at time: Double) {
            scene = scene.copying(label, as: name, at: time).replacing(name, "z9hG4bK-s1", "z9hG4bK-t1")
                .replacing(name, ";tag=b", ";tag=c")
        }
        branch("INVITE out", as: "second out", at: 0.005)
        scene = scene.to("second out", "198.51.100.8:5060")
        branch("200 in", as: "487 in", at: 2.01)
        scene = scene.from("487 in", "198.51.100.8:5060").replacing("487 in", "200 OK", "487 Request Terminated")
        scene.add(
            "CANCEL out", 2.002, Scene.server, "198.51.100.8:5060", "CANCEL sip:bob@198.51.100.8 SIP/2.0",
            [
                ("Via", "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK-t1"), ("From", "<sip:alice@example.net>;tag=a"),
                ("To", "<sip:bob@example.net>"), ("Call-ID", "call-1"), ("CSeq", "1 CANCEL"),
            ])
        scene.add(
            "CANCEL 200 in", 2.005, "198.51.100.8:5060", Scene.server, "SIP/2.0 200 OK",
            [
                ("Via", "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK-t1"), ("From", "<sip:alice@example.net>;tag=a"),
                ("To", "<sip:bob@example.net>;tag=c"), ("Call-ID", "call-1"), ("CSeq", "1 CANCEL"),
            ])
        let summary = Self.summary(scene)
        #expect(Self.told(summary) == Self.ofCall)
        #expect(summary.messages.method(.cancel).unique == 1 && summary.messages.code(487).unique == 1)
    }

    /// Labels of what passes between the caller and the server.
    static let callersSide = [
        "INVITE in", "100 out", "180 out", "200 out", "ACK in", "BYE in", "BYE 200 out",
    ]

    @Test("with the callers' side alone the counts are the same")
    func callersSideOnly() {
        var scene = Scene.call
        scene.messages.removeAll { !Self.callersSide.contains($0.label) }
        #expect(Self.told(Self.summary(scene)) == Self.ofCall)
    }

    @Test("with the callees' side alone the nearest hop takes the callers' place")
    func calleesSideOnly() {
        var scene = Scene.call.copying("180 in", as: "100 in", at: 0.05).replacing(
            "100 in", "180 Ringing", "100 Trying")
        scene.messages.removeAll { Self.callersSide.contains($0.label) }
        #expect(Self.told(Self.summary(scene)) == Self.ofCall)
        #expect(Self.told(Self.summary(scene, servers: [])) == Self.ofCall)
    }

    @Test("with two servers in a row what they say to one another stays inside")
    func twoServers() {
        var scene = Scene.call
        for (label, name, delay) in [
            ("INVITE out", "INVITE on", 0.001), ("180 in", "180 back", 0.0005), ("200 in", "200 back", 0.0005),
        ] {
            let time = scene.messages.first { $0.label == label }?.time ?? 0
            scene = scene.copying(label, as: name, at: time + delay)
        }
        // The second server stands between the first one and the callee.
        for place in scene.messages.indices {
            switch scene.messages[place].label {
            case "INVITE out": scene.messages[place].to = Self.second
            case "INVITE on":
                scene.messages[place].from = Self.second
                scene.messages[place].headers.insert(("Via", "SIP/2.0/UDP 192.0.2.20;branch=z9hG4bK-u1"), at: 0)
            case "180 in", "200 in":
                scene.messages[place].to = Self.second
                scene.messages[place].headers.insert(("Via", "SIP/2.0/UDP 192.0.2.20;branch=z9hG4bK-u1"), at: 0)
            case "180 back", "200 back": scene.messages[place].from = Self.second
            default: break
            }
        }
        scene = scene.copying("180 back", as: "100 back", at: 0.0045).replacing("100 back", "180 Ringing", "100 Trying")
        scene.add(
            "OPTIONS between", 5, Scene.server, Self.second, "OPTIONS sip:192.0.2.20 SIP/2.0",
            [
                ("Via", "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK-o"), ("From", "<sip:a@192.0.2.10>;tag=o"),
                ("To", "<sip:b@192.0.2.20>"), ("Call-ID", "between"), ("CSeq", "1 OPTIONS"),
            ])
        scene.add(
            "OPTIONS between 200", 5.001, Self.second, Scene.server, "SIP/2.0 200 OK",
            [
                ("Via", "SIP/2.0/UDP 192.0.2.10;branch=z9hG4bK-o"), ("From", "<sip:a@192.0.2.10>;tag=o"),
                ("To", "<sip:b@192.0.2.20>;tag=p"), ("Call-ID", "between"), ("CSeq", "1 OPTIONS"),
            ])
        let servers = [Scene.server, Self.second]
        #expect(Self.told(Self.summary(scene, servers: servers)) == Self.ofCall)
        #expect(Self.summary(scene, servers: servers).messages.code(100).unique == 2)
        #expect(Self.told(Self.summary(scene, servers: [])) == Self.ofCall, "both are learned")
    }

    @Test("labels and agents are counted with the message that carries them")
    func names() throws {
        let summary = Self.summary(Scene.call)
        let labels = Dictionary(
            uniqueKeysWithValues: summary.hints.labels.indices.map {
                (String(decoding: summary.hints.labels[$0], as: UTF8.self), summary.hints.count($0, .edge))
            })
        #expect(labels["USRLOC"] == 1 && labels["rr-enforced"] == 2)
        let phone = try #require(summary.agents.agents.first { $0.text == Array("Testphone 1.0".utf8) })
        #expect(phone.userAgentCount(.edge) == 3 && phone.userAgentCount(.unique) == 3)
        #expect(phone.userAgentCount(.raw) == 6)
        let callee = try #require(summary.agents.agents.first { $0.text == Array("Answerer 2.0".utf8) })
        #expect(callee.serverCount(.edge) == 3 && callee.serverCount(.raw) == 6)
        let classic = ClassicReport(summary: summary, counting: .edge).text().components(separatedBy: "\n")
        #expect(classic.contains("INVITE: 1") && classic.contains("To UsrLoc: 1") && classic.contains("200 (ok): 2"))
    }

    @Test("methods that nobody knows are counted by their names, with a filter together")
    func unknown() throws {
        let scene = Scene.call.replacing("BYE in", "BYE", "FLY").replacing("BYE out", "BYE", "FLY")
        #expect(Self.summary(scene).messages.otherMethods["FLY"]?.edge == 1)
        let filter = try CallFilter.parse("method == INVITE")
        let chosen = Self.summary(scene, filter: filter).messages.otherMethods
        #expect(chosen["(others)"]?.edge == 1 && chosen["FLY"] == nil)
    }

    @Test("the three counts in series, page, JSON, CSV; the page says which it is unless it is the usual one")
    func outputs() throws {
        let scene = Scene.call.again("INVITE in", after: 0.5)
        for (counting, messages, phone) in [(Counting.raw, 14, 7), (.unique, 7, 3), (.edge, 7, 3)] {
            let summary = Self.summary(scene, counting: counting)
            #expect(summary.series.row.reduce(0) { $0 + $1.slot.messages } == messages, "\(counting)")
            let json = JSONReport(summary: summary).text()
            #expect(try SchemaCheck().complaints(json) == [])
            let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
            #expect(object["count"] as? String == counting.rawValue)
            #expect((object["totals"] as? [String: Int])?["edge"] == (counting == .edge ? 7 : nil))
            let agents = try #require(object["agents"] as? [[String: Any]])
            #expect(agents.first { $0["family"] as? String == "Testphone" }?["user_agent"] as? Int == phone)
            let csv = try #require(CSVReport(summary: summary).files.first { $0.name == "codes.csv" }).text
            #expect(csv.contains("request,INVITE,3,1,1,1\(counting == .edge ? ",1" : "")\r\n"))
            var report = Report(summary)
            let page = report.text()
            #expect(page.contains("(--count \(counting.rawValue))") == (counting != .unique))
            #expect(page.contains(" \(counting.rawValue) by code:  100 1  180 \(counting == .raw ? 2 : 1)"))
            #expect(page.contains(" INVITE             3        1        1         1       1\n") == (counting == .edge))
            for text in [HTMLReport(summary: summary).text(), MarkdownReport(summary: summary).text()] {
                #expect(text.contains("count \(counting.rawValue)") == (counting != .unique) || counting == .unique)
            }
        }
    }

    @Test(
        "in a whole log nobody's request is lost, and nothing counts that is not unique",
        .enabled(if: GeneratedLog.isPossible, "generator or python3 absent"))
    func log() throws {
        let log = try GeneratedLog(["--size", "1M", "--seed", "3"])
        defer { log.remove() }
        var run = TraceRun(paths: [log.path])
        run.options.counting = .edge
        let summary = try run.run()
        for (name, tally) in summary.messages.methods { #expect(tally.edge <= tally.unique, "\(name)") }
        for code in summary.messages.codes {
            let tally = summary.messages.code(code)
            #expect(tally.edge <= tally.unique, "\(code)")
        }
        #expect(summary.messages.method(.register).edge == summary.messages.method(.register).unique)
        #expect(summary.messages.method(.ack).edge < summary.messages.method(.ack).unique)
    }
}
