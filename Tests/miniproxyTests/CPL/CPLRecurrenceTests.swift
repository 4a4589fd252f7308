import SIPKit
import Testing

@testable import miniproxy

@Suite("The time of a time-switch")
struct CPLRecurrenceTests {
    struct Row: CustomTestStringConvertible, Sendable {
        var attributes: String
        var holds: [String]
        var fails: [String]
        var testDescription: String { self.attributes }
    }

    static let rows: [Row] = {
        let root = #filePath.split(separator: "/").dropLast(2).joined(separator: "/")
        guard let file = try? ScriptFile.read("/\(root)/Scripts/cpl/recurrences.tsv") else { return [] }
        return String(decoding: file.bytes, as: UTF8.self).split(separator: "\n").dropFirst().map { line in
            let parts = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            return Row(
                attributes: parts[0], holds: parts[1].split(separator: ",").map(String.init),
                fails: parts[2].split(separator: ",").map(String.init))
        }
    }()

    @Test("holds when a calendar says so, and not a second before or after", arguments: Self.rows)
    func row(_ row: Row) throws {
        let rule = try Self.rule(row.attributes)
        for time in row.holds { #expect(try rule.holds(utc: 0, wall: Self.seconds(time)), "\(time)") }
        for time in row.fails { #expect(try !rule.holds(utc: 0, wall: Self.seconds(time)), "\(time)") }
    }

    @Test("has its table of examples")
    func table() { #expect(Self.rows.count > 20) }

    @Test("that names UTC holds by UTC, whatever the zone")
    func utc() throws {
        let rule = try Self.rule(#"dtstart="20060102T090000Z" dtend="20060102T170000Z" freq="daily""#)
        let ten = try Self.seconds("20260105T100000")
        #expect(rule.holds(utc: ten, wall: ten + 10 * 3600))
        #expect(!rule.holds(utc: ten + 10 * 3600, wall: ten))
    }

    @Test("is counted on the clock of its zone, in summer and in winter")
    func zone() throws {
        // 08:30 UTC is 09:30 in Berlin in winter and 10:30 in summer.
        #expect(CPLClock.wallSeconds(1_768_206_600, zone: "Europe/Berlin") == 1_768_206_600 + 3600)
        #expect(CPLClock.wallSeconds(1_783_845_000, zone: "Europe/Berlin") == 1_783_845_000 + 7200)
        #expect(!CPLClock.knows(zone: "Mars/Olympus"))
    }

    @Test("without freq holds once")
    func once() throws {
        let rule = try Self.rule(#"dtstart="20260101T000000" duration="P1W""#)
        #expect(try rule.holds(utc: 0, wall: Self.seconds("20260107T235959")))
        #expect(try !rule.holds(utc: 0, wall: Self.seconds("20260108T000000")))
    }

    @Test("that counts seconds for years does not take long, and ends")
    func patience() throws {
        let rule = try Self.rule(
            #"dtstart="19010101T000000" duration="PT1S" freq="secondly" count="1000000" bymonth="2""#)
        #expect(try !rule.holds(utc: 0, wall: Self.seconds("20260210T000000")))
    }

    // MARK: Making them

    static func rule(_ attributes: String) throws -> CPLRecurrence {
        let text = "<cpl><incoming><time-switch><time \(attributes)/></time-switch></incoming></cpl>"
        guard case .timeSwitch(_, let choices)? = try CPLReader.read(Array(text.utf8)).incoming,
            case .when(let rule, _)? = choices.choices.first
        else { throw CPLError("no rule", line: 0, column: 0) }
        return rule
    }

    static func seconds(_ text: String) throws -> Int64 {
        try Self.rule("dtstart=\"\(text)\" duration=\"PT1S\"").start
    }
}
