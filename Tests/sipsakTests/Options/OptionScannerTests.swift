import Testing

@testable import sipsak

@Suite("The command line is taken apart as getopt_long does")
struct OptionScannerTests {
    func pairs(_ words: String...) throws -> [String] {
        try OptionScanner.scan(words).items.map { item in item.value.map { "\(item.id)=\($0)" } ?? "\(item.id)" }
    }

    @Test("letters bundle, and the last one takes its value glued or from the next word")
    func bundles() throws {
        #expect(try self.pairs("-vvUI") == ["verbose", "verbose", "usrlocMode", "inviteMode"])
        #expect(try self.pairs("-e5") == ["appendixEnd=5"])
        #expect(try self.pairs("-vs", "sip:a@h") == ["verbose", "sipURI=sip:a@h"])
        #expect(try self.pairs("-Us-v") == ["usrlocMode", "sipURI=-v"])
        #expect(try self.pairs("-a", "-") == ["password=-"])
    }

    @Test("long names take their value behind = or from the next word, empty ones too")
    func long() throws {
        #expect(try self.pairs("--sip-uri=sip:h", "--appendix-end", "7") == ["sipURI=sip:h", "appendixEnd=7"])
        #expect(try self.pairs("--contact=") == ["contact="])
        #expect(try self.pairs("--headers=X: a=b") == ["headers=X: a=b"])
    }

    @Test("unique beginnings of the original's names are enough")
    func prefixes() throws {
        #expect(
            try self.pairs("--traceroute", "--nagios-c", "--max-fo=3") == ["traceroute", "nagios", "maxForwards=3"])
        #expect(try self.pairs("--usr", "--inv", "--message-m", "--help").first == "usrlocMode")
    }

    @Test("every letter of the original is known, with a value where the original has one")
    func letters() throws {
        let withValue = "AaBbCcDEefgHJjKklmOoPpqrstuWxzZ"
        for letter in withValue {
            #expect(try OptionScanner.scan(["-\(letter)1"]).items.count == 1, "-\(letter)")
        }
        for letter in "dFGhIiLMNnRSTUVvw" {
            #expect(try OptionScanner.scan(["-\(letter)"]).items.first?.value == nil, "-\(letter)")
        }
    }

    @Test("other words may stand anywhere; -- ends the options")
    func operands() throws {
        let scanned = try OptionScanner.scan(["a", "-v", "b", "--", "-v"])
        #expect(scanned.operands == ["a", "b", "-v"])
        #expect(scanned.items.count == 1)
    }

    @Test("what cannot be understood is refused with the nearest name")
    func refused() {
        for (words, message) in [
            (["-Y"], "unknown option '-Y'"),
            (["-\u{1B}"], "unknown option '-\\x1b'"),
            (["--traceruote-mode"], "unknown option '--traceruote-mode' (did you mean '--traceroute-mode'?)"),
            (["-s"], "option '-s' needs a value"),
            (["--sip-uri"], "option '--sip-uri' needs a value"),
            (["--verbose=3"], "option '--verbose' takes no value"),
            (["--ti", "3"], "option '--ti' is ambiguous: '--timing', '--timeout-factor', '--timer-t1'"),
        ] {
            #expect(throws: UsageError(message)) { try OptionScanner.scan(words) }
        }
    }
}
