import SIPKit
import Testing

@Suite("A socket address")
struct SocketAddressTests {
    @Test(
        "is read from address and port",
        arguments: [
            ("192.0.2.1:5060", "192.0.2.1:5060"), ("[2001:db8::1]:5061", "[2001:db8::1]:5061"),
            ("192.0.2.1", "192.0.2.1:5060"),
            ("[::1]", "[::1]:5060"), ("::1", "[::1]:5060"),
        ])
    func reads(text: String, written: String) {
        #expect(SocketAddress(text, defaultPort: 5060)?.description == written)
    }

    @Test(
        "is not read from anything else",
        arguments: [
            "", ":", "192.0.2.1:", "192.0.2.1:65536", "192.0.2.1:-1", "[::1]:", "[::1]x", "example.com:5060",
            "[::1:5060",
        ])
    func refuses(text: String) { #expect(SocketAddress(text, defaultPort: 5060) == nil) }

    @Test("needs a port where there is no default") func port() { #expect(SocketAddress("192.0.2.1") == nil) }
}
