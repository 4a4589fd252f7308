import Foundation
import SIPKit
import Testing

@testable import harv

@Suite("What harv prints")
struct OutputTests {
    static func summary(_ scene: Scene) -> Summary {
        var analyser = Analyser(seed: 1)
        scene.play(into: &analyser)
        return analyser.finish()
    }

    @Test("JSON is valid, has its schema, and leaves out what is not known")
    func json() throws {
        let text = JSONReport(summary: Self.summary(Scene.refused(486, "Busy Here"))).text()
        let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        #expect(object["schema"] as? Int == 1)
        let calls = try #require(object["calls"] as? [String: Any])
        #expect(calls["tried"] as? Int == 1)
        #expect(calls["ser"] as? Int == 0)
        #expect(calls["acd"] == nil, "no call was answered: there is no length")
        #expect(!text.contains("null"))
    }

    @Test("JSON escapes what strangers wrote")
    func jsonEscapes() throws {
        var json = JSONWriter()
        json.object { $0.value("a\"b", "line\nend\u{1}\\ü") }
        let object = try #require(try JSONSerialization.jsonObject(with: Data(json.text.utf8)) as? [String: String])
        #expect(object["a\"b"] == "line\nend\u{1}\\ü")
    }

    @Test("the classic sections keep labels and order, and count messages or packets")
    func classic() {
        let summary = Self.summary(Scene.call)
        let unique = ClassicReport(summary: summary).text().components(separatedBy: "\n")
        let raw = ClassicReport(summary: summary, counting: .raw).text().components(separatedBy: "\n")
        #expect(
            unique.filter { $0.hasPrefix("## ") } == [
                "## Reply Codes", "## Request Methods", "## Outbound Routes", "## User Agents", "## Servers",
            ])
        #expect(unique.contains("INVITE: 1") && raw.contains("INVITE: 2"))
        #expect(unique.contains("404 (Not Found):0"), "the script has no blank there")
        #expect(unique.contains("To UsrLoc: 1"))
        #expect(raw.contains("1xx: 0"))
        #expect(unique.filter { $0.hasPrefix("SJPhone: ") }.count == 2)
    }

    @Test("limits are read strictly")
    func limits() {
        #expect(Threshold("ser<60")?.limit == 60)
        #expect(Threshold("times.srd.p95 >= 4.5")?.limit == 4.5)
        #expect(Threshold("rules.N1>0")?.figure == "rules.N1")
        for text in [
            "", "ser", "ser<", "ser<x", "ser<-5", "nothing>1", "times.srd>1", "rules.XX>0", "ser<1e3", "codes.99>1",
            "ser<1.2.3",
        ] {
            #expect(Threshold(text) == nil, "\(text)")
        }
    }

    @Test("a limit is violated by its figure only; an undefined figure violates nothing")
    func violations() throws {
        let busy = Self.summary(Scene.refused(486, "Busy Here"))
        #expect(try #require(Threshold("ser<60")).isViolated(by: busy))
        #expect(try #require(Threshold("codes.486>0")).isViolated(by: busy))
        #expect(!(try #require(Threshold("acd<10")).isViolated(by: busy)))
        #expect(!(try #require(Threshold("ner<60")).isViolated(by: busy)), "busy is the callee's doing")
    }

    @Test("the line for monitoring says its word, its reason and its figures")
    func checkLine() throws {
        let summary = Self.summary(Scene.refused(503, "Service Unavailable"))
        let line = CheckLine(
            summary, warn: [try #require(Threshold("ser<90"))], crit: [try #require(Threshold("ser<40"))])
        #expect(line.status == 2)
        #expect(line.text.hasPrefix("HARV CRITICAL - ser 0.0 (<40.0) | ser=0.0%;90.0;40.0"))
        #expect(CheckLine(Summary(), warn: [], crit: []).status == 3)
    }

    @Test("a ladder shows both sides of the server and what it changed")
    func ladder() throws {
        var analyser = Analyser(options: JudgeOptions(wantedCall: Array("call-1".utf8)), seed: 1)
        Scene.call.play(into: &analyser)
        let text = try #require(analyser.finish().ladder)
        #expect(text.contains("INVITE 1"))
        #expect(text.contains("sound to 192.168.1.2:4000 -> 192.0.2.10:35000"))
        #expect(text.contains("Max-Forwards 70 -> 69"))
        #expect(text.split(separator: "\n").allSatisfy { $0.unicodeScalars.count <= 80 })
    }

    @Test("the problem report tells why and what to do, in 80 columns")
    func problems() {
        let text = ProblemReport(summary: Self.summary(Scene.deadHop)).text()
        #expect(text.contains("R27 next-hop-silent"))
        #expect(text.contains("  do   "))
        #expect(text.split(separator: "\n").allSatisfy { $0.unicodeScalars.count <= 80 })
    }

    @Test("control bytes of strangers never reach the terminal")
    func harmless() {
        let scene = Scene.call.replacing("*", "Testphone 1.0", "Evil\u{1B}[2J").replacing(
            "INVITE out", "USRLOC", "X\u{1B}]0;x\u{7}")
        var report = Report(Self.summary(scene))
        #expect(!report.text().unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
    }

    @Test("the manual in docs/ is the rules'")
    func manual() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
            .appendingPathComponent("docs/diagnoses.md")
        #expect(
            try String(contentsOf: path, encoding: .utf8) == DiagnosisManual.page(),
            "print it anew: harv --rules-markdown > docs/diagnoses.md")
    }

    /// Rules of the book that have no file, each with its reason in a comment.
    static let missing: Set<String> = []

    @Test(
        "every rule of the book has a file, under the book's name",
        .enabled(if: SharedFolder.isThere, "shared corpus absent"))
    func book() throws {
        let text = try String(contentsOf: SharedFolder.root.appendingPathComponent("DIAGNOSIS.md"), encoding: .utf8)
        let named = text.matches(of: /\*\*([NRASMCO][0-9]+) ([a-z0-9-]+)\*\*/)
        var book: [String: String] = [:]
        for match in named { book[String(match.1)] = String(match.2) }
        #expect(book.count > 110)
        let ours = Dictionary(uniqueKeysWithValues: DiagnosisTable.all.map { ($0.id, $0.name) })
        #expect(Set(book.keys).subtracting(ours.keys) == Self.missing)
        for (id, name) in ours { #expect(book[id] == name, "\(id)") }
    }
}

