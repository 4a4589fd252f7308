import SIPKit
import Testing

@testable import sipsak

@Suite("Options are read whatever their order")
struct OptionReaderTests {
    func options(_ words: String...) throws -> SipsakOptions { try OptionReader.read(words).options }

    @Test("a typical test of a registrar")
    func registrar() throws {
        let options = try self.options(
            "-vvU", "-a", "secret", "-b1", "-e", "3", "-x", "60", "-s", "sip:bob@h:25060", "-z10")
        #expect(options.usrloc)
        #expect(options.verbosity == 2)
        #expect(options.password == "secret")
        #expect(options.begin == 1)
        #expect(options.end == 3)
        #expect(options.expires == 60)
        #expect(options.removalPercent == 10)
        #expect(options.uri == TargetURI(user: "bob", host: "h", port: 25060))
    }

    @Test("-C takes the original's words")
    func contact() throws {
        #expect(try self.options("-C", "none", "-s", "sip:h").contact == .none)
        #expect(try self.options("-C", "empty", "-s", "sip:h").contact == .none)
        #expect(try self.options("-C", "", "-s", "sip:h").contact == .none)
        #expect(try self.options("-C", "*", "-s", "sip:h").contact == .star)
        #expect(try self.options("-C", "star", "-s", "sip:h").contact == .star)
        #expect(try self.options("-C", "sip:x@y", "-s", "sip:h").contact == .given("sip:x@y"))
    }

