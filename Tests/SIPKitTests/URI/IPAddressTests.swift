import SIPKit
import Testing

@Suite("An IP address")
struct IPAddressTests {
    @Test(
        "is written as RFC 5952 says",
        arguments: [
            ("2001:0db8::0001", "2001:db8::1"), ("2001:db8:0:0:0:0:2:1", "2001:db8::2:1"),
            ("2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"), ("2001:0:0:1:0:0:0:1", "2001:0:0:1::1"),
            ("2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"), ("2001:DB8::AbCd", "2001:db8::abcd"), ("::", "::"),
            ("::1", "::1"), ("1::", "1::"), ("0:0:0:0:0:0:0:0", "::"), ("1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"),
            ("::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"), ("64:ff9b::192.0.2.33", "64:ff9b::c000:221"),
            ("::ffff:192.0.2.1", "::ffff:192.0.2.1"), ("::FFFF:c000:0201", "::ffff:192.0.2.1"),
            ("[2001:db8::9:1]", "2001:db8::9:1"), ("192.0.2.1", "192.0.2.1"), ("0.0.0.0", "0.0.0.0"),
            ("255.255.255.255", "255.255.255.255"),
        ])
    func text(written: String, canonical: String) throws {
        let address = try #require(IPAddress(written))
        #expect(address.description == canonical)
        #expect(IPAddress(canonical) == address, "what is written is read as the same address")
    }

    @Test(
        "is not read from anything else",
        arguments: [
            "", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.4 ", " 1.2.3.4", "1.2.3.", ".1.2.3", "1..2.3",
            "0001.2.3.4",
            "1.2.3.a", "+1.2.3.4", ":", ":1", "1:", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
            "1:2:3:4:5:6:7:8::", "12345::", "g::", "::1%eth0", "[::1", "::1]", "[1.2.3.4]", "[]", "::1.2.3",
            "::1.2.3.4.5",
            "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3.4:5", "fe80:::1", "2001:db8::::1.2.3.4",
            "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000",
        ])
    func refuses(text: String) { #expect(IPAddress(text) == nil) }

    @Test("with three colons before an embedded IPv4 address is read as with two (RFC 5118 §4.10)")
    func threeColons() {
        #expect(IPAddress("2001:db8:::192.0.2.1") == IPAddress("2001:db8::192.0.2.1"))
        #expect(IPAddress(":::192.0.2.1") == IPAddress("::192.0.2.1"))
    }

    @Test("knows its kind")
    func kinds() throws {
        func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }
        for text in [
            "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "169.254.1.1", "fd00::1",
            "fe80::1",
        ] {
            #expect(try address(text).isPrivate, "\(text)")
        }
        for text in ["172.15.0.1", "172.32.0.1", "192.0.2.1", "100.128.0.1", "11.0.0.1", "2001:db8::1", "fec0::1"] {
            #expect(try !address(text).isPrivate, "\(text)")
        }
        #expect(try address("224.0.0.1").isMulticast)
        #expect(try address("ff02::1").isMulticast)
        #expect(try !address("223.255.255.255").isMulticast)
        #expect(try address("255.255.255.255").isBroadcast)
        #expect(try address("127.8.8.8").isLoopback)
        #expect(try address("::1").isLoopback)
        #expect(try !address("::2").isLoopback)
        #expect(IPAddress.anyV4.isAny && IPAddress.anyV6.isAny)
        #expect(try address("::ffff:192.0.2.1").unmapped == address("192.0.2.1"))
        #expect(try address("::fffe:192.0.2.1").unmapped.family == .v6)
        #expect(try address("0.0.0.1") != address("::1"), "the family counts")
    }

    @Test(
        "is inside a network by its first bits",
        arguments: [
            ("192.0.2.77", "192.0.2.0", 24, true), ("192.0.3.77", "192.0.2.0", 24, false),
            ("192.0.3.77", "192.0.2.0", 23, true),
            ("8.8.8.8", "0.0.0.0", 0, true), ("1.2.3.4", "1.2.3.4", 32, true), ("1.2.3.5", "1.2.3.4", 32, false),
            ("1.2.3.4", "1.2.3.4", 99, true), ("2001:db8::1", "2001:db8::", 32, true),
            ("2001:db9::1", "2001:db8::", 32, false),
            ("2001:db8::1:0", "2001:db8::", 112, false), ("2001:db8::1", "2001:db8::", 112, true),
            ("::1", "::1", 128, true),
            ("::2", "::1", 128, false), ("::1", "0.0.0.0", 0, false), ("::1", "::", 0, true),
        ])
    func inside(text: String, network: String, length: Int, isInside: Bool) throws {
        let address = try #require(IPAddress(text))
        let net = try #require(IPAddress(network))
        #expect(address.isInside(net, prefixLength: length) == isInside)
    }

    @Test("written and read again is the same, for many addresses")
    func roundTrip() {
        var random = SplitMix64(seed: 5952)
        for _ in 0..<20_000 {
            // Groups of zeros are what the short form is about.
            var high: UInt64 = 0
            var low: UInt64 = 0
            for _ in 0..<4 {
                high = high << 16 | (random.next() & 3 == 0 ? random.next() & 0xFFFF : 0)
                low = low << 16 | (random.next() & 3 == 0 ? random.next() & 0xFFFF : 0)
            }
            let address = IPAddress(v6: high, low)
            #expect(IPAddress(address.description) == address)
        }
    }
}