@Suite("Inputs")
struct InputTests {
    @Test(
        "packed and rotated logs, in any order of names, give the same figures",
        .enabled(if: GeneratedLog.isPossible, "generator or python3 absent"))
    func rotated() throws {
        let log = try GeneratedLog(["--size", "600K", "--seed", "5"])
        defer { log.remove() }
        let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: log.path)))
        let text = String(decoding: bytes, as: UTF8.self)
        let cut = try #require(
            text.range(of: "\n#\n", range: text.index(text.startIndex, offsetBy: text.count / 2)..<text.endIndex))
        let (second, first) = (log.folder.appendingPathComponent("a").path, log.folder.appendingPathComponent("z").path)
        try String(text[..<cut.lowerBound] + "\n").write(toFile: first, atomically: true, encoding: .utf8)
        try String(text[cut.lowerBound...].dropFirst()).write(toFile: second, atomically: true, encoding: .utf8)
        let whole = try TraceRun(paths: [log.path]).run()
        let parts = try TraceRun(paths: [second, first]).run()
        #expect(parts.messages == whole.messages)
        #expect(parts.calls == whole.calls)
        #expect(parts.backwards == 0)

        let gzip = Process()
        gzip.executableURL = URL(fileURLWithPath: "/bin/gzip")
        gzip.arguments = ["-k", log.path]
        try gzip.run()
        gzip.waitUntilExit()
        #expect(try TraceRun(paths: [log.path + ".gz"]).run().messages == whole.messages)
    }

    @Test(
        "a capture of the same packets gives the same figures",
        .enabled(if: GeneratedLog.isPossible, "generator or python3 absent"))
    func capture() throws {
        let capture = FileManager.default.temporaryDirectory.appendingPathComponent("harv-\(UUID().uuidString).pcap")
            .path
        defer { try? FileManager.default.removeItem(atPath: capture) }
        let log = try GeneratedLog(["--size", "600K", "--seed", "5", "--pcap", capture])
        defer { log.remove() }
        let (text, packets) = (try TraceRun(paths: [log.path]).run(), try TraceRun(paths: [capture]).run())
        #expect(packets.messages == text.messages)
        #expect(packets.calls == text.calls)
        #expect(packets.findings.map(\.diagnosis.id) == text.findings.map(\.diagnosis.id))
    }

    @Test("what cannot be opened is an error that names the file")
    func unreadable() {
        #expect(throws: TraceRun.Failure.self) { try TraceRun(paths: ["/nonexistent/sip.log"]).run() }
        #expect(throws: TraceRun.Failure.self) { try TraceRun(paths: ["/"]).run() }
    }

    @Test("memory limits close the oldest calls early and say so")
    func limits() {
        var analyser = Analyser(limits: .init(conversations: 10, bytes: 1 << 20), seed: 1)
        Scene.onlyInvite.happening(50).play(into: &analyser)
        let summary = analyser.finish()
        #expect(summary.closedEarly > 0)
        #expect(summary.messages.method(.invite).unique == 50)
    }
}
