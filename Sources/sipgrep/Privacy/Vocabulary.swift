/// Words of the protocols, which are no names of people even where they stand in a name's place.
enum Vocabulary {
    static func isKnown(_ word: [UInt8]) -> Bool {
        // A number of up to three digits is a code, a port or a count more often than a person.
        if word.count <= 3, word.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) { return true }
        return Self.words.contains(word)
    }

    private static let words: Set<[UInt8]> = Set(
        [
            "sip", "sips", "tel", "udp", "tcp", "tls", "ws", "wss", "sctp", "2.0", "sip/2.0", "invite", "ack", "bye",
            "cancel", "register", "options", "subscribe", "notify", "publish", "message", "info", "refer", "update",
            "prack", "tag", "branch", "rport", "received", "lr", "transport", "maddr", "ttl", "user", "phone", "method",
            "expires", "q", "digest", "basic", "realm", "nonce", "qop", "auth", "auth-int", "algorithm", "md5",
            "sha-256",
            "username", "uri", "response", "cnonce", "nc", "opaque", "stale", "true", "false", "application", "sdp",
            "text",
            "plain", "xml", "active", "terminated", "pending", "anonymous", "anonymous.invalid", "unavailable", "ok",
            "trying", "ringing", "in", "ip4", "ip6", "audio", "video", "rtp", "avp", "savp", "savpf", "sendrecv",
            "sendonly",
            "recvonly", "inactive", "rtpmap", "fmtp", "ptime", "pcmu", "pcma", "opus", "telephone-event", "id", "none",
            "outbound", "path", "gruu", "replaces", "timer", "100rel", "uac", "uas", "refresher", "localhost",
        ].map { Array($0.utf8) })
}
