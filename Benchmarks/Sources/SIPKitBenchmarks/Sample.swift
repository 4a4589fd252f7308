/// What is measured: an INVITE of 763 bytes with a session description, as a proxy gets it from another.
enum Sample {
    static let invite: [UInt8] = {
        let body = [
            "v=0", "o=alice 2890844526 2890844526 IN IP4 pc33.atlanta.example.com", "s=-", "c=IN IP4 192.0.2.101",
            "t=0 0",
            "m=audio 49172 RTP/AVP 0 8 101", "a=rtpmap:0 PCMU/8000", "a=sendrecv",
        ].map { $0 + "\r\n" }.joined()
        var head = [
            "INVITE sip:bob@biloxi.example.com:5060 SIP/2.0",
            "Via: SIP/2.0/UDP proxy.atlanta.example.com:5060;branch=z9hG4bK2d4790.1;rport",
            "Via: SIP/2.0/UDP pc33.atlanta.example.com:5060;branch=z9hG4bKnashds8;received=192.0.2.101",
            "Max-Forwards: 69",
            "Record-Route: <sip:proxy.atlanta.example.com;lr>", "To: Bob <sip:bob@biloxi.example.com>",
            "From: Alice <sip:alice@atlanta.example.com>;tag=1928301774",
            "Call-ID: a84b4c76e66710@pc33.atlanta.example.com",
            "CSeq: 314159 INVITE", "Contact: <sip:alice@pc33.atlanta.example.com>", "Content-Type: application/sdp",
            "Content-Length: \(body.utf8.count)",
        ].map { $0 + "\r\n" }.joined()
        let filler = 763 - head.utf8.count - 2 - body.utf8.count - "User-Agent: \r\n".utf8.count
        precondition(filler > 0, "the sample is too long already")
        head += "User-Agent: " + String(repeating: "x", count: filler) + "\r\n"
        return Array((head + "\r\n" + body).utf8)
    }()
}
