import SIPKit
import Testing

@Suite("URI comparison (RFC 3261 §19.1.4)")
struct URIComparisonTests {
    @Test(
        "finds these equal",
        arguments: [
            ("sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtlanTa.CoM;Transport=tcp"),
            ("sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5"),
            ("sip:carol@chicago.com", "sip:carol@chicago.com;security=on"),
            ("sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on"),
            (
                "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
                "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com"
            ),
            (
                "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
                "sip:alice@atlanta.com?priority=urgent&subject=project%20x"
            ),
            ("sip:a@b?Subject=x", "sip:a@b?subject=x"),
            ("sip:a@[2001:db8::1]", "sip:a@[2001:DB8:0:0:0:0:0:1]"),
            ("sip:a%3bb@c", "sip:a%3Bb@c"),
        ])
    func equal(left: String, right: String) throws {
        let (left, right) = (try SIPURI(parsing: left), try SIPURI(parsing: right))
        #expect(left.isEquivalent(to: right))
        #expect(right.isEquivalent(to: left))
    }

    @Test(
        "finds these different",
        arguments: [
            ("SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP"),
            ("sip:bob@biloxi.com", "sip:bob@biloxi.com:5060"),
            ("sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp"),
            ("sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp"),
            ("sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting"),
            ("sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4"),
            ("sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off"),
            ("sip:a@b", "sips:a@b"), ("sip:a@b", "sip:b"), ("sip:a@b", "sip:a:pw@b"),
            ("sip:a@b", "sip:a@b;maddr=192.0.2.1"),
            ("sip:a@b", "sip:a@b;ttl=1"), ("sip:a@b", "sip:a@b;user=phone"), ("sip:a@b", "sip:a@b;method=INVITE"),
            ("sip:a@[2001:db8::1]", "sip:a@[2001:db8::2]"), ("sip:a%3Bb@c", "sip:a;b@c"),
            ("sip:a@b?x=1", "sip:a@b?x=2"),
        ])
    func different(left: String, right: String) throws {
        let (left, right) = (try SIPURI(parsing: left), try SIPURI(parsing: right))
        #expect(!left.isEquivalent(to: right))
        #expect(!right.isEquivalent(to: left))
    }

    @Test("undoes escapes and leaves a percent sign that escapes nothing")
    func unescape() {
        func undone(_ text: String) -> String { String(decoding: SIPURI.unescape(Array(text.utf8)), as: UTF8.self) }
        #expect(undone("sips%3Auser%40example.com") == "sips:user@example.com")
        #expect(undone("%75se%72%") == "user%")
        #expect(undone("%4") == "%4")
        #expect(undone("%zz%41") == "%zzA")
    }
}
