import Foundation
import SIPKit
import SIPTrace
import Testing

@testable import harv

enum SharedFolder {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared")
    static let isThere = FileManager.default.fileExists(atPath: root.appendingPathComponent("seeds").path)
    static func seedPath(_ number: String) throws -> String {
        let folder = root.appendingPathComponent("seeds")
        let name = try FileManager.default.contentsOfDirectory(atPath: folder.path).first { $0.hasPrefix(number) }
        return folder.appendingPathComponent(name ?? number).path
    }
}

@Suite("The mailing-list trace of 2005, counted")
struct SeedTests {
    @Test("19 messages: 11 unique, 6 relayed, 2 repeats", .enabled(if: SharedFolder.isThere, "shared corpus absent"))
    func counts() throws {
        let summary = try TraceRun(paths: [SharedFolder.seedPath("000")]).run()
        let counts = summary.messages
        #expect(counts.all == Tally(raw: 19, unique: 11, relayed: 6, repeated: 2))
        #expect(counts.requests.raw == 10)
        #expect(counts.method(.invite) == Tally(raw: 4, unique: 2, relayed: 1, repeated: 1))
        #expect(counts.method(.ack) == Tally(raw: 3, unique: 2, relayed: 1, repeated: 0))
        #expect(counts.method(.bye) == Tally(raw: 3, unique: 1, relayed: 1, repeated: 1))
        #expect(counts.code(407).raw == 1)
        #expect(counts.code(100) == Tally(raw: 2, unique: 2, relayed: 0, repeated: 0))
        #expect(counts.code(180) == Tally(raw: 2, unique: 1, relayed: 1, repeated: 0))
        #expect(counts.code(200) == Tally(raw: 4, unique: 2, relayed: 2, repeated: 0))
        #expect(summary.text.marks == 66)
        #expect(summary.text.hidden == 47)
        #expect(summary.nodes.servers.map(\.description) == ["201.218.150.25:5060"])
    }

    @Test(
        "one call of 6.193807 s, with the times the caller lived",
        .enabled(if: SharedFolder.isThere, "shared corpus absent"))
    func times() throws {
        let calls = try TraceRun(paths: [SharedFolder.seedPath("000")]).run().calls
        #expect(calls.tried == 1)
        #expect(calls.answered == 1)
        #expect(calls.duration.quantile(0.5) == 6_193_807_000)
        #expect(calls.ringDelay.quantile(0.5) == 3_000_957_000)
        #expect(calls.setup.quantile(0.5) == 7_240_035_000)
        #expect(calls.transit.quantile(0.5) == 37_960_000)
    }

    @Test(
        "the page shows the call to the microsecond and fits 80 columns",
        .enabled(if: SharedFolder.isThere, "shared corpus absent"))
    func page() throws {
        var report = Report(try TraceRun(paths: [SharedFolder.seedPath("000")]).run())
        let text = report.text()
        #expect(text.contains("6.193807"))
        #expect(text.contains("Grandstream"))
        #expect(text.split(separator: "\n").allSatisfy { $0.unicodeScalars.count <= 80 })
    }
}
