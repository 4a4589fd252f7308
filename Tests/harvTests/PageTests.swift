import Foundation
import SIPKit
import SIPTrace
import Testing

@testable import harv

@Suite("The page and the tables")
struct PageTests {
    static func summary(_ scene: Scene, _ options: JudgeOptions = JudgeOptions(wantsPage: true)) -> Summary {
        var analyser = Analyser(options: options, seed: 1)
        scene.play(into: &analyser)
        return analyser.finish()
    }

    @Test(
        "is well-formed: every element that opens closes, no value without quotation marks runs into the end of its tag"
    )
    func wellFormed() {
        let html = HTMLReport(summary: Self.summary(Scene.deadHop.happening(30))).text()
        #expect(html.hasPrefix("<!DOCTYPE html>"))
        var open: [String] = []
        let empty: Set<String> = ["meta", "path", "rect", "polyline", "br"]
        for match in html.matches(of: /<(\/?)([a-z0-9]+)((?:"[^"]*"|[^>"])*)>/) {
            let (isEnd, name, rest) = (!match.1.isEmpty, String(match.2), String(match.3))
            if empty.contains(name) {
                // `<rect height=8/>` would have a height of "8/".
                #expect(!rest.hasSuffix("/") || rest.hasSuffix(" /") || rest.hasSuffix("\"/"), "\(name)\(rest)")
            } else if isEnd {
                #expect(open.popLast() == name, "\(name)")
            } else {
                open.append(name)
            }
        }
        #expect(open.isEmpty)
        #expect(html.contains("next-hop-silent") && html.contains("<svg"))
    }

    @Test("scanners are left out of the figures, and with --include-noise they are not")
    func noise() {
        let scan = Scene.register.replacing("*", "Testphone 1.0", "friendly-scanner").happening(3)
        let without = Self.summary(scan)
        #expect(without.registrations.tried == 0)
        #expect(without.registrations.noise == 3)
        let with = Self.summary(scan, JudgeOptions(includesNoise: true))
        #expect(with.registrations.tried == 3)
        #expect(with.registrations.noise == 0)
        #expect(with.findings.contains { $0.diagnosis.id == "S1" })
        #expect(
            with.agents.agents.contains {
                $0.devices == 1 && String(decoding: $0.text, as: UTF8.self) == "friendly-scanner"
            })
        var report = Report(with)
        let text = report.text()
        #expect(text.contains("--include-noise"))
    }

    @Test("asks for nothing from a network, and what strangers wrote opens no tag")
    func isAlone() {
        let evil = Scene.deadHop.replacing("*", "Testphone 1.0", "<script>alert(1)</script>").replacing(
            "INVITE out", "USRLOC", "\" onload=\"x")
        let html = HTMLReport(summary: Self.summary(evil)).text()
        #expect(!html.contains("<script>alert") && !html.contains("onload=\"x"))
        for word in ["http://", "https://", "url(", "@import", "src="] { #expect(!html.contains(word), "\(word)") }
    }

    @Test("a day of calls stays below 400 KB", .enabled(if: GeneratedLog.isPossible, "generator or python3 absent"))
    func size() throws {
        let log = try GeneratedLog(["--size", "2M", "--seed", "2", "--faults", "5"])
        defer { log.remove() }
        var run = TraceRun(paths: [log.path])
        run.options.wantsPage = true
        let html = HTMLReport(summary: try run.run()).text()
        #expect(html.utf8.count < 400_000)
        #expect(html.contains("<details>"))
    }

    @Test("JSON fits its schema", .enabled(if: GeneratedLog.isPossible, "generator or python3 absent"))
    func schema() throws {
        let check = try SchemaCheck()
        for scene in [Scene.call, Scene.register, Scene.deadHop, Scene.refused(486, "Busy Here")] {
            #expect(try check.complaints(JSONReport(summary: Self.summary(scene)).text()) == [])
        }
        let log = try GeneratedLog(["--size", "1M", "--seed", "1"])
        defer { log.remove() }
        #expect(try check.complaints(JSONReport(summary: try TraceRun(paths: [log.path]).run()).text()) == [])
        #expect(try !check.complaints(#"{"schema":2}"#).isEmpty, "the check checks")
    }

    @Test("a spreadsheet finds no formula in a table, and every row has its cells")
    func csv() {
        #expect(CSVWriter.cell("=cmd|' /C calc'!A0") == "'=cmd|' /C calc'!A0")
        #expect(CSVWriter.cell("+49301234") == "+49301234", "a number is a number")
        #expect(CSVWriter.cell("@SUM(A1)") == "'@SUM(A1)")
        #expect(CSVWriter.cell("a,\"b\"") == "\"a,\"\"b\"\"\"")
        let calls = Rows()
        _ = Self.summary(Scene.call, JudgeOptions(onCall: { calls.add(CallRecordWriter.csv($0)) }))
        #expect(calls.rows.count == 1)
        #expect(calls.rows[0].contains("call-1,alice@example.net,bob@example.net"))
        for file in CSVReport(summary: Self.summary(Scene.deadHop)).files {
            #expect(file.text.hasSuffix("\r\n"), "\(file.name)")
        }
    }

    @Test("a call's line of JSON has its way, times and codecs")
    func ndjson() throws {
        let calls = Rows()
        _ = Self.summary(Scene.call, JudgeOptions(onCall: { calls.add(CallRecordWriter.json($0)) }))
        let row = try #require(calls.rows.first)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(row.utf8)) as? [String: Any])
        #expect(object["call_id"] as? String == "call-1")
        #expect(object["code"] as? Int == 200)
        #expect((object["duration"] as? Double ?? 0) > 0)
        #expect((object["accepted"] as? [String])?.contains("PCMU") == true)
    }

    @Test("a histogram loses no value, whatever its range")
    func histogram() {
        var values = Distribution()
        for value in [0, 1, 1_000_000, 5_000_000_000, 9_000_000_000_000] as [Int64] { values.add(value) }
        #expect(values.histogram(from: 1_000_000, to: 9e12, bins: 10).reduce(0, +) == 5)
        #expect(values.histogram(from: 5, to: 5, bins: 3) == [0, 0, 0])
    }

    @Test("buckets of time grow wider and lose nothing")
    func series() {
        var series = TimeSeries<Int>(limit: 10)
        for second in 0..<10_000 { series.update(Int64(second) * 1_000_000_000) { $0 += 1 } }
        #expect(series.slots.count <= 10)
        #expect(series.row.reduce(0) { $0 + $1.slot } == 10_000)
        series.update(-5_000_000_000) { $0 += 1 }
        #expect(series.row(atMost: 3).reduce(0) { $0 + $1.slot } == 10_001)
    }
}

