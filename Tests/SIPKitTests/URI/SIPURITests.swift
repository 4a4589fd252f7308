import SIPKit
import Testing

@Suite("A SIP URI as a value")
struct SIPURITests {
    @Test(
        "is written as it was read",
        arguments: [
            "sip:alice@atlanta.com", "sips:alice:secret@atlanta.com;transport=tcp", "sip:a:@b", "sip:@b",
            "sip:+1-212-555-1212:1234@gateway.com;user=phone", "sip:[2001:db8::1]:5070;lr",
            "sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com", "sip:a%20b@c;x=;y;z=%41?h=1&h=2",
            "sip:user;par=u%40example.net@example.com",
        ])
    func roundTrip(text: String) throws {
        let uri = try SIPURI(parsing: text)
        #expect(uri.description == text)
        #expect(try SIPURI(parsing: uri.description) == uri)
    }

    @Test("of another scheme is not supported here", arguments: ["tel:+4930", "urn:service:sos", "http://x"])
    func scheme(text: String) { #expect(throws: ParseError(.unsupported, "URI")) { try SIPURI(parsing: text) } }

    @Test("sets, replaces and removes parameters, their names in either case")
    func parameters() throws {
        var uri = try SIPURI(parsing: "sip:a@b;Transport=udp;lr")
        uri.setParameter("transport", "tcp")
        uri.setParameter("ob", nil)
        uri.removeParameter("LR")
        #expect(uri.description == "sip:a@b;transport=tcp;ob")
        #expect(uri.transport == .tcp)
        #expect(uri.parameter("OB") == [])
        #expect(uri.parameter("lr") == nil)
    }

    @Test("knows the address behind its host")
    func address() throws {
        #expect(try SIPURI(parsing: "sip:[::1]").address == .loopbackV6)
        #expect(try SIPURI(parsing: "sip:127.0.0.1").address == .loopbackV4)
        #expect(try SIPURI(parsing: "sip:localhost").address == nil)
    }

    @Test("has one address-of-record whatever its spelling (§10.3)")
    func addressOfRecord() throws {
        let key = try SIPURI(parsing: "sip:alice@example.com").addressOfRecord
        for text in ["sip:%61lice@EXAMPLE.com:5070;transport=tcp", "sips:alice:pw@Example.Com?x=y"] {
            #expect(try SIPURI(parsing: text).addressOfRecord == key)
        }
        #expect(try SIPURI(parsing: "sip:Alice@example.com").addressOfRecord != key, "users differ by case")
    }
}
