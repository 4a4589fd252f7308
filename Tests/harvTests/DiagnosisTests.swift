import Foundation
import SIPKit
import Testing

@testable import harv

@Suite("Rules")
struct DiagnosisTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let rule: Diagnosis
        let example: Diagnosis.Example
        var testDescription: String {
            "\(self.rule.id) \(self.rule.name): \(self.example.finds ? "" : "not ")\(self.example.title)"
        }
    }

    static let cases = DiagnosisTable.all.flatMap { rule in rule.examples.map { Case(rule: rule, example: $0) } }

    static func findings(_ scene: Scene, _ engine: DiagnosisEngine = DiagnosisEngine()) -> [Finding] {
        var options = JudgeOptions()
        options.known = scene.known
        var analyser = Analyser(engine: engine, options: options, seed: 1)
        scene.play(into: &analyser)
        return analyser.finish().findings
    }

    @Test("each example is found, or is not", arguments: cases)
    func example(_ tried: Case) {
        if case .remark = tried.rule.examination {
            let remarked = Self.findings(tried.example.scene).filter { !$0.remarks.isEmpty }
            #expect(remarked.isEmpty != tried.example.finds, "\(remarked.map(\.remarks))")
            return
        }
        let found = Self.findings(tried.example.scene, DiagnosisEngine([tried.rule]))
        if tried.example.finds {
            #expect(found.map(\.diagnosis.id) == [tried.rule.id], "\(tried.example.scene.changes)")
            #expect(found.first?.cases.first?.say.isEmpty == false)
        } else {
            #expect(found.filter { $0.severity > .notice }.isEmpty, "\(found.first?.cases.first?.say ?? "")")
            if tried.rule.severity <= .notice { #expect(found.isEmpty, "\(found.first?.cases.first?.say ?? "")") }
        }
    }

    @Test(
        "healthy traffic has no finding at all",
        arguments: [Scene.call, Scene.register, Scene.challengedCall, Scene.refused(486, "Busy Here"), Scene.cancelled])
    func healthy(_ scene: Scene) {
        // Missed calls are listed, and no fault.
        let found = Self.findings(scene).filter { $0.diagnosis.id != "C9" }
        #expect(found.isEmpty, "\(found.map { ($0.diagnosis.id, $0.cases.first?.say ?? "") })")
    }

    @Test("each rule has an example that it must find and one that it must not")
    func examplesOfBothKinds() {
        for rule in DiagnosisTable.all {
            #expect(rule.examples.contains { $0.finds }, "\(rule.id)")
            #expect(rule.examples.contains { !$0.finds }, "\(rule.id)")
        }
    }

    @Test("titles fit into the table of the page")
    func titles() {
        for rule in DiagnosisTable.all {
            if case .remark = rule.examination { continue }
            #expect(rule.title.unicodeScalars.count <= 35, "\(rule.id)")
        }
    }

    @Test("names and identifiers are given once, and explained rules exist")
    func names() {
        let ids = DiagnosisTable.all.map(\.id)
        #expect(Set(ids).count == ids.count)
        #expect(Set(DiagnosisTable.all.map(\.name)).count == ids.count)
        let named = Set(DiagnosisTable.all.flatMap(\.explains))
        #expect(named.subtracting(ids) == [])
    }

    @Test("every file of Diagnoses/ is in the table")
    func filesAndTable() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Sources/harv/Diagnoses")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".swift") }
        #expect(files.count == DiagnosisTable.all.count)
    }
}

@Suite("The mailing-list trace of 2005, judged")
struct SeedDiagnosisTests {
    @Test("the findings of the rule book, in its order", .enabled(if: SharedFolder.isThere, "shared corpus absent"))
    func findings() throws {
        let found = try TraceRun(paths: [SharedFolder.seedPath("000")]).run().findings
        let shown = found.filter { $0.severity > .info }.map { "\($0.severity.name) \($0.diagnosis.id)" }
        #expect(
            shown == [
                "error N1", "error M2", "error N10", "warning N18", "warning N5", "warning A7", "warning R23",
                "notice S7", "notice N7",
                "notice R18", "notice O1",
            ])
        #expect(
            found.filter { $0.severity == .info }.map(\.diagnosis.id).sorted() == [
                "M11", "O2", "O6", "O7", "R16", "R40",
            ])
        #expect(
            found.first { $0.diagnosis.id == "M2" }?.explained == ["M3": 1],
            "the odd rtpmap lines explain the odd answer")
    }
}

