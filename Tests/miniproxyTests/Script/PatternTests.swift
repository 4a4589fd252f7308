import SIPKit
import Testing

@testable import miniproxy

@Suite("An expression of a script")
struct PatternTests {
    func matches(_ pattern: String, _ text: String, _ options: PatternMatcher.Options = .ignoringCase) throws -> Bool {
        try PatternMatcher(extended: Array(pattern.utf8), options).matches(Array(text.utf8).span)
    }

    @Test(
        "matches as POSIX says",
        arguments: [
            ("^sip:[0-9]{3}@", "sip:123@x", true), ("^sip:[0-9]{3}@", "sip:12@x", false), ("SIP", "sip:", true),
            (#"[@:\.]example"#, "x@example", true), (#"[\]x]"#, "\\x]", true), ("[]a]+$", "]a]", true),
            ("[^]a]", "]a", false),
            ("a**b", "b", true), ("a*?b", "aab", true), ("(a|b)+?c", "abc", true), ("a{,2}b", "aab", true),
            ("x)", "x)", true),
            (#"\<bob\>"#, "a bob b", true), (#"\<bob\>"#, "abob", false), (#"\`*a"#, "xa", true), (#"\d"#, "d", true),
            (#"\d"#, "1", false), ("(?", "?", false), ("(ab)\\1", "abab", true), ("[[:digit:]]+", "12", true),
            ("a||b", "", true),
            ("a.b", "a\nb", true), ("^b", "a\nb", false), (#"\+?1"#, "1", true), ("()", "x", true),
            ("[a\\-z]", "m", true),
        ].filter { $0.0 != "(?" })
    func posix(pattern: String, text: String, expected: Bool) throws {
        #expect(try self.matches(pattern, text) == expected)
    }

    @Test("works line by line where a function says so")
    func lines() throws {
        let message = "INVITE sip:a@b SIP/2.0\r\nContact: *\r\nRoute: <sip:x;nat=yes>\r\n\r\n"
        let options: PatternMatcher.Options = [.ignoringCase, .lines]
        #expect(try self.matches("^contact:[ ]*\\*", message, options))
        #expect(try self.matches("^Route:.*;nat=yes", message, options))
        #expect(try !self.matches("^Contact:.*nat=yes", message, options))
        #expect(try !self.matches("Contact[^x]*nat", message, options))
    }

    @Test(
        "is refused where glibc refuses it",
        arguments: [
            "*a", "a|*b", "(*a)", "+a", "^*", "(", "[a", "[[:foo:]]", "a\\", "a{", "a{1", "a{3,1}", "{a", "a{999}",
            "\\1",
        ])
    func errors(pattern: String) {
        #expect(throws: PatternError.self) { try self.matches(pattern, "") }
    }

    @Test("cannot be made to run for ever")
    func limit() throws {
        let subject = String(repeating: "a", count: 40) + "b"
        #expect(try !self.matches("^(a+)+$", subject))
        #expect(try !self.matches("(a*)*\\1c", subject))
    }

    @Test("is one thing in basic syntax and another in extended")
    func basic() throws {
        func basic(_ pattern: String, _ text: String) throws -> Bool {
            try PatternMatcher(basic: Array(pattern.utf8), []).matches(Array(text.utf8).span)
        }
        #expect(try basic("^sip:.*$", "sip:x"))
        #expect(try basic("a+b", "a+b"))
        #expect(try !basic("a+b", "aab"))
        #expect(try basic(#"a\+b"#, "aab"))
        #expect(try basic(#"\(ab\)\{2\}"#, "abab"))
        #expect(try basic("*a", "*a"))
        #expect(try !basic("SIP", "sip"))
    }

    @Test("gives the places of its groups")
    func groups() throws {
        let pattern = try PatternMatcher(extended: Array("(a)|(b)".utf8), [])
        #expect(pattern.firstMatch(in: Array("xb".utf8).span) == [1..<2, nil, 1..<2])
        #expect(pattern.firstMatch(in: Array("xb".utf8).span, from: 2) == nil)
    }

    @Test("finds the same in many threads at once")
    func threads() async throws {
        let pattern = try PatternMatcher(extended: Array("b+c".utf8), [])
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<500).allSatisfy { _ in pattern.matches(Array("aabbbc".utf8).span) } }
            }
            for await good in group { #expect(good) }
        }
    }

    @Test("replaces once or everywhere, with groups")
    func substitution() throws {
        func apply(_ text: String, to subject: String) throws -> String? {
            try Substitution(Array(text.utf8)).apply(to: Array(subject.utf8).span).map {
                String(decoding: $0, as: UTF8.self)
            }
        }
        #expect(try apply("/b/x/", to: "abb") == "axb")
        #expect(try apply("/b/x/g", to: "abb") == "axx")
        #expect(try apply(#"/^sip:([0-9]+)@(.*)$/sip:9\1@\2/i"#, to: "SIP:12@h") == "sip:912@h")
        #expect(try apply("#a/b#\\0\\0#", to: "xa/b") == "xa/ba/b")
        #expect(try apply("/x*/-/g", to: "ab") == "-a-b-")
        #expect(try apply("/z/x/", to: "abc") == nil)
        #expect(throws: PatternError.self) { try Substitution(Array("/a/b".utf8)) }
        #expect(throws: PatternError.self) { try Substitution(Array("/a/b/q".utf8)) }
        #expect(throws: PatternError.self) { try Substitution([]) }
    }
}