/// Rows that another thread may write.
final class Rows: @unchecked Sendable {
    private(set) var rows: [String] = []
    func add(_ row: String) { self.rows.append(row) }
}

@Suite("Choosing and comparing")
struct ChoosingTests {
    static func matches(_ expression: String, _ scene: Scene = Scene.call) throws -> Bool {
        let calls = Rows()
        let filter = try CallFilter.parse(expression)
        var options = JudgeOptions()
        options.onCall = { if filter.matches($0) { calls.add($0.callID) } }
        var analyser = Analyser(options: options, seed: 1)
        scene.play(into: &analyser)
        _ = analyser.finish()
        return !calls.rows.isEmpty
    }

    @Test(
        "expressions choose calls by what they are",
        arguments: [
            ("method == INVITE and code == 200", true), ("code >= 400", false),
            ("not code >= 400 and from == alice", true),
            ("to =~ BOB", true), ("to != bob", false), ("(code == 486 or hint == USRLOC) and duration > 0.5", true),
            ("src == 203.0.113.5", true), ("dst == 198.51.100.7:5060", true), ("ua =~ \"testphone 1\"", true),
            ("retrans > 0", false), ("pdd < 1000", true),
        ])
    func expressions(_ item: (String, Bool)) throws {
        #expect(try Self.matches(item.0) == item.1, "\(item.0)")
    }

