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
            guard votes.count == 1, let bytes = Corpus.message(row[0]) else { continue }
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
}
