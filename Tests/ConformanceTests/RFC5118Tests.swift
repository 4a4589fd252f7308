import SIPKit
import SIPKitProperties
import Testing

@Suite("RFC 5118 messages with IPv6 addresses", .enabled(if: Corpus.isPresent, "shared corpus absent"))
struct RFC5118Tests {
    /// The archive's form counts Content-Length without the carriage returns that it lacks itself, or loses its last
    /// line end; with a body that is a message cut short.
    static let table: [(String, Reading)] = [
        ("ipv6-good.wire", .reads), ("ipv6-good.archive", .reads),
        ("ipv6-bad.wire", .refuses(400, .malformed, "Request-URI")),
        ("ipv6-bad.archive", .refuses(400, .malformed, "Request-URI")),
        ("port-ambiguous.wire", .reads), ("port-ambiguous.archive", .reads),
        ("port-unambiguous.wire", .reads), ("port-unambiguous.archive", .reads),
        ("via-received-param-with-delim.wire", .reads), ("via-received-param-with-delim.archive", .reads),
        ("via-received-param-no-delim.wire", .reads), ("via-received-param-no-delim.archive", .reads),
        ("ipv6-in-sdp.wire", .reads), ("ipv6-in-sdp.archive", .refuses(400, .tooShort, "Content-Length")),
        ("mult-ip-in-header.wire", .reads), ("mult-ip-in-header.archive", .reads),
        ("mult-ip-in-sdp.wire", .reads), ("mult-ip-in-sdp.archive", .refuses(400, .tooShort, "Content-Length")),
        ("ipv4-mapped-ipv6.wire", .reads), ("ipv4-mapped-ipv6.archive", .refuses(400, .tooShort, "Content-Length")),
        ("ipv6-bug-abnf-3-colons.wire", .reads), ("ipv6-bug-abnf-3-colons.archive", .reads),
    ]

    @Test("are each read or refused as the table says, and the table has every file")
    func readings() { compare(Self.table, with: "rfc5118") }

    @Test("three colons are read as two (§4.10)")
    func threeColons() throws {
        let message = try SIPMessage(parsing: try #require(Corpus.bytes("rfc5118/ipv6-bug-abnf-3-colons.wire")))
        let uri = try SIPURI(parsing: message.bytes.span, message.requestURI)
        #expect(uri.address == IPAddress("2001:db8::192.0.2.1"))
    }

    @Test("a port is a port only behind the bracket (§4.3)")
    func ambiguous() throws {
        let message = try SIPMessage(parsing: try #require(Corpus.bytes("rfc5118/port-ambiguous.wire")))
        let uri = try SIPURI(parsing: message.bytes.span, message.requestURI)
        #expect(uri.port == nil)
        #expect(uri.address == IPAddress("2001:db8::10:5070"))
    }
}