    @Test("rules are words of the filter")
    func rules() throws {
        #expect(try Self.matches("rule == R27", Scene.deadHop))
        #expect(try !Self.matches("rule == N1", Scene.deadHop))
    }

    @Test("a mistake is shown where it is")
    func mistakes() {
        for (text, place) in [
            ("code >", 6), ("color == red", 0), ("code == red", 8), ("(code == 200", 12), ("code == 200 )", 12),
        ] {
            do throws(CallFilter.Mistake) {
                _ = try CallFilter.parse(text)
                Issue.record("\(text) was read")
            } catch {
                #expect(error.place == place, "\(text): \(error)")
            }
        }
        let deep = String(repeating: "(", count: 10_000)
        #expect(throws: CallFilter.Mistake.self) { try CallFilter.parse(deep) }
    }

    @Test("a filter counts only what fits, messages as well")
    func filtered() throws {
        var options = JudgeOptions()
        options.filter = try CallFilter.parse("code == 486")
        let busy = PageTests.summary(Scene.refused(486, "Busy Here"), options)
        let answered = PageTests.summary(Scene.call, options)
        #expect(busy.calls.tried == 1 && busy.messages.method(.invite).unique == 1)
        #expect(answered.calls.tried == 0 && answered.messages.all.raw == 0)
    }

    @Test("groups by whatever was asked for", arguments: CallGroups.Key.allCases)
    func groups(key: CallGroups.Key) throws {
        let summary = PageTests.summary(Scene.call, JudgeOptions(groupedBy: key))
        let groups = try #require(summary.groups)
        #expect(groups.sorted.map(\.group.calls) == [1])
        #expect(GroupReport(groups: groups).text().split(separator: "\n").allSatisfy { $0.utf8.count <= 90 })
    }

    @Test("times as people write them")
    func times() {
        #expect(TimeBound("14:00") == .clock(50_400_000_000_000))
        #expect(TimeBound("2026-03-02 12:00") == .absolute(1_772_452_800_000_000_000))
        #expect(TimeBound("-2h") == .beforeEnd(7_200_000_000_000))
        #expect(TimeBound("1772452800") == .absolute(1_772_452_800_000_000_000))
        for text in ["", "25:00", "2026-13-01", "noon", "-", "-2x", "2026-03-02 12:61"] {
            #expect(TimeBound(text) == nil, "\(text)")
        }
    }

    @Test("limits know rates, any figure by its path, and changes since a baseline")
    func limits() throws {
        let busy = PageTests.summary(Scene.refused(486, "Busy Here"))
        #expect(Threshold("rate(codes.486)>0.1/min")?.isViolated(by: busy) == true)
        #expect(Threshold("rate(codes.486)>100/s")?.isViolated(by: busy) == false)
        #expect(Threshold("totals.raw>3")?.isViolated(by: busy) == true)
        let good = Figures(PageTests.summary(Scene.call))
        let delta = try #require(Threshold("delta.ser<-5"))
        #expect(delta.isViolated(by: busy, baseline: Baseline(good)))
        #expect(!delta.isViolated(by: busy), "without a baseline nothing has changed")
        for text in ["rate(codes.486)>1", "codes.486>1/min", "ser<-5", "delta.nothing>1"] {
            #expect(Threshold(text) == nil, "\(text)")
        }
    }

    @Test("a comparison marks what chance would not do, and names new rules")
    func comparison() {
        #expect(Comparison.differ(60, 100, 20, 100))
        #expect(!Comparison.differ(60, 100, 55, 100))
        #expect(!Comparison.differ(10, 10, 0, 10), "ten cases prove nothing")
        let (old, new) = (PageTests.summary(Scene.call), PageTests.summary(Scene.deadHop))
        let comparison = Comparison(old: Figures(old), new: Figures(new))
        #expect(comparison.newRules.contains("R27"))
        let text = comparison.text()
        #expect(text.contains("SER"))
        #expect(text.split(separator: "\n").allSatisfy { $0.unicodeScalars.count <= 80 })
    }

