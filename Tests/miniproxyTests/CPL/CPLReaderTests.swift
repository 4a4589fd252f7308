import SIPKit
import Testing

@testable import miniproxy

@Suite("A call processing script")
struct CPLReaderTests {
    static func read(_ text: String) throws -> CPLScript { try CPLReader.read(Array(text.utf8)) }

    /// One script that is refused, and the sentence.
    struct Wrong: CustomTestStringConvertible, Sendable {
        var text: String
        var error: String
        var testDescription: String { self.error }

        init(_ text: String, _ error: String) {
            self.text = text
            self.error = error
        }
    }

    static let wrong = [
        Wrong(
            "<cpl><incoming><reject status=busy/></incoming></cpl>",
            "1:31: the script is not well-formed XML: not well-formed (invalid token) (attribute values are quoted, names begin right behind '<')"
        ),
        Wrong("<script/>", "1:1: the document's element is <cpl>, here it is <script>"),
        Wrong(
            "<cpl>\n <proxy/></cpl>", "2:2: <proxy> cannot stand directly in <cpl>: wrap it in <incoming> or <outgoing>"
        ),
        Wrong(
            "<cpl><incoming/><outgoing/></cpl>",
            "1:17: <outgoing> is too late: the order is ancillary, subaction, outgoing, incoming"),
        Wrong("<cpl><incoming/><incoming/></cpl>", "1:17: <incoming> stands twice"),
        Wrong(
            "<cpl><incoming><proxy/><proxy/></incoming></cpl>",
            "1:24: <incoming> holds one node, here is a second one: <proxy>"),
        Wrong("<cpl><incoming>hello</incoming></cpl>", "1:16: text between the elements of a script"),
        Wrong("<cpl><incoming><sub ref=\"a\"/></incoming></cpl>", "1:16: there is no subaction 'a' before this place"),
        Wrong("<cpl><subaction id=\"a\"/><subaction id=\"a\"/></cpl>", "1:25: there are two subactions 'a'"),
        Wrong(
            "<cpl><incoming><proxy timeout=\"8s\"/></incoming></cpl>",
            "1:16: timeout of <proxy> is a number from 1 to 86400, here it is \"8s\""),
        Wrong(
            "<cpl><incoming><proxy><buzy/></proxy></incoming></cpl>",
            "1:23: <proxy> has the outputs <busy>, <noanswer>, <redirection>, <failure> and <default>, not <buzy>"),
        Wrong(
            "<cpl><incoming><location url=\"mailto:a@b\"/></incoming></cpl>",
            "1:16: url of <location> is a sip:, sips: or tel: address, here it is \"mailto:a@b\""),
        Wrong(
            "<cpl><incoming><location url=\"sip:a@b\" merge=\"clear\"/></incoming></cpl>",
            "1:16: <location> has no attribute 'merge' (it has: clear, priority, url)"),
        Wrong(
            "<cpl><incoming><reject status=\"200\"/></incoming></cpl>",
            "1:16: status of <reject> is busy, notfound, reject, error or a number from 400 to 699, here it is \"200\""),
        Wrong(
            "<cpl><incoming><reject status=\"busy\" reason=\"a&#10;b\"/></incoming></cpl>",
            "1:16: reason of <reject> is one line of text"),
        Wrong(
            "<cpl><incoming><address-switch field=\"origin\"><address contains=\"a\"/></address-switch></incoming></cpl>",
            "1:47: contains= compares only the subfield display"),
        Wrong(
            "<cpl><incoming><string-switch field=\"from\"/></incoming></cpl>",
            "1:16: field of <string-switch> is one of subject, organization, user-agent, display, here it is \"from\""),
        Wrong(
            "<cpl><incoming><priority-switch><priority less=\"urgent\" equal=\"normal\"/></priority-switch></incoming></cpl>",
            "1:33: <priority> has exactly one of less=, greater=, equal="),
        Wrong(
            "<cpl><incoming><language-switch><otherwise/><language matches=\"es\"/></language-switch></incoming></cpl>",
            "1:45: <otherwise> is the last output of a switch: this one would never be taken"),
        Wrong(
            "<cpl><incoming><time-switch><time dtstart=\"9\" dtend=\"5\"/></time-switch></incoming></cpl>",
            "1:29: dtstart of <time> is a date and a time such as 20060102T090000, here it is \"9\""),
        Wrong(
            "<cpl><incoming><time-switch><time dtstart=\"20060102T090000\" duration=\"PT1H\" freq=\"weekly\" byday=\"MO|TU\"/></time-switch></incoming></cpl>",
            "1:29: byday of <time> is a list such as MO,TU,WE or 1SU,-1FR, parted by commas, here it is \"MO|TU\""),
        Wrong("<!DOCTYPE cpl [<!ENTITY a \"b\">]><cpl/>", "1:27: entities may not be declared in a script"),
    ]

    @Test("that is wrong is refused with the place and the reason", arguments: Self.wrong)
    func refuses(_ wrong: Wrong) {
        do {
            _ = try Self.read(wrong.text)
            Issue.record("was taken: \(wrong.text)")
        } catch {
            #expect("\(error)" == wrong.error)
        }
    }

    @Test("may be empty, and may have a namespace")
    func accepts() throws {
        #expect(try !Self.read("<cpl/>").hasIncoming)
        let script = try Self.read("<cpl xmlns=\"urn:ietf:params:xml:ns:cpl\"><incoming/></cpl>")
        #expect(script.hasIncoming && script.incoming == nil)
    }

    @Test("is bounded in bytes, depth and elements")
    func bounds() {
        let deep = String(repeating: "<location url=\"sip:a@b\">", count: 200)
        let wide = "<cpl>" + (0..<6_000).map { "<subaction id=\"\($0)\"/>" }.joined() + "</cpl>"
        for text in ["<cpl><incoming>" + deep, wide, String(repeating: " ", count: 70_000)] {
            #expect(throws: CPLError.self) { try Self.read(text) }
        }
    }

    @Test(
        "of the documents: the corrected ones are taken, the printed ones are refused at a place",
        .enabled(if: CPLDocuments.isThere, "the documents' scripts are absent"))
    func documents() throws {
        let corrected = CPLDocuments.names("corrected")
        #expect(corrected.count == 7)
        for name in corrected { _ = try CPLReader.read(CPLDocuments.bytes("corrected/\(name)")) }
        let printed = CPLDocuments.names()
        #expect(printed.count == 7)
        for name in printed {
            do {
                _ = try CPLReader.read(CPLDocuments.bytes(name))
                Issue.record("\(name) was taken")
            } catch let error as CPLError {
                #expect(error.line > 0, "\(name): \(error)")
            }
        }
    }
}
