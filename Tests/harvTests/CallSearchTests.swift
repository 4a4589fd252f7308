import SIPKit
import SIPTrace
import Testing

@testable import harv

@Suite("Finding a call (--call)")
struct CallSearchTests {
    static func summary(_ scene: Scene, _ wanted: String) -> Summary {
        var options = JudgeOptions(wantedCall: Array(wanted.utf8))
        options.wantedName = CallSearch.Name(wanted)
        var analyser = Analyser(options: options, seed: 1)
        scene.play(into: &analyser)
        return analyser.finish()
    }

    /// Alice calls Bob twice, Carol calls Bob once and is refused; the later calls come first in the trace's names.
    static let three = Scene.call
        .then(
            Scene.call.replacing("*", "call-1", "a-second").replacing("*", "z9hG4bK-", "z9hG4bKx"), after: 60,
            as: "again"
        )
        .then(
            Scene.refused(486, "Busy Here").replacing("*", "call-1", "b-third").replacing("*", "z9hG4bK-", "z9hG4bKy")
                .replacing("*", "sip:alice@", "sip:carol@"), after: 120, as: "Carol")

    @Test("one call of a user is drawn as its ladder")
    func one() throws {
        let summary = Self.summary(Self.three, "Carol")
        #expect(summary.search?.count == 1)
        #expect(try #require(summary.ladder).hasPrefix("Call-ID b-third\n"))
    }

    @Test("several are listed in the order of their times, with Call-ID and result")
    func several() throws {
        let summary = Self.summary(Self.three, "sip:bob@example.net")
        #expect(summary.ladder == nil)
        let search = try #require(summary.search)
        let text = CallListReport(summary: summary, search: search, wanted: "bob").text()
        #expect(
            text == """
                3 calls of bob; harv --call CALL-ID shows one

                 time     from -> to   how              up for s  Call-ID
                 06:00:00 alice -> bob answered   200       30.0  call-1
                 06:01:00 alice -> bob answered   200       30.0  a-second
                 06:02:00 carol -> bob busy       486          -  b-third

                """)
        let top = CallListReport(summary: summary, search: search, wanted: "bob", top: 1).text()
        #expect(top.contains("call-1") && !top.contains("a-second") && top.hasSuffix("and 2 more (--top 0)\n"))
    }

    @Test("a long Call-ID stands whole in a line of its own; no other line is longer than the page")
    func long() throws {
        let callID = String(repeating: "0123456789", count: 12)
        let summary = Self.summary(Self.three.replacing("*", "a-second", callID), "bob")
        let text = CallListReport(summary: summary, search: try #require(summary.search), wanted: "bob").text()
        let lines = text.split(separator: "\n")
        #expect(lines.contains { $0 == "   \(callID)" })
        #expect(lines.allSatisfy { $0.unicodeScalars.count <= 80 || $0 == "   \(callID)" })
    }

    @Test("a Call-ID goes before a user of the same name")
    func callIDFirst() throws {
        let summary = Self.summary(Self.three.replacing("*", "a-second", "bob"), "bob")
        #expect(try #require(summary.ladder).hasPrefix("Call-ID bob\n"))
    }

    @Test("nobody of that name, nothing found")
    func none() {
        let summary = Self.summary(Self.three, "dave")
        #expect(summary.ladder == nil && summary.search?.count == 0)
        #expect(Self.summary(Scene.register, "alice").search?.count == 0, "a registration is no call")
    }

    @Test("who was dialled is found, whatever To and From say")
    func dialled() {
        let scene = Scene.call.replacing("INVITE in", "INVITE sip:bob@example.net", "INVITE sip:4711@example.net")
        #expect(Self.summary(scene, "4711").search?.count == 1)
    }

    @Test(
        "numbers are the same with separators, plus, zeros of trunk and country; short ones only as they are",
        arguments: [
            ("4711", "4711", true), ("4711", "04711", false), ("4711", "14711", false), ("711", "4711", false),
            ("+49 (30) 123-456", "+4930123456", true), ("030 123456", "+4930123456", true),
            ("0049 30 123456", "030123456", true), ("030123456", "+4940123456", false), ("Alice", "alice", true),
            ("alice", "alice.b", false), ("alice@EXAMPLE.net", "alice", true), ("alice@other.net", "alice", false),
            ("tel:+4930123456", "004930123456", true), ("", "alice", false), ("@example.net", "alice", false),
            ("19202 10", "192.0.2.10a", false),
        ])
    func names(wanted: String, user: String, matches: Bool) {
        let party = CallSearch.Name(user: user, host: "example.net")
        #expect(CallSearch.Name(wanted).matches(party) == matches)
    }

    @Test("an address without a user is no number")
    func host() {
        let scene = Scene.call.replacing("INVITE in", "INVITE sip:bob@example.net", "INVITE sip:192.0.2.10")
        #expect(Self.summary(scene, "1920210").search?.count == 0)
        #expect(Self.summary(scene, "192.0.2.10").search?.count == 1)
    }

    @Test("more calls at a time than allowed: the oldest are judged early, and counted so")
    func limit() {
        var few = Analyser.Limits()
        few.conversations = 1
        var analyser = Analyser(limits: few, seed: 1)
        Self.three.play(into: &analyser)
        #expect(analyser.finish().closedEarly > 0)
        var usual = Analyser(seed: 1)
        Self.three.play(into: &usual)
        #expect(usual.finish().closedEarly == 0)
    }
}
