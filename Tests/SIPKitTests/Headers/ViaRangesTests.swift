import SIPKit
import Testing

@Suite("Via values (RFC 3261 §20.42, RFC 3581)")
struct ViaRangesTests {
    private func all(_ text: String) throws -> [String] {
        let bytes = Array(text.utf8)
        var cursor = ByteCursor(bytes.span)
        var found: [String] = []
        while !cursor.isAtEnd {
            let via = try ViaRanges(parsing: &cursor)
            func show(_ range: ByteRange) -> String { bytes.span.string(range) }
            found.append(
                "\(via.transport.map { "\($0)" } ?? "?\(show(via.transportName))") \(show(via.host)) \(via.port.map(String.init) ?? "-") "
                    + "\(show(via.branch)) \(show(via.received)) \(via.hasRport ? "rport[\(show(via.rport))]" : "-") \(show(via.maddr))"
                    + (via.hasMagicCookie(in: bytes.span) ? " cookie" : ""))
        }
        return found
    }

    @Test(
        "are read",
        arguments: [
            (
                "SIP/2.0/UDP pc33.atlanta.com:5066;branch=z9hG4bK776asdhds",
                ["udp pc33.atlanta.com 5066 z9hG4bK776asdhds  -  cookie"]
            ),
            (
                "SIP/2.0/TCP [2001:db8::1];received=2001:db8::2;rport;branch=x",
                ["tcp [2001:db8::1] - x 2001:db8::2 rport[] "]
            ),
            ("SIP/2.0/UDP a;rport=5070;maddr=m,SIP/2.0/TLS b", ["udp a -   rport[5070] m", "tls b -   - "]),
            ("SIP  / 2.0\r\n /UDP\r\n    192.0.2.2 : 99;branch=390skdjuw", ["udp 192.0.2.2 99 390skdjuw  - "]),
            (
                "SIP  / 2.0  / TCP     spindle.example.com   ;\r\n branch  =   z9hG4bK9ikj8  , SIP  /    2.0   / UDP  192.168.255.111   ; branch=\r\n z9hG4bK30239",
                ["tcp spindle.example.com - z9hG4bK9ikj8  -  cookie", "udp 192.168.255.111 - z9hG4bK30239  -  cookie"]
            ),
            ("SIP/2.0/UNKNOWN t1.example.com;branch=z9hG4bK", ["?UNKNOWN t1.example.com - z9hG4bK  - "]),
            (
                "SIP/2.0/udp a (a comment, with a comma), SIP/2.0/ws b;Branch=Z9HG4BKx",
                ["udp a -   - ", "ws b - Z9HG4BKx  -  cookie"]
            ),
        ])
    func read(text: String, wanted: [String]) throws { #expect(try self.all(text) == wanted) }

    @Test(
        "are refused",
        arguments: [
            "SIP/2.0/UDP", "SIP/2.0 a", "SIP/2.0/ a", "/2.0/UDP a", "SIP/2.0/UDP a:", "SIP/2.0/UDP a:65536",
            "SIP/2.0/UDP a:x",
            "SIP/2.0/UDP [::1", "SIP/2.0/UDP ;branch=1", "SIP/2.0/UDP a b", "SIP/2.0/UDP a;=",
            "SIP/2.0/UDP a;branch=\"x", " ",
        ])
    func refused(text: String) { #expect(throws: ParseError.self) { try self.all(text) } }

    @Test("tell where rport stands, from its semicolon on")
    func places() throws {
        let text = "SIP/2.0/UDP a:1;rport;branch=x"
        let bytes = Array(text.utf8)
        var cursor = ByteCursor(bytes.span)
        let via = try ViaRanges(parsing: &cursor)
        #expect(bytes.span.string(via.rportWhole) == ";rport")
        #expect(bytes.span.string(via.hostPort) == "a:1")
        #expect(bytes.span.string(via.whole) == text)
    }
}
