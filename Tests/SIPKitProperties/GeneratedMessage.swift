import SIPKit

/// Messages that nobody wrote: random parts in random order, odd blanks, folds and compact names, each with its seed.
public struct GeneratedMessage {
    private var random: SplitMix64

    public init(seed: UInt64) { self.random = SplitMix64(seed: seed) }

    public mutating func bytes() -> [UInt8] {
        var lines = [
            "\(self.pick(["Via", "v", "VIA"]))\(self.colon())SIP/2.0/\(self.pick(["UDP", "TCP", "TLS", "WS", "X"])) \(self.host())"
                + self.parameters(["branch=z9hG4bK\(self.word())", "rport", "received=\(self.address())", "ttl=1"]),
            "\(self.pick(["From", "f"]))\(self.colon())\(self.nameAddress())" + self.parameters(["tag=\(self.word())"]),
            "\(self.pick(["To", "t"]))\(self.colon())\(self.nameAddress())" + self.parameters(["tag=\(self.word())"]),
            "\(self.pick(["Call-ID", "i"]))\(self.colon())\(self.word())@\(self.host())",
        ]
        let extras = [
            "Contact\(self.colon())\(self.nameAddress())\(self.parameters(["expires=60", "q=0.5", "+sip.instance=\"<urn:x>\""]))",
            "Max-Forwards\(self.colon())\(self.number(255))", "Route: \(self.nameAddress()), \(self.nameAddress())",
            "Allow\(self.colon())INVITE,\(self.blank())ACK", "Supported:",
            "X-\(self.word()): \(self.word()) \(self.word())",
            "Warning: 399 \(self.host()) \"\(self.word()) \\\"\(self.word())\\\"\"",
            "Event: \(self.word());id=\(self.word())",
            "Reason: SIP;cause=\(self.number(699));text=\"\(self.word())\"", "Date: Sat, 13 Nov 2010 23:29:00 GMT",
            "User-Agent: \(self.word())/\(self.word()) (\(self.word()))",
            "Subject\(self.colon())\(self.word())\r\n \(self.word())",
            "Session-Expires: \(self.number(9_999));refresher=uac",
            "Timestamp: \(self.number(999)).\(self.number(999))",
        ]
        for extra in extras where self.random.next() & 3 == 0 { lines.append(extra) }
        lines.shuffle(using: &self.random)
        let method = self.pick(["INVITE", "ACK", "BYE", "REGISTER", "OPTIONS", "FROB.\(self.word())"])
        lines.append("CSeq\(self.colon())\(self.number(999_999)) \(method)")
        let body =
            self.random.next() & 1 == 0
            ? "" : "v=0\r\nc=IN IP4 192.0.2.1\r\nm=audio \(self.number(65_535)) RTP/AVP 0\r\n"
        if !body.isEmpty { lines.append("Content-Type: application/sdp") }
        lines.append("\(self.pick(["Content-Length", "l"]))\(self.colon())\(body.utf8.count)")
        let start =
            self.random.next() & 3 == 0
            ? "SIP/2.0 \(self.number(599) + 100) \(self.word())" : "\(method) \(self.uri()) SIP/2.0"
        return Array((start + "\r\n" + lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
    }

    private mutating func pick(_ choices: [String]) -> String {
        choices[Int(self.random.next() % UInt64(choices.count))]
    }
    private mutating func number(_ limit: UInt64) -> UInt64 { self.random.next() % (limit + 1) }
    private mutating func colon() -> String { self.pick([": ", ":", " : ", "\t:  ", ":\r\n "]) }
    private mutating func blank() -> String { self.pick(["", " ", "\t", "\r\n "]) }

    private mutating func word() -> String {
        let letters = Array("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!*'".utf8)
        let count = Int(self.random.next() % 12) + 1
        return String(
            decoding: (0..<count).map { _ in letters[Int(self.random.next() % UInt64(letters.count))] }, as: UTF8.self)
    }

    private mutating func address() -> String {
        self.random.next() & 1 == 0
            ? "192.0.2.\(self.number(255))" : IPAddress(v6: self.random.next(), self.random.next()).description
    }

    private mutating func host() -> String {
        let address = self.address()
        return self.pick(["example.com", "a.b-c.example", address.contains(":") ? "[\(address)]" : address])
            + self.pick(["", ":5060", ":\(self.number(65_535))"])
    }

    private mutating func uri() -> String {
        self.pick(["sip:", "sips:", "SIP:"]) + self.pick(["", "\(self.word())@", "%41\(self.word()):\(self.word())@"])
            + self.host()
            + self.pick(["", ";lr", ";transport=tcp;x", ";user=phone;\(self.word())=%3b"])
    }

    private mutating func nameAddress() -> String {
        self.pick(["", "\"\(self.word()) \\\\ \(self.word())\"", "Bob Q ", "\"\" "]) + self.blank() + "<\(self.uri())>"
    }

    private mutating func parameters(_ choices: [String]) -> String {
        choices.filter { _ in self.random.next() & 1 == 0 }.map { self.blank() + ";" + self.blank() + $0 }.joined()
    }
}
