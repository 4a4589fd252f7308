/// Messages that several tests read; as on the wire.
enum Sample {
    static let invite = """
        INVITE sip:bob@biloxi.example.com SIP/2.0\r
        Via: SIP/2.0/UDP pc33.atlanta.example.com;branch=z9hG4bK776asdhds\r
        Max-Forwards: 70\r
        To: Bob <sip:bob@biloxi.example.com>\r
        From: Alice <sip:alice@atlanta.example.com>;tag=1928301774\r
        Call-ID: a84b4c76e66710@pc33.atlanta.example.com\r
        CSeq: 314159 INVITE\r
        Contact: <sip:alice@pc33.atlanta.example.com>\r
        Content-Type: application/sdp\r
        Content-Length: 4\r
        \r
        v=0\n
        """

    static let ringing = """
        SIP/2.0 180 Ringing\r
        Via: SIP/2.0/UDP a;branch=z9hG4bK1, SIP/2.0/TCP b\r
        v: SIP/2.0/TLS c\r
        f: <sip:a@b>;tag=1\r
        t: <sip:c@d>;tag=2\r
        i: 1@x\r
        CSeq: 1 INVITE\r
        l: 0\r
        \r

        """
}
