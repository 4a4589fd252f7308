import Foundation
import SIPKit
import Testing

@testable import harv

/// What the generator says it wrote, in its own names.
// swift-format-ignore: AlwaysUseLowerCamelCase
struct Truth: Decodable {
    var messages: Int
    var requests: [String: Int]
    var replies: [String: Int]
    var unique_requests: [String: Int]
    var unique_replies: [String: Int]
    var retransmissions: Int
    var relayed_copies: Int
    var calls: Int
    var outcomes: [String: Int]
    var faults: [String: Int]
    var phints: [String: Int]
    var ua: [String: Int]
    var servers: [String: Int]
    var registrations_ok: Int
    var registrations_failed: Int
    var call_seconds: Double
}

/// A log with a truth file, made by the generator beside the package, in a folder that goes away.
struct GeneratedLog {
    let folder: URL
    let path: String
    let truth: Truth

    static let script = SharedFolder.root.appendingPathComponent("bench/make_ngrep_log.py").path
    static var isPossible: Bool {
        FileManager.default.fileExists(atPath: script) && FileManager.default.fileExists(atPath: "/usr/bin/python3")
    }

    init(_ arguments: [String]) throws {
        self.folder = FileManager.default.temporaryDirectory.appendingPathComponent("harv-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
        self.path = self.folder.appendingPathComponent("log").path
        let truthPath = self.folder.appendingPathComponent("truth.json")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
        process.arguments = [Self.script, "-o", self.path, "--truth", truthPath.path] + arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        self.truth = try JSONDecoder().decode(Truth.self, from: Data(contentsOf: truthPath))
    }

    func remove() { try? FileManager.default.removeItem(at: self.folder) }
}

@Suite("Machine-made logs: every figure as the truth file has it")
struct TruthTests {
    static let layouts = ["byline", "normal", "none", "single"]

    @Test(
        "seeds 1 to 5 in four layouts", .enabled(if: GeneratedLog.isPossible, "generator or python3 absent"),
        arguments: 1...5, layouts)
    func figures(seed: Int, layout: String) throws {
        // Every second seed with ngrep's packet numbers in the headers.
        let log = try GeneratedLog(
            ["--size", "1M", "--seed", "\(seed)", "--mode", layout] + (seed % 2 == 0 ? ["--frame-numbers"] : []))
        defer { log.remove() }
        let summary = try TraceRun(paths: [log.path]).run()
        let truth = log.truth
        let counts = summary.messages
        #expect(counts.all.raw == truth.messages)
        #expect(counts.all.relayed == truth.relayed_copies)
        #expect(counts.all.repeated == truth.retransmissions)
        #expect(Self.methods(counts, \.raw) == truth.requests)
        #expect(Self.methods(counts, \.unique) == truth.unique_requests)
        #expect(Self.codes(counts, \.raw) == truth.replies)
        #expect(Self.codes(counts, \.unique) == truth.unique_replies)
        #expect(counts.malformed == 0)
        #expect(counts.incomplete == 0)
        #expect(counts.duplicates == 0)

        #expect(summary.calls.tried == truth.calls)
        var outcomes: [String: Int] = [:]
        for (outcome, count) in summary.calls.outcomes { outcomes["\(outcome.status)", default: 0] += count }
        #expect(outcomes == truth.outcomes)
        let seconds = Double(summary.calls.duration.sum) / 1e9
        #expect(abs(seconds - truth.call_seconds) < 0.01 * Double(truth.calls), "the truth counts from another hop")

        #expect(summary.registrations.good == truth.registrations_ok)
        #expect(summary.registrations.tried == truth.registrations_ok + truth.registrations_failed)
        #expect(Self.labels(summary) == truth.phints)
        #expect(Self.agents(summary, \.asUserAgent) == truth.ua)
        #expect(Self.agents(summary, \.asServer) == truth.servers)
    }

    @Test(
        "a trace without times has the same counts",
        .enabled(if: GeneratedLog.isPossible, "generator or python3 absent"))
    func withoutTimes() throws {
        let log = try GeneratedLog(["--size", "1M", "--seed", "3", "--time", "none"])
        defer { log.remove() }
        let summary = try TraceRun(paths: [log.path]).run()
        #expect(!summary.hasTimes)
        #expect(Self.methods(summary.messages, \.unique) == log.truth.unique_requests)
        #expect(summary.calls.tried == log.truth.calls)
        #expect(summary.calls.duration.count == 0)
    }

    @Test(
        "times since the last block, and since the first, give the lengths of calls",
        .enabled(if: GeneratedLog.isPossible, "generator or python3 absent"), arguments: ["delta", "first"])
    func relativeTimes(kind: String) throws {
        let log = try GeneratedLog(["--size", "1M", "--seed", "4", "--time", kind])
        defer { log.remove() }
        let summary = try TraceRun(paths: [log.path]).run()
        #expect(summary.hasTimes && !summary.hasDates)
        #expect(summary.calls.tried == log.truth.calls)
        let seconds = Double(summary.calls.duration.sum) / 1e9
        #expect(abs(seconds - log.truth.call_seconds) < 0.01 * Double(log.truth.calls) + 0.2)
    }

    static func methods(_ counts: MessageCounts, _ part: KeyPath<Tally, Int>) -> [String: Int] {
        Dictionary(uniqueKeysWithValues: counts.methods.map { ($0.name, $0.tally[keyPath: part]) }).filter {
            $0.value > 0
        }
    }
    static func codes(_ counts: MessageCounts, _ part: KeyPath<Tally, Int>) -> [String: Int] {
        Dictionary(uniqueKeysWithValues: counts.codes.map { ("\($0)", counts.code($0)[keyPath: part]) }).filter {
            $0.value > 0
        }
    }
    static func labels(_ summary: Summary) -> [String: Int] {
        Dictionary(
            uniqueKeysWithValues: summary.hints.labels.enumerated().dropFirst().map {
                (String(decoding: $0.element, as: UTF8.self), summary.hints.counts[$0.offset])
            })
    }
    static func agents(_ summary: Summary, _ part: KeyPath<AgentTable.Agent, Int>) -> [String: Int] {
        Dictionary(
            uniqueKeysWithValues: summary.agents.agents.dropFirst().map {
                (String(decoding: $0.text, as: UTF8.self), $0[keyPath: part])
            }
        ).filter { $0.value > 0 }
    }
}
