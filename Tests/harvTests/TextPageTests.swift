import Foundation
import SIPKit
import SIPTrace
import Testing

@testable import harv

@Suite("Pages of text")
struct TextPageTests {
    /// Traces that between them fill every part of the page.
    static let scenes: [Scene] = DiagnosisTable.all.compactMap { $0.examples.first { $0.finds }?.scene }

    @Test("the page has at most 80 columns, whatever is found", arguments: scenes)
    func width(scene: Scene) {
        var summary = OutputTests.summary(scene)
        summary.inputs = [
            .init(
                name: "/var/log/sip/a-name-that-is-longer-than-anybody-wants-to-read.ngrep.log.1.gz",
                format: "ngrep (gzip)", bytes: 123_456_789_012,
                damage:
                    "the file ends in the middle of a block, as if it were still being written or the disk were full"),
            .init(name: "b", format: "pcap", bytes: 1), .init(name: "c", format: "Kamailio sipdump", bytes: 1),
            .init(name: "d", format: "FreeSWITCH siptrace", bytes: 1),
        ]
        var report = Report(summary)
        report.elapsed = 12_345_600_000_000
        for line in report.text().split(separator: "\n") {
            #expect(line.unicodeScalars.count <= 80, "\(line)")
        }
    }

    @Test("findings in full have at most 80 columns, but for what is there to be copied", arguments: scenes)
    func problems(scene: Scene) {
        for line in ProblemReport(summary: OutputTests.summary(scene)).text().split(separator: "\n") {
            #expect(line.unicodeScalars.count <= 80 || !line.contains("   messages "), "\(line)")
        }
    }

    @Test(
        "and with a large log", .enabled(if: GeneratedLog.isPossible, "generator or python3 absent"), arguments: 1...2)
    func large(seed: Int) throws {
        let log = try GeneratedLog(["--size", "4M", "--seed", "\(seed)", "--faults", "20"])
        defer { log.remove() }
        let summary = try TraceRun(paths: [log.path]).run()
        var report = Report(summary)
        for line in report.text().split(separator: "\n") { #expect(line.unicodeScalars.count <= 80, "\(line)") }
    }

    @Test("Markdown has the findings and the figures")
    func markdown() {
        let faulty = Scene.call.replacing("INVITE out", "IN IP4 192.0.2.10", "IN IP4 192.168.1.2")
        let text = MarkdownReport(summary: OutputTests.summary(faulty)).text()
        #expect(text.contains("### N1 sdp-private-offer"))
        #expect(text.contains("| answered | 200 | 1 | 100.0 % |"))
        #expect(text.contains("| INVITE | 2 | 1 | 1 | 0 |"))
        // Every row of a table has as many cells as its head.
        for block in text.split(separator: "\n\n") where block.hasPrefix("| ") {
            let cells = block.split(separator: "\n").map {
                $0.split(separator: " | ", omittingEmptySubsequences: false).count
            }
            #expect(Set(cells).count == 1, "\(block)")
        }
    }

    @Test("nobody writes a link into somebody's ticket")
    func markdownEscapes() {
        let text = MarkdownReport.escaped("[pay](http://x) ![](y) <b> a|b `c` *d*\ne")
        #expect(text == "\\[pay\\]\\(http\\://x\\) \\!\\[\\]\\(y\\) \\<b\\> a\\|b \\`c\\` \\*d\\* e")
    }
}

@Suite("The window of -f")
struct LiveWindowTests {
    static func batch(at seconds: Int64) -> MessageBatch {
        let batch = MessageBatch()
        let bytes = Array(Scene.call.messages[0].text.utf8)
        let address = SocketAddress(IPAddress(v4: 1), 5060)
        let origin = MessageOrigin(
            time: seconds * 1_000_000_000, source: address, destination: address, transport: .udp, frame: 0)
        batch.append(bytes.span, origin, hasTime: true)
        return batch
    }

