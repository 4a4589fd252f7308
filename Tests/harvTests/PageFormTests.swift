import SIPKit
import Testing

@testable import harv

@Suite("How pages look")
struct PageFormTests {
    static func form(_ width: Int) -> PageForm {
        var form = PageForm()
        form.width = width
        return form
    }

    /// A log with long names, some agents and a call list.
    static let wordy = Scene.call
        .replacing("*", "Testphone 1.0", "SomethingWithAVeryLongProductName 1.0")
        .replacing("INVITE out", "USRLOC", "A-LABEL-THAT-IS-LONGER-THAN-ITS-COLUMN-OF-26")
        .replacing("*", "alice@example.net", "alice.with.a.long.name@example.net")

    @Test("no line is longer than the page, and none is wrapped for it", arguments: [72, 80, 97, 120, 200])
    func width(width: Int) {
        for scene in TextPageTests.scenes + [Self.wordy] {
            let summary = OutputTests.summary(scene)
            var report = Report(summary)
            report.form = Self.form(width)
            report.elapsed = 12_345_600_000_000
            for line in report.text().split(separator: "\n") {
                #expect(line.unicodeScalars.count <= width, "\(line)")
            }
            for line in ProblemReport(summary: summary, form: Self.form(width)).text().split(separator: "\n")
            where !line.hasPrefix("  see  ") {
                #expect(line.unicodeScalars.count <= width || !line.contains(" "), "\(line)")
            }
        }
    }

    @Test("blanks at the end of a line are not what is cut")
    func cut() {
        #expect(Self.form(72).line(String(repeating: "x", count: 72) + "   ") == String(repeating: "x", count: 72))
        #expect(Self.form(72).line(String(repeating: "x", count: 73)) == String(repeating: "x", count: 71) + "~")
    }

    @Test("a wider page cuts no names and draws longer bars")
    func wider() {
        func page(_ width: Int) -> String {
            var report = Report(OutputTests.summary(Self.wordy))
            report.form = Self.form(width)
            return report.text()
        }
        #expect(page(80).contains(" SomethingW~"))
        #expect(page(80).contains("A-LABEL-THAT-IS-LONGER-TH~"))
        #expect(page(80).contains("alice.with.a.long.nam~"))
        #expect(page(200).contains(" SomethingWithAVeryLongProductName"))
        #expect(page(200).contains("A-LABEL-THAT-IS-LONGER-THAN-ITS-COLUMN-OF-26"))
        #expect(page(200).contains("alice.with.a.long.name -> bob"))
        func bar(_ page: String) -> Int { page.utf8.count { $0 == UInt8(ascii: "#") } }
        #expect(bar(page(72)) == 31 && bar(page(80)) == 31 && bar(page(120)) == 71)
    }

    @Test("columns of the table by something grow to the longest name")
    func groups() throws {
        var analyser = Analyser(options: JudgeOptions(groupedBy: .hint), seed: 1)
        Self.wordy.play(into: &analyser)
        let groups = try #require(analyser.finish().groups)
        for width in [72, 80, 120] {
            let lines = GroupReport(groups: groups, form: Self.form(width)).text().split(separator: "\n")
            #expect(lines.allSatisfy { $0.unicodeScalars.count <= width })
            #expect(Set(lines.map(\.unicodeScalars.count)).count == 1, "head and rows end in one column")
            #expect(lines[1].hasPrefix("A-LABEL-THAT-IS-LONGER-THAN-ITS-COLUMN-OF-26 ") == (width == 120))
        }
    }

    @Test("a ladder is as wide as the page")
    func ladder() throws {
        func ladder(_ width: Int) throws -> [Substring] {
            var options = JudgeOptions(wantedCall: Array("call-1".utf8))
            options.form = Self.form(width)
            var analyser = Analyser(options: options, seed: 1)
            Scene.call.replacing(
                "INVITE out", "sip:bob@198.51.100.7:5060", "sip:a-user-with-a-long-name@198.51.100.7:5060"
            )
            .play(into: &analyser)
            return try #require(analyser.finish().ladder).split(separator: "\n")
        }
        let (narrow, wide) = (try ladder(72), try ladder(160))
        #expect(narrow.map(\.unicodeScalars.count).max() == 72)
        #expect(narrow.contains { $0.hasSuffix("~") })
        #expect(wide.contains { $0.hasSuffix("-> sip:a-user-with-a-long-name@198.51.100.7:5060") })
    }