@Suite("Machine-made faults")
struct InjectedFaultTests {
    /// Rules and the faults of the generator that they must find, each exactly as often.
    static let expected: [(rule: String, faults: [String])] = [
        ("N1", ["sdp-private"]), ("R1", ["ack-lost"]), ("M1", ["codec-488"]), ("N10", ["reply-port"]),
        ("R27", ["no-answer-downstream", "dead-100"]),
        ("C1", ["timer-drop"]), ("R7", ["bye-481"]), ("A1", ["auth-loop"]), ("S1", ["scanner"]), ("R23", ["retrans"]),
        ("R14", ["loop-483"]),
    ]

    @Test(
        "each is found as often as it was made", .enabled(if: GeneratedLog.isPossible, "generator or python3 absent"),
        arguments: 1...5)
    func faults(seed: Int) throws {
        let log = try GeneratedLog(["--size", "8M", "--seed", "\(seed)"])
        defer { log.remove() }
        let findings = try TraceRun(paths: [log.path]).run().findings
        for (rule, faults) in Self.expected {
            let made = faults.reduce(0) { $0 + (log.truth.faults[$1] ?? 0) }
            #expect(findings.first { $0.diagnosis.id == rule }?.count ?? 0 == made, "\(rule)")
        }
    }

    @Test(
        "the same in each layout, with and without packet numbers",
        .enabled(if: GeneratedLog.isPossible, "generator or python3 absent"), arguments: 1...5, TruthTests.layouts)
    func layouts(seed: Int, layout: String) throws {
        let numbered = (seed + layout.utf8.count) % 2 == 0
        let log = try GeneratedLog(
            ["--size", "1500K", "--seed", "\(seed)", "--mode", layout, "--faults", "6"]
                + (numbered ? ["--frame-numbers"] : []))
        defer { log.remove() }
        let findings = try TraceRun(paths: [log.path]).run().findings
        for (rule, faults) in Self.expected {
            let made = faults.reduce(0) { $0 + (log.truth.faults[$1] ?? 0) }
            #expect(findings.first { $0.diagnosis.id == rule }?.count ?? 0 == made, "\(rule)")
        }
        // What follows from a fault is told with it and not counted again.
        let lost = findings.first { $0.diagnosis.id == "R1" }
        #expect(lost?.explained["R4"] ?? 0 == log.truth.faults["ack-lost"] ?? 0)
        #expect(findings.first { $0.diagnosis.id == "N6" }?.count ?? 0 <= log.truth.faults["contact-private"] ?? 0)
    }

    @Test(
        "a healthy log has nothing above notice", .enabled(if: GeneratedLog.isPossible, "generator or python3 absent"),
        arguments: [2, 6])
    func healthy(seed: Int) throws {
        let log = try GeneratedLog(["--size", "8M", "--seed", "\(seed)", "--faults", "0"])
        defer { log.remove() }
        let found = try TraceRun(paths: [log.path]).run().findings.filter { $0.severity > .notice }
        #expect(found.isEmpty, "\(found.map { ($0.diagnosis.id, $0.count, $0.cases.first?.say ?? "") })")
    }

    @Test(
        "one side only, cut off in the middle: no false error",
        .enabled(if: GeneratedLog.isPossible, "generator or python3 absent"),
        arguments: [["--no-dup"], ["--cut"], ["--no-dup", "--cut"]])
    func partial(options: [String]) throws {
        let log = try GeneratedLog(["--size", "6M", "--seed", "2", "--faults", "0"] + options)
        defer { log.remove() }
        let found = try TraceRun(paths: [log.path]).run().findings.filter { $0.severity > .warning }
        #expect(found.isEmpty, "\(found.map { ($0.diagnosis.id, $0.count, $0.cases.first?.say ?? "") })")
    }

    @Test(
        "one block in a hundred lost: no false error",
        .enabled(if: GeneratedLog.isPossible, "generator or python3 absent"))
    func loss() throws {
        let log = try GeneratedLog(["--size", "6M", "--seed", "2", "--faults", "0"])
        defer { log.remove() }
        let blocks = try String(contentsOfFile: log.path, encoding: .isoLatin1).components(separatedBy: "\n#\n")
        let thinned = blocks.enumerated().filter { $0.offset % 97 != 13 }.map(\.element).joined(separator: "\n#\n")
        let path = log.folder.appendingPathComponent("thin").path
        try thinned.write(toFile: path, atomically: true, encoding: .isoLatin1)
        let found = try TraceRun(paths: [path]).run().findings.filter { $0.severity > .warning }
        #expect(found.isEmpty, "\(found.map { ($0.diagnosis.id, $0.count, $0.cases.first?.say ?? "") })")
    }
}
