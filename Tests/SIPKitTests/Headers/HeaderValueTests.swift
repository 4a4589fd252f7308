import SIPKit
import Testing

/// Reads a value, writes it, reads what was written: both must be equal, and the writing must be stable.
@discardableResult
func roundTrip<Value: HeaderValue>(_ text: String, as type: Value.Type) throws -> Value {
    let value = try Value(parsing: text)
    let written = value.text
    #expect(try Value(parsing: written) == value, "\(written)")
    #expect(try Value(parsing: written).text == written)
    return value
}

func text(_ bytes: [UInt8]?) -> String? { bytes.map { String(decoding: $0, as: UTF8.self) } }

@Suite("Header values, read and written and read again")
struct HeaderValueTests {
    @Test(
        "Via",
        arguments: [
            ("SIP/2.0/UDP a:5060;branch=z9hG4bK1;rport", "SIP/2.0/UDP a:5060;branch=z9hG4bK1;rport"),
            (
                "SIP / 2.0 / TLS  [2001:db8::1] ; x = \"a b\" ; received = 192.0.2.1",
                "SIP/2.0/TLS [2001:db8::1];x=\"a b\";received=192.0.2.1"
            ),
            ("SIP/2.0/FROB h (comment)", "SIP/2.0/FROB h"),
        ])
    func via(text: String, written: String) throws { #expect(try roundTrip(text, as: Via.self).text == written) }

    @Test("Via: made new, and its received address with and without brackets")
    func newVia() throws {
        #expect(Via(.tcp, host: "h", port: 5070, branch: "z9hG4bKx").text == "SIP/2.0/TCP h:5070;branch=z9hG4bKx")
        for form in ["[2001:db8::2]", "2001:db8::2", "\"2001:db8::2\""] {
            #expect(try Via(parsing: "SIP/2.0/UDP h;received=\(form)").received == IPAddress("2001:db8::2"))
        }
    }

    @Test(
        "NameAddress",
        arguments: [
            ("sip:a@b;tag=1", "<sip:a@b>;tag=1"), ("Alice Q <sip:a@b;x=1>;y", "\"Alice Q\" <sip:a@b;x=1>;y"),
            ("\"J \\\"R\\\" \\\\\" <sip:a@b>", "\"J \\\"R\\\" \\\\\" <sip:a@b>"), ("*", "*"),
            ("\"\"<tel:+49>", "<tel:+49>"),
            ("\"folded\r\n name\" <sip:a@b>\r\n ;q=0.5", "\"folded name\" <sip:a@b>;q=0.5"),
        ])
    func nameAddress(text: String, written: String) throws {
        #expect(try roundTrip(text, as: NameAddress.self).text == written)
    }

    @Test(
        "NameAddress: a URI with blanks or line ends in it is refused",
        arguments: ["<sip:a b@c>", "<sip:a@b\r\n c>", "<sip:a@b\rX: y>"])
    func nameAddressRefused(text: String) {
        #expect(throws: ParseError(.malformed, "address")) { try NameAddress(parsing: text) }
    }

    @Test("Contact: expires, q, reg-id and +sip.instance")
    func contact() throws {
        let contact = try roundTrip(
            "<sip:1@[::1];ob>;q=0.75;expires=\"60\";reg-id=2;+sip.instance=\"<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>\"",
            as: NameAddress.self)
        #expect(contact.expires == 60)
        #expect(contact.preference?.thousandths == 750)
        #expect(contact.registrationID == 2)
        #expect(text(contact.instance) == "urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF")
        #expect(contact.isOutbound)
        let plain = try NameAddress(parsing: "<sip:a@b>;reg-id=0;q=2;+sip.instance=\"x\"")
        #expect(plain.registrationID == nil && plain.preference == nil && plain.instance == nil && !plain.isOutbound)
    }

    @Test("Token lists: Allow, Supported, Require")
    func tokenLists() throws {
        let allow = try roundTrip("INVITE, ACK ,,BYE,\r\n  CANCEL", as: TokenList.self)
        #expect(allow.text == "INVITE, ACK, BYE, CANCEL")
        #expect(allow.contains(method: .bye))
        #expect(!(try TokenList(parsing: "bye")).contains(method: .bye))
        #expect(try roundTrip("100rel, Timer", as: TokenList.self).contains("timer"))
        #expect(try roundTrip("", as: TokenList.self).tokens.isEmpty)
        for wrong in ["a b", "a;b", "\"a\"", "a, @"] {
            #expect(throws: ParseError(.malformed, "token list")) { try TokenList(parsing: wrong) }
        }
        let message = try SIPMessage(parsing: "OPTIONS sip:a SIP/2.0\r\nAllow: INVITE\r\nAllow: ACK, BYE\r\n\r\n")
        #expect(try message.tokens(.allow).tokens.count == 3)
    }

    @Test("Content-Type and Accept")
    func mediaTypes() throws {
        let type = try roundTrip("multipart/mixed ; boundary=\"a b\";x=y", as: MediaType.self)
        #expect(type.text == "multipart/mixed;boundary=\"a b\";x=y")
        #expect(text(type.boundary) == "a b")
        #expect(try roundTrip("Application / SDP", as: MediaType.self).matches("application", "sdp"))
        let accept = try SIPMessage(
            parsing: "OPTIONS sip:a SIP/2.0\r\nAccept: text/*;q=0.1, application/sdp\r\nAccept:\r\n\r\n"
        )
        .values(.accept, as: MediaType.self)
        #expect(accept.count == 2)
        #expect(accept[0].accepts(MediaType("text", "plain")))
        #expect(!accept[1].accepts(MediaType("text", "plain")))
        for wrong in ["", "text", "text/", "/plain", "text plain", "text/plain x"] {
            #expect(throws: ParseError(.malformed, "media type")) { try MediaType(parsing: wrong) }
        }
    }

    @Test("Content-Disposition")
    func disposition() throws {
        #expect(try roundTrip("session; handling=Optional", as: ContentDisposition.self).isOptional)
        #expect(try !roundTrip("session", as: ContentDisposition.self).isOptional)
        #expect(throws: ParseError(.malformed, "Content-Disposition")) { try ContentDisposition(parsing: ";x") }
    }

    @Test("Event and Subscription-State (RFC 6665)")
    func events() throws {
        let event = try roundTrip("presence.winfo ; id=4", as: Event.self)
        #expect(text(event.package) == "presence.winfo")
        #expect(event.isSame(as: Event("presence.winfo", id: "4")))
        #expect(!event.isSame(as: Event("presence.winfo")))
        let state = try roundTrip("Terminated;reason=timeout;retry-after=30;expires=x", as: SubscriptionState.self)
        #expect(state.isTerminated)
        #expect(state.retryAfter == 30)
        #expect(state.expires == nil)
        #expect(SubscriptionState("active", expires: 60).text == "active;expires=60")
        #expect(throws: ParseError(.malformed, "Event")) { try Event(parsing: "a b") }
        #expect(throws: ParseError(.malformed, "Subscription-State")) { try SubscriptionState(parsing: "") }
    }

    @Test("RSeq and RAck (RFC 3262)")
    func reliable() throws {
        #expect(try roundTrip(" 4294967295 ", as: RSeq.self).number == .max)
        let rAck = try roundTrip("776656  1 INVITE", as: RAck.self)
        #expect(rAck == RAck(776_656, 1, .invite))
        #expect(throws: ParseError(.outOfRange, "RSeq")) { try RSeq(parsing: "4294967296") }
        for wrong in ["1", "1 2", "1 INVITE", "1 2INVITE", "-1 2 INVITE", "1 2 INVITE x"] {
            #expect(throws: ParseError(.malformed, "RAck")) { try RAck(parsing: wrong) }
        }
    }

    @Test("Reason (RFC 3326)")
    func reason() throws {
        let reason = try roundTrip("Q.850 ;cause=16;text=\"Terminated, \\\"now\\\"\"", as: Reason.self)
        #expect(reason.cause == 16)
        #expect(text(reason.reasonText) == "Terminated, \"now\"")
        #expect(Reason("SIP", cause: 200, text: "OK").text == "SIP;cause=200;text=\"OK\"")
        #expect(try Reason(parsing: "SIP;cause=x").cause == nil)
        #expect(throws: ParseError.self) { try Reason(parsing: "SIP;text=\"x") }
    }

    @Test("Replaces, Join and Target-Dialog (RFC 3891, 3911, 4538)")
    func replaces() throws {
        let replaces = try roundTrip("12adf2f34456gs5@a;to-tag=1;from-tag=2;early-only", as: Replaces.self)
        #expect(replaces.isEarlyOnly)
        #expect(replaces.dialog == DialogID(callID: Array("12adf2f34456gs5@a".utf8), tags: ([0x32], [0x31])))
        #expect(try Replaces(parsing: "a;to-tag=1").dialog == nil)
        #expect(throws: ParseError(.duplicate, "Replaces")) { try Replaces(parsing: "a;to-tag=1;To-Tag=2;from-tag=3") }
        #expect(throws: ParseError(.malformed, "Replaces")) { try Replaces(parsing: ";to-tag=1") }
    }

    @Test("Session-Expires and Min-SE (RFC 4028)")
    func sessionTimer() throws {
        #expect(try roundTrip("1800;Refresher=UAC", as: SessionExpires.self).refresher == .uac)
        #expect(try SessionExpires(parsing: "90").refresher == nil)
        #expect(SessionExpires(90, refresher: .uas).text == "90;refresher=uas")
        #expect(try roundTrip("3600;x=y", as: MinSE.self).seconds == 3_600)
        #expect(throws: ParseError(.outOfRange, "Session-Expires")) { try SessionExpires(parsing: "99999999999") }
        #expect(throws: ParseError(.malformed, "Min-SE")) { try MinSE(parsing: "soon") }
    }

    @Test("Resource-Priority (RFC 4412)")
    func resourcePriority() throws {
        let message = try SIPMessage(parsing: "OPTIONS sip:a SIP/2.0\r\nResource-Priority: dsn.flash, wps.3\r\n\r\n")
        #expect(
            try message.values(.resourcePriority, as: ResourcePriority.self) == [
                .init("dsn", "flash"), .init("wps", "3"),
            ])
        try roundTrip("q735.0", as: ResourcePriority.self)
        for wrong in ["dsn", "dsn.", ".flash", "a.b.c", "a.b c"] {
            #expect(throws: ParseError(.malformed, "Resource-Priority")) { try ResourcePriority(parsing: wrong) }
        }
    }

