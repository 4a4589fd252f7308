import SIPKit
import SIPKitProperties
import Testing

/// Three parsers have voted on whole messages (libosip2, sofia-sip, libre). Where all three agree, so do we, or the
/// reason stands here.
@Suite("Agreement with three other parsers", .enabled(if: Corpus.isPresent, "shared corpus absent"))
struct ParserVoteTests {
    static let exceptions: [String: String] = [
        "rfc4475/mismatch02.dat": "the RFC asks for 501",
        "rfc4475/unkscm.dat": "the RFC asks for 416",
        "rfc5118/mult-ip-in-sdp.archive": "Content-Length is more than the body: counted on other line ends",
        "rfc5407/3.1.4/F4.sip": "shortened in the RFC: no Call-ID",
        "rfc5407/3.1.4/F8.sip": "shortened in the RFC: no From",
        "rfc5407/3.3.2/F10.sip": "shortened in the RFC: no From",
        "jsip-torture/014.xml": "blanks inside the brackets of a Contact are passed over, as RFC 4475 §3.1.2.14 allows",
        "kamailio-misc/bad_uri.sip": "no Via",
        "kamailio-misc/long.sip": "Content-Length is more than the body",
        "kamailio-misc/nmr.sip": "Content-Length is more than the body",
        "kamailio-misc/short_reply.sip": "no From",
        "sofia-sip/sip/tests/test2.txt": "Proxy-Require names what nobody supports: 420",
        "pjsip-seeds/fuzz-sip/fuzz-sip_seed_corpus/input.1.sip": "the To stands inside the From line",
    ]

    @Test("holds, but for the written exceptions")
    func agreement() throws {
        var agreed = 0
        for row in Corpus.table("parser-votes.tsv") where row.count >= 4 {
            let votes = Set(row[1...3])
            guard votes.count == 1, let bytes = Self.message(row[0]) else { continue }
            let isAccepted = Reading(bytes) == .reads
            if Self.exceptions[row[0]] != nil {
                #expect(isAccepted != (votes == ["A"]), "\(row[0]) is an exception no longer")
            } else {
                agreed += 1
                #expect(isAccepted == (votes == ["A"]), "\(row[0]) \(Reading(bytes))")
            }
        }
        #expect(agreed > 300)
    }

    /// A file's message; those of jsip-torture stand inside XML.
    static func message(_ path: String) -> [UInt8]? {
        path.hasSuffix(".xml") ? JSIPCase(path).message : Corpus.bytes(path)
    }
}

/// One case of the JAIN-SIP torture set: a message, a header or a URL, and whether an exception is expected.
struct JSIPCase {
    let message: [UInt8]?
    let header: String?
    let url: String?
    let expectsException: Bool

    init(_ path: String) {
        let text = Corpus.text(path)
        func section(_ name: String) -> String? {
            guard let begin = text.range("<\(name)>"), let open = text[begin...].range("<![CDATA["),
                let close = text[open...].rangeStart("]]>")
            else { return nil }
            return String(text[open..<close])
        }
        self.message = section("message").map { text in
            Array(text.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\r\n").utf8)
        }
        self.header = section("sip-header")
        self.url = section("sip-url")
        self.expectsException = text.range("<expect-exception-callback") != nil
    }
}

extension StringProtocol {
    /// Behind the first place of `needle`.
    fileprivate func range(_ needle: String) -> Index? {
        self.rangeStart(needle).map { self.index($0, offsetBy: needle.count) }
    }
    fileprivate func rangeStart(_ needle: String) -> Index? {
        var at = self.startIndex
        while at < self.endIndex {
            if self[at...].hasPrefix(needle) { return at }
            at = self.index(after: at)
        }
        return nil
    }
}
