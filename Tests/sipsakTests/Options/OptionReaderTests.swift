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
        #expect(try self.options("udp:example.org:5070").uri == TargetURI(host: "example.org", port: 5070))
        #expect(try self.options("other", "-s", "sip:h").uri == TargetURI(host: "h"))
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
            (["-s", "sips:a@h"], "sips needs TLS, which is not built in yet: 'sips:a@h' (-s)"),
            (["-s", "sip:a@h;transport=tcp"], "transport tcp is not built in yet: 'sip:a@h;transport=tcp' (-s)"),
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
            (["-E", "sctp", "-s", "sip:h"], "unsupported transport 'sctp', supported values: udp"),
            (["-E", "tcp", "-s", "sip:h"], "transport tcp is not built in yet, only udp is (-E)"),
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
