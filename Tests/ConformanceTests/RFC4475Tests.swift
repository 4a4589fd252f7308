import SIPKit
import SIPKitProperties
import Testing

/// What RFC 4475 asks of the library for each of its messages: read, or refuse and why. What a server answers to those
/// that are read (401, 416 for a service, 501 for an unknown method …) is the server's and is tested there.
@Suite("RFC 4475 torture messages", .enabled(if: Corpus.isPresent, "shared corpus absent"))
struct RFC4475Tests {
    /// All 49 of the RFC; a corpus may hold some of them.
    static let table: [(String, Reading)] = [
        // 3.1.1 valid
        ("wsinv", .reads), ("intmeth", .reads), ("esc01", .reads), ("escnull", .reads), ("esc02", .reads),
        ("lwsdisp", .reads), ("longreq", .reads), ("dblreq", .reads), ("semiuri", .reads), ("transports", .reads),
        ("mpart01", .reads), ("unreason", .reads), ("noreason", .reads),
        // 3.1.2 invalid
        ("badinv01", .refuses(400, .malformed, "Via")), ("clerr", .refuses(400, .tooShort, "Content-Length")),
        ("ncl", .refuses(400, .malformed, "Content-Length")), ("scalar02", .refuses(400, .outOfRange, "CSeq")),
        ("scalarlg", .refuses(400, .outOfRange, "CSeq")), ("quotbal", .refuses(400, .malformed, "To")),
        ("ltgtruri", .refuses(400, .malformed, "Request-URI")), ("lwsruri", .refuses(400, .malformed, "Request-URI")),
        ("lwsstart", .refuses(400, .malformed, "Request-URI")), ("trws", .refuses(400, .malformed, "Request-Line")),
        ("escruri", .refuses(400, .malformed, "Request-URI")),
        // A Date in a zone that SIP does not know matters to nobody who routes.
        ("baddate", .reads), ("regbadct", .refuses(400, .malformed, "Contact")),
        // Blanks inside the brackets are passed over, as the RFC lets us.
        ("badaspec", .reads), ("baddn", .refuses(400, .malformed, "From")),
        ("badvers", .refuses(505, .unsupported, "SIP-Version")), ("mismatch01", .refuses(400, .mismatch, "CSeq")),
        ("mismatch02", .refuses(501, .mismatch, "CSeq")), ("bigcode", .notSIP),
        // 3.2 transactions: no cookie worth the name, so RFC 2543's matching.
        ("badbranch", .reads),
        // 3.3 application
        ("insuf", .refuses(400, .missing, "From")), ("unkscm", .refuses(416, .unsupported, "Request-URI")),
        ("novelsc", .refuses(416, .unsupported, "Request-URI")), ("unksm2", .reads),
        ("bext01", .refuses(420, .unsupported, "Proxy-Require")), ("invut", .reads), ("regaut01", .reads),
        ("multi01", .refuses(400, .duplicate, "CSeq")), ("mcl01", .refuses(400, .duplicate, "Content-Length")),
        ("bcast", .reads), ("zeromf", .reads), ("cparam01", .reads), ("cparam02", .reads), ("regescrt", .reads),
        ("sdp01", .reads), ("inv2543", .reads),
    ]

    @Test("are each read or refused as the table says, and the table has every file")
    func readings() { compare(Self.table, with: "rfc4475", extension: ".dat") }

    private func message(_ name: String) throws -> SIPMessage {
        try SIPMessage(parsing: try #require(Corpus.bytes("rfc4475/\(name).dat")))
    }

    @Test("wsinv: blanks and folds everywhere, compact names, escaped quotes")
    func wsinv() throws {
        let message = try self.message("wsinv")
        #expect(message.method == .invite)
        #expect(try message.cSeq().number == 9)
        #expect(message.text(try message.to().uri) == "sip:vivekg@chair-dnrc.example.com")
        #expect(message.text(try message.to().tag) == "1918181833n")
        #expect(
            try message.vias().map { message.text($0.host) } == ["192.0.2.2", "spindle.example.com", "192.168.255.111"])
        #expect(try message.maxForwards()?.hops == 68)
        #expect(
            QuotedString.unescape(message.bytes.span, try message.from().displayName)
                == Array(#"J Rosenberg \""#.utf8))
    }

    @Test("esc01: escapes in a user part are the user's")
    func escapes() throws {
        let message = try self.message("esc01")
        let uri = try SIPURI(parsing: message.bytes.span, message.requestURI)
        #expect(uri.userText == "sips%3Auser%40example.com")
        #expect(uri.hostText == "example.net")
        let from = try SIPURI(parsing: message.bytes.span, try message.from().uri)
        #expect(String(decoding: SIPURI.unescape(from.user ?? []), as: UTF8.self) == "I have spaces")
    }

    @Test("esc02: a percent sign in a method or a header name is itself")
    func noEscapes() throws {
        let message = try self.message("esc02")
        #expect(message.method == .other)
        #expect(message.methodText == "RE%47IST%45R")
        #expect(message.index.slots.contains { message.text($0.name) == "C%6Fntact" && $0.id == .other })
        #expect(message.values(.contact).count == 2)
    }

    @Test("semiuri: a semicolon before the at sign is the user's")
    func semicolon() throws {
        let message = try self.message("semiuri")
        let uri = try SIPURI(parsing: message.bytes.span, message.requestURI)
        #expect(String(decoding: SIPURI.unescape(uri.user ?? []), as: UTF8.self) == "user;par=u@example.net")
        #expect(uri.parameters.isEmpty)
    }

    @Test("mpart01: the body is as long as Content-Length says, octets of zero included")
    func multipart() throws {
        let message = try self.message("mpart01")
        #expect(try message.index.contentLength(message.bytes.span) == message.body.count)
        #expect(message[message.body].contains(0))
    }

    @Test("longreq: nothing is cut")
    func long() throws {
        let message = try self.message("longreq")
        #expect(try message.vias().count == 34)
        let tag = try message.from().tag
        #expect(tag.count > 60)
        #expect(message.index.defect == nil)
    }

    @Test("cparam01: a parameter behind a bare URI is the Contact's")
    func contactParameter() throws {
        let message = try self.message("cparam01")
        let contact = try message.address(.contact)
        #expect(message.text(contact.uri) == "sip:+19725552222@gw1.example.net")
        #expect(contact.parameter("unknownparam", in: message.bytes.span) != nil)
    }
}