    @Test("what is too old goes, and nothing is said about it")
    func old() {
        var window = LiveRun.Window()
        for second in 0..<100 { window.append(Self.batch(at: Int64(second))) }
        let isShortened = window.shorten(to: 10_000_000_000)
        #expect(!isShortened)
        #expect(window.batches.count == 11)
    }

    @Test("what goes for want of memory is told as long as it would be in the window")
    func shortened() {
        var window = LiveRun.Window()
        for second in 0..<100 { window.append(Self.batch(at: Int64(second))) }
        let limit = 20 * Self.batch(at: 0).footprint
        let isShort = window.shorten(to: 50_000_000_000, limit: limit)
        #expect(isShort)
        #expect(window.batches.count <= 20 && window.batches.count > 5)
        let isStillShort = window.shorten(to: 50_000_000_000)
        #expect(isStillShort)
        for second in 100..<200 { window.append(Self.batch(at: Int64(second))) }
        let isLater = window.shorten(to: 50_000_000_000)
        #expect(!isLater, "the gap has left the window")
    }
}

@Suite("Inputs that overlap")
struct MergeTests {
    @Test(
        "every other block in another file: as if they were in one",
        .enabled(if: GeneratedLog.isPossible, "generator or python3 absent"), arguments: [1, 2])
    func dealt(seed: Int) throws {
        let log = try GeneratedLog(["--size", "1M", "--seed", "\(seed)"])
        defer { log.remove() }
        let blocks = try String(contentsOfFile: log.path, encoding: .isoLatin1).components(separatedBy: "\n#\n")
        let paths = try (0..<3).map { part in
            let path = log.folder.appendingPathComponent("part\(part)").path
            let text = blocks.enumerated().filter { $0.offset % 3 == part }.map(\.element).joined(separator: "\n#\n")
            try ("#\n" + text + "\n").write(toFile: path, atomically: true, encoding: .isoLatin1)
            return path
        }
        let (whole, merged) = (TraceRun(paths: [log.path]), TraceRun(paths: paths.reversed()))
        let (one, three) = (try whole.run(), try merged.run())
        #expect(one.messages == three.messages)
        #expect(one.calls == three.calls)
        // The marks of packets are dealt out with the blocks: O6 may count one as hidden.
        func told(_ summary: Summary) -> [String] {
            summary.findings.filter { $0.diagnosis.id != "O6" }.map { "\($0.diagnosis.id) \($0.count)" }
        }
        #expect(told(one) == told(three))
        #expect(three.backwards == 0)
        #expect(three.inputs.count == 3 && three.inputs.allSatisfy { $0.bytes > 0 })
    }

    @Test("a set of files is opened one after another, a file that cannot be opened is told")
    func order() throws {
        final class Source: MergedInput {
            var times: [Int64]
            let tell: (Int64) -> Void
            init(_ times: [Int64], _ tell: @escaping (Int64) -> Void) {
                self.times = [0] + times
                self.tell = tell
            }
            var time: Int64? { self.times[0] < 0 ? nil : self.times[0] }
            func advance() -> Bool {
                self.times.removeFirst()
                return !self.times.isEmpty
            }
            func deliver(to output: BatchWriter) { self.tell(self.times[0]) }
            func finish(_ output: BatchWriter) { self.tell(1_000) }
        }
        var told: [Int64] = []
        let output = BatchWriter(seed: 1) { $0 }
        let waiting = [[1, 2, 7], [3, -1, 4, 9], [20]].map { (times: [Int64]) in
            InputMerge.Waiting(first: times[0]) { () throws(TraceReader.Failure) in
                told.append(100 + times[0])
                return Source(times) { told.append($0) }
            }
        }
        var merge = InputMerge(waiting, output: output, isStopped: { false })
        try merge.run()
        #expect(told == [101, 1, 2, 103, 3, -1, 4, 7, 1_000, 9, 1_000, 120, 20, 1_000])
    }
}
