import SIPKit
import SIPKitProperties
import Testing

@Suite("Shapes that have crashed or fooled others", .enabled(if: Corpus.isPresent, "shared corpus absent"))
struct CrashShapeTests {
    /// Those that are refused; all the others are read, and what is odd in them is for whoever reads that part.
    static let refused: [String: Reading] = [
        "cl-400-digits.sip": .refuses(400, .outOfRange, "Content-Length"),
        "cl-minus1.sip": .refuses(400, .malformed, "Content-Length"),
        "cl-two-different.sip": .refuses(400, .duplicate, "Content-Length"),
        "cseq-method-2k.sip": .refuses(400, .mismatch, "CSeq"),
        "double-to-empty-tag.sip": .refuses(400, .duplicate, "To"),
        // A control byte behind the From's tag.
        "log-inject.sip": .refuses(400, .malformed, "From"),
        // A port of 99999 in the Via.
        "rport-abuse.sip": .refuses(400, .malformed, "Via"),
    ]

    @Test("are read, or refused where the table says so")
    func readings() {
        for file in Corpus.files("known-crash-shapes") {
            guard let bytes = Corpus.bytes(file) else { continue }
            let name = String(file.dropFirst("known-crash-shapes/".count))
            // The corpus holds a sample: a shape of the same family that is not in it may be refused as well.
            let isListed = Corpus.table("known-crash-shapes/expected.tsv").contains { $0[0] == name }
            if isListed { #expect(Reading(bytes) == Self.refused[name] ?? .reads, "\(name)") }
        }
    }

    @Test("a name with a blank behind it is the header it names")
    func smuggling() throws {
        let message = try SIPMessage(
            parsing: try #require(Corpus.bytes("known-crash-shapes/hdr-name-space-smuggle.sip")))
        #expect(message.first(.pAssertedIdentity) != nil)
        #expect(message.first(named: "X-Bypass") != nil)
    }
}