    @Test("P- headers (RFC 7315)")
    func privateHeaders() throws {
        let access = try roundTrip(
            "3GPP-UTRAN-TDD; utran-cell-id-3gpp=\"23, 456\";network-provided", as: AccessNetworkInfo.self)
        #expect(access.isNetworkProvided)
        let vector = try roundTrip(
            "icid-value=\"AyretyU0dm+6O2IrT5tAFrbHLso=023551024\"; icid-generated-at=[::1];orig-ioi=home1.net",
            as: ChargingVector.self)
        #expect(text(vector.icid) == "AyretyU0dm+6O2IrT5tAFrbHLso=023551024")
        try roundTrip("ccf=192.1.1.1;ccf=192.1.1.2; ecf=192.1.1.3", as: ChargingVector.self)
        #expect(
            text(try roundTrip("\"Visited network number 1\";x", as: VisitedNetworkID.self).network)
                == "Visited network number 1")
        #expect(text(try roundTrip("other.net", as: VisitedNetworkID.self).network) == "other.net")
        for wrong in ["", "=x", "icid-value", "icid-value=", "icid-value=\"x"] {
            #expect(throws: ParseError.self) { try ChargingVector(parsing: wrong) }
        }
    }

    @Test("Identity, as data (RFC 8224)")
    func identity() throws {
        let identity = try roundTrip(
            "eyJhbGciOiJFUzI1NiJ9.eyJ4Ijo.c2lnbmF0-_;info=<https://a.example/b.pem>;alg=ES256;ppt=\"shaken\"",
            as: Identity.self)
        #expect(text(identity.info) == "https://a.example/b.pem")
        #expect(text(identity.algorithm) == "ES256")
        #expect(text(identity.extensionType) == "shaken")
        try roundTrip(
            "\"ZYNBbHC00VMZr2kZt6VmCvPonWJMGvQTBDqghoWeLxJfzB2a1pxAr3VgrB0SsSAaifsRdiOPoQZYOy2wrVghuhcsMbHWUSFxI6p6q5TOQXHMmz6uEo3svJsSH49thyGnFVcnyaZ++yRlBYYQTLqWzJ+KVhPKbfU/pryhVn9Yc6U=\"",
            as: Identity.self)
        #expect(throws: ParseError(.malformed, "Identity")) { try Identity(parsing: ";info=<x>") }
    }

    @Test("Diversion (RFC 5806) and History-Info (RFC 7044)")
    func diverted() throws {
        let diversion = try roundTrip(
            "Bob <sip:bob@b>;reason=\"user-busy\";counter=3;limit=5;privacy=full", as: Diversion.self)
        #expect(text(diversion.reason) == "user-busy")
        #expect(diversion.counter == 3)
        #expect(diversion.limit == 5)
        #expect(try Diversion(parsing: "<sip:a@b>").counter == 1)
        let entry = try roundTrip("<sip:bob@b?Reason=SIP%3Bcause%3D302>;index=1.2.1;mp=1.2", as: HistoryInfo.self)
        #expect(entry.index == [1, 2, 1])
        #expect(entry.target?.kind == .mapped)
        #expect(entry.target?.from == [1, 2])
        #expect(entry.reason?.cause == 302)
        #expect(throws: ParseError(.missing, "History-Info")) { try HistoryInfo(parsing: "<sip:a@b>") }
        #expect(throws: ParseError(.malformed, "History-Info")) { try HistoryInfo(parsing: "<sip:a@b>;index=1..2") }
        #expect(throws: ParseError(.malformed, "History-Info")) {
            try HistoryInfo(parsing: "<sip:a@b>;index=1" + String(repeating: ".1", count: 40))
        }
    }

    @Test("Retry-After and Timestamp")
    func times() throws {
        let retry = try roundTrip("18000 (in a (long) meeting\\)) ;duration=3600", as: RetryAfter.self)
        #expect(text(retry.comment) == "in a (long) meeting)")
        #expect(retry.duration == 3_600)
        let stamp = try roundTrip("54.30  .007", as: Timestamp.self)
        #expect(stamp == Timestamp("54.30", delay: ".007"))
        try roundTrip(String(repeating: "9", count: 400), as: Timestamp.self)
        for wrong in ["", ".", "-1", "1e5", "1.2.3", "1 .", "nan", "1 2 3"] {
            #expect(throws: ParseError(.malformed, "Timestamp")) { try Timestamp(parsing: wrong) }
        }
        for wrong in ["", "x", "1 (open", "1 x"] { #expect(throws: ParseError.self) { try RetryAfter(parsing: wrong) } }
    }

    @Test("User-Agent and Server, and comments however deep")
    func products() throws {
        let list = try roundTrip("Softphone/Beta1.5 (a (b) \\) c) Öffner@home lone/ x/y/z", as: ProductList.self)
        #expect(
            list.items == [
                .product(Array("Softphone".utf8), version: Array("Beta1.5".utf8)), .comment(Array("a (b) ) c".utf8)),
                .other(Array("Öffner@home".utf8)), .other(Array("lone/".utf8)), .other(Array("x/y/z".utf8)),
            ])
        #expect(try roundTrip("kamailio (5.6.3 (x86_64/linux))", as: ProductList.self).items.count == 2)
        try roundTrip(
            String(repeating: "(", count: 50_000) + String(repeating: ")", count: 50_000), as: ProductList.self)
        #expect(try ProductList(parsing: "(open").items == [.other(Array("(open".utf8))])
    }
}