    @Test("every figure is explained")
    func explained() {
        for name in ["ser", "seer", "isa", "scr", "ner", "asr", "acd", "srd", "sdt", "sdd", "rrd", "transit"] {
            #expect(FigureManual.explain(name)?.contains("how") == true, "\(name)")
        }
        #expect(FigureManual.explain("xyz") == nil)
    }

    @Test("the progress line fits a terminal and knows what is left")
    func progress() {
        let line = Progress.Line(done: 250_000_000, total: 1_000_000_000, elapsed: 1_000_000_000)
        let text = line.text(width: 78, drawsBlocks: false)
        #expect(text.contains("25 %") && text.contains("250.0 MB/s") && text.contains("3 s left"))
        #expect(text.unicodeScalars.count <= 78)
        #expect(Progress.Line(done: 5, total: 0, elapsed: 0).text(width: 78, drawsBlocks: true).contains("5 bytes"))
    }
}

@Suite("Hiding who people are")
struct AnonymizerTests {
    @Test("names, numbers, hosts and addresses go, the same always the same way, and the message stays whole")
    func message() throws {
        let body =
            "v=0\r\no=alice 1 1 IN IP4 192.168.1.2\r\ns=Alice's call\r\nc=IN IP4 192.168.1.2\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"
        let text =
            "INVITE sip:+4930123456@sip.iptel.org SIP/2.0\r\nVia: SIP/2.0/UDP 192.168.1.2:5060;branch=z9hG4bK1;received=203.0.113.5\r\nFrom: \"Alice Smith\" <sip:alice@iptel.org>;tag=a\r\nTo: <sip:+4930123456@sip.iptel.org>\r\nCall-ID: x@192.168.1.2\r\nCSeq: 1 INVITE\r\nContact: <sip:alice@192.168.1.2:5060>\r\nAuthorization: Digest username=\"alice\", realm=\"iptel.org\", nonce=\"n\", response=\"0123\"\r\nUser-Agent: Test 1.0\r\nContent-Type: application/sdp\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        let bytes = Array(text.utf8)
        let anonymizer = Anonymizer(seed: 7)
        let hidden = anonymizer.message(bytes.span)
        let shown = String(decoding: hidden, as: UTF8.self)
        for secret in ["alice", "Alice", "Smith", "iptel", "4930123456", "192.168.1.2", "203.0.113.5", "0123\""] {
            #expect(!shown.contains(secret), "\(secret)\n\(shown)")
        }
        #expect(shown.contains("192.168."), "private stays private")
        #expect(shown.contains("User-Agent: Test 1.0"))
        #expect(shown.contains("sip:+"), "a number keeps its plus")
        let message = try SIPMessage(parsing: hidden)
        #expect(try message.index.contentLength(message.span) == message.body.count)
        #expect(anonymizer.message(bytes.span) == hidden)
        let (a, b) = (try #require(IPAddress("203.0.113.5")), try #require(IPAddress("203.0.113.77")))
        #expect(
            "\(anonymizer.address(a))".split(separator: ".").dropLast()
                == "\(anonymizer.address(b))".split(separator: ".").dropLast())
    }

    @Test(
        "the report of hidden messages has the same figures",
        .enabled(if: GeneratedLog.isPossible, "generator or python3 absent"))
    func figures() throws {
        let log = try GeneratedLog(["--size", "600K", "--seed", "3"])
        defer { log.remove() }
        let plain = try TraceRun(paths: [log.path]).run()
        var run = TraceRun(paths: [log.path])
        run.anonymizer = Anonymizer(seed: 99)
        let hidden = try run.run()
        #expect(hidden.messages == plain.messages)
        #expect(hidden.calls.tried == plain.calls.tried && hidden.calls.outcomes == plain.calls.outcomes)
        #expect(!JSONReport(summary: hidden).text().contains("192.0.2.10"))
    }
}