    @Test(
        "the width is what was asked for, else the terminal's within bounds, else 80",
        arguments: [
            (nil, false, 0, 80), (nil, true, 0, 80), (nil, true, 100, 100), (nil, true, 300, 120), (nil, true, 40, 72),
            (200, false, 0, 200), (72, true, 120, 72),
        ] as [(Int?, Bool, Int, Int)])
    func widths(asked: Int?, isTerminal: Bool, columns: Int, width: Int) {
        let terminal = PageForm.Terminal(isThere: isTerminal, columns: columns)
        #expect(PageForm(width: asked, isASCII: false, colour: .auto, terminal: terminal).width == width)
    }

    @Test("blocks are for terminals whose locale has them")
    func blocks() {
        for (isThere, hasUTF8, isASCII) in [(true, true, true), (true, false, false), (false, true, false)] {
            let terminal = PageForm.Terminal(isThere: isThere, hasUTF8: hasUTF8)
            #expect(!PageForm(width: nil, isASCII: isASCII, colour: .auto, terminal: terminal).drawsBlocks)
        }
        let terminal = PageForm.Terminal(isThere: true, hasUTF8: true)
        #expect(PageForm(width: nil, isASCII: false, colour: .auto, terminal: terminal).bar(2) == "\u{2588}\u{2588}")
        #expect(PageForm.Terminal.hasUTF8([nil, "", "de_DE.UTF-8"]))
        #expect(PageForm.Terminal.hasUTF8(["C.utf8", nil, "C"]))
        #expect(!PageForm.Terminal.hasUTF8(["C", "en_US.UTF-8", "en_US.UTF-8"]), "LC_ALL wins")
        #expect(!PageForm.Terminal.hasUTF8([nil, nil, nil]))
    }

    @Test("with --ascii every other character is a question mark, and counts as one column")
    func ascii() {
        var report = Report(OutputTests.summary(Scene.call.replacing("*", "Testphone 1.0", "Téléphone 1.0")))
        #expect(report.text().contains("Téléphone"))
        report.form.isASCII = true
        #expect(report.text().contains("T?l?phone "))
        #expect(report.text().utf8.allSatisfy { $0 < 0x80 })
    }

    @Test("colours are sipsak's and sipgrep's: on a terminal without NO_COLOR, or when asked for")
    func colours() {
        let choices: [(PageForm.Colour, Bool, String?, Bool)] = [
            (.auto, true, nil, true), (.auto, true, "", true), (.auto, true, "1", false), (.auto, false, nil, false),
            (.always, false, "1", true), (.never, true, nil, false),
        ]
        for (colour, isTerminal, noColor, isWanted) in choices {
            let terminal = PageForm.Terminal(isThere: isTerminal, noColor: noColor)
            #expect(
                PageForm(width: nil, isASCII: false, colour: colour, terminal: terminal).isColoured == isWanted,
                "\(colour) \(isTerminal) \(noColor ?? "-")")
        }
    }

    @Test("only the severity is coloured, and the columns stay where they are")
    func painted() throws {
        var options = JudgeOptions(wantedCall: Array("call-1".utf8))
        options.form.isColoured = true
        var analyser = Analyser(options: options, seed: 1)
        Scene.deadHop.play(into: &analyser)
        let summary = analyser.finish()
        var report = Report(summary)
        let plain = report.text()
        report.form.isColoured = true
        let pages = [
            (report.text(), plain),
            (ProblemReport(summary: summary, form: options.form).text(), ProblemReport(summary: summary).text()),
        ]
        for (coloured, plain) in pages {
            #expect(coloured.contains("\u{1B}[31merror\u{1B}[0m "))
            let stripped = coloured.replacing(/\u{1B}\[[0-9;]*m(error|warning|critical)\u{1B}\[0m/) { $0.output.1 }
            #expect(stripped == plain)
        }
        #expect(try #require(summary.ladder).contains("\n\u{1B}[31merror\u{1B}[0m R27: "))
    }
}