    @Test("-g is one text, or a list with a separator of its own")
    func replacements() throws {
        #expect(try self.options("-g", "abc", "-s", "sip:h").replacement == [.init(name: "replace", value: "abc")])
        #expect(
            try self.options("-g", "!FTAG!345.af!TTAG!12!", "-s", "sip:h").replacement
                == [.init(name: "FTAG", value: "345.af"), .init(name: "TTAG", value: "12")])
    }

    @Test("a word is a target where -s is missing, and -s wins")
    func operand() throws {
        #expect(try self.options("sip:bob@example.org").uri == TargetURI(user: "bob", host: "example.org"))
        #expect(try self.options("example.org").uri == TargetURI(host: "example.org"))
        #expect(
            try self.options("udp:example.org:5070").uri == TargetURI(host: "example.org", port: 5070, transport: .udp))
        #expect(try self.options("other", "-s", "sip:h").uri == TargetURI(host: "h"))
        let secure = try self.options("wss://h:8443/sip").uri
        #expect(secure?.transport == .wss && secure?.path == "/sip" && secure?.hostPort == "h:8443")
        #expect(try self.options("tls:h:5071").uri?.text == "sip:h:5071;transport=tls")
        #expect(try self.options("sips:a@h").uri?.text == "sips:a@h")
        #expect(try self.options("sip:[::1]:5070").uri == TargetURI(host: "[::1]", port: 5070))
    }

    @Test("what the original warns of is warned of")
    func warnings() throws {
        #expect(
            try OptionReader.read(["-T", "-s", "sip:a@h"]).warnings
                == ["IP extract from warning activated to be more informational"])
        #expect(
            try OptionReader.read(["-S", "-B", "x", "-s", "sip:a@h"]).warnings == [
                "symmetric does not work with a-symmetric servers",
                "to send a message mode (-M) is required. activating",
            ])
        #expect(try OptionReader.read(["-B", "x", "-s", "sip:a@h"]).options.messages)
    }

    @Test(
        "bad input is one sentence",
        arguments: [
            (["-v"], "a SIP URI is needed at least"),
            (["-s", "127.0.0.1"], "missing scheme in SIP URI"),
            (["-s", "sip:bob@host:abc"], "port is not a number: 'abc' in 'sip:bob@host:abc' (-s)"),
            (["-s", "sip:bob@host:"], "port is not a number: '' in 'sip:bob@host:' (-s)"),
            (["-s", "sip:bob@host:99999"], "port out of range 1..65535: '99999' in 'sip:bob@host:99999' (-s)"),
            (["-s", "sip:bob@host:0"], "port out of range 1..65535: '0' in 'sip:bob@host:0' (-s)"),
            (["-s", "sip:bob@[::1"], "missing ']' in IPv6 address '[::1' (-s)"),
            (["-s", "sip:@host"], "empty user in 'sip:@host' (-s)"),
            (
                ["-s", "sip:a@h;transport=x"],
                "unsupported transport in 'sip:a@h;transport=x' (-s), supported values: udp, tcp, tls, ws, wss"
            ),
            (["-s", "http://h"], "unknown scheme in SIP URI: 'http://h' (-s)"),
            (["-l", "99999", "-s", "sip:h"], "port out of range 1..65535: '99999' (-l)"),
            (["-l", "-1", "-s", "sip:h"], "port is not a number: '-1' (-l)"),
            (["-r", "0", "-s", "sip:h"], "port out of range 1..65535: '0' (-r)"),
            (["-A", "+5", "-s", "sip:h"], "string is not a number: '+5' (-A)"),
            (
                ["-A", "18446744073709551616", "-s", "sip:h"],
                "number out of range 0..1000000000: '18446744073709551616' (-A)"
            ),
            (["-U", "-b", "5", "-e", "2", "-s", "sip:a@h"], "end number 2 is below start number 5 (-b, -e)"),
            (
                ["-U", "-b", "5", "-s", "sip:a@h"],
                "if a starting numbers is given also an ending number have to be specified"
            ),
            (["-T", "-s", "sip:host"], "for trace mode without a file the SIPURI have to contain a username"),
            (
                ["-U", "-s", "sip:host"],
                "for the USRLOC mode you have to give a SIPURI with a username\n       at least"
            ),
            (["-g", "!A!", "-s", "sip:h"], "replacement list needs name and value pairs, got 'A' without value (-g)"),
            (["-E", "sctp", "-s", "sip:h"], "unsupported transport 'sctp', supported values: udp, tcp, tls, ws, wss"),
            (["--intervall", "5", "-s", "sip:h"], "unknown option '--intervall' (did you mean '--interval'?)"),
            (["--resolve", "h:1", "-s", "sip:h"], "an address for a host is HOST:PORT:IP, not 'h:1' (--resolve)"),
            (["--cert-days", "5", "-s", "sip:h"], "days are WARN,FAIL, not '5' (--cert-days)"),
            (["--tls-min", "1.0", "-s", "sip:h"], "a TLS version is 1.2 or 1.3, not '1.0' (--tls-min)"),
            (
                ["--mutator", "x", "-s", "sip:h"],
                "no mutator 'x', there are byte, token, structure, rfc4475, all (--mutator)"
            ),
            (["--ramp", "5", "-s", "sip:h"], "a ramp is A..B/SECONDS, not '5' (--ramp)"),
            (["--set", "=x", "-s", "sip:h"], "a mark is set with NAME=VALUE, not '=x' (--set)"),
            (["--to", "a\r\nb", "-s", "sip:h"], "not a header value: 'a\\x0d\\x0ab' (--to)"),
            (["--interface", "none0", "-s", "sip:h"], "no interface 'none0' with an address (--interface)"),
            (["--auth-algorithms", "ROT13", "-s", "sip:h"], "unknown digest algorithm 'ROT13' (--auth-algorithms)"),
            (["--dns-server", "name", "-s", "sip:h"], "a name server is IP[:PORT], not 'name' (--dns-server)"),
            (["-z", "101", "-U", "-s", "sip:a@h"], "z option must between 0 and 100"),
            (["-J", "abc", "-s", "sip:h"], "authhash string is too short"),
            (["-Z", "0", "-s", "sip:h"], "Z option must be above 0"),
            (["-k", "nowhere", "-s", "sip:h"], "not an IP address: 'nowhere' (-k)"),
        ])
    func refused(_ words: [String], _ message: String) {
        #expect(throws: UsageError(message)) { try OptionReader.read(words) }
    }

    @Test("no words at all ask for help")
    func empty() throws {
        #expect(try OptionReader.read([]).options.showsHelp)
    }
}
