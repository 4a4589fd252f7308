import Testing

@testable import miniproxy

@Suite("A wrong script")
struct WrongScriptTests {
    static let names = SharedFiles.scripts(in: SharedFiles.scripts + "/wrong")

    @Test("is told of as the comments on top say", arguments: Self.names)
    func diagnostics(name: String) throws {
        let source = try SharedFiles.source("\(SharedFiles.scripts)/wrong/\(name).cfg")
        let expected = String(decoding: source.bytes, as: UTF8.self).split(separator: "\n")
            .filter { $0.hasPrefix("# expect: ") }.map { String($0.dropFirst(10)) }
        try #require(!expected.isEmpty)
        #expect(ScriptLoader().load(source).summary == expected)
    }

    @Test("is one of more than forty files")
    func count() {
        #expect(Self.names.count > 40)
    }

    @Test("gives errors for all its warnings when strict")
    func strict() {
        let source = SourceText(name: "test.cfg", bytes: Array("log_stderr=no\nroute { setflag(1); }".utf8))
        #expect(!ScriptLoader().load(source).hasErrors)
        #expect(ScriptLoader(isStrict: true).load(source).hasErrors)
    }

    @Test("is shown with its line, a caret and the cure")
    func print() {
        let source = SourceText(
            name: "route.cfg",
            bytes: Array("loadmodule \"maxfwd.so\"\nroute {\n\tmf_process_maxfwd_header(\"ten\");\n}\n".utf8))
        #expect(
            ScriptCheck(source, lints: false).text == """
                route.cfg:3:27: error: 'limit' of mf_process_maxfwd_header is a number from 0 to 255, here it is "ten"
                  \tmf_process_maxfwd_header("ten");
                  \t                         ^
                route.cfg: 1 error

                """)
    }

    @Test("cannot crash the reader, whatever its bytes")
    func noise() {
        var state: UInt64 = 42
        let words = [
            "route", "{", "}", "(", ")", "if", "else", ";", "\"", "\\", "uri", "=~", "==", "!", "[", "1", "$x", "\n",
            "#!ifdef A\n",
            "while", "switch", "case", ":", "...", ",", "loadmodule", "modparam", "=", "\u{201C}", "t_relay()", "/*",
            "-", "&&", "or",
        ]
        for _ in 0..<2000 {
            var text = ""
            for _ in 0..<40 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text += words[Int(state >> 33) % words.count] + (state & 1 << 40 == 0 ? " " : "")
            }
            let script = LoadedScript.loading(text)
            #expect(script.diagnostics.count <= 2 * Diagnostics.limit)
        }
    }

    @Test("is no better for a thousand warnings before its error")
    func flood() {
        let text = String(repeating: "❶", count: 1000) + "route { nonsense(); }"
        #expect(LoadedScript.loading(text).hasErrors)
    }

    @Test("that nests without end is refused, not followed")
    func deep() {
        for text in [
            "route { " + String(repeating: "if (1) {", count: 5000),
            "route { if " + String(repeating: "(", count: 5000),
            "route { if " + String(repeating: "!", count: 5000),
            "route { " + String(repeating: "if (1) x(); else ", count: 5000),
        ] {
            #expect(LoadedScript.loading(text).diagnostics.contains { $0.code == .tooDeep })
        }
    }
}
