import Testing

@testable import miniproxy

@Suite("The lexer")
struct LexerTests {
    func tokens(_ text: String) -> [Token.Kind] {
        var preprocessor = Preprocessor { _ in nil }
        preprocessor.run(SourceText(name: "test", bytes: Array(text.utf8)))
        return preprocessor.tokens.map(\.kind).dropLast()
    }

    func string(_ text: String) -> String? {
        guard case .string(let bytes)? = self.tokens(text).first else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("keeps unknown escapes, so that expressions arrive as written")
    func escapes() {
        #expect(self.string(#""^Contact:[ ]*\*""#) == #"^Contact:[ ]*\*"#)
        #expect(self.string(#""\r\n""#) == "\r\n")
        #expect(self.string(#""[@:\.]domain""#) == #"[@:\.]domain"#)
        #expect(self.string(#""^sip:\+?[0-9]+@.*""#) == #"^sip:\+?[0-9]+@.*"#)
        #expect(self.string(#"'\n'"#) == #"\n"#)
        #expect(self.string(#""\1\x41\101\"\\""#) == #"\1AA"\"#)
        #expect(self.string("\"a\\\nb\"") == "ab")
    }

    @Test("knows decimal, hexadecimal and octal numbers")
    func numbers() {
        #expect(self.tokens("10 0x1F 017 08 0") == [.number(10), .number(31), .number(15), .number(8), .number(0)])
    }

    @Test("takes msg:len as one word")
    func compounds() {
        #expect(self.tokens("msg:len > max_len") == [.identifier("msg:len"), .sign(.greater), .identifier("max_len")])
        #expect(self.tokens("uri:host")[0] == .identifier("uri:host"))
        #expect(self.tokens("msg:length").count == 3)
    }

    @Test("skips all three kinds of comments, and nested ones")
    func comments() {
        #expect(self.tokens("a # b\n// c\n/* d /* e */ f */ g") == [.identifier("a"), .identifier("g")])
        #expect(self.tokens("#!/usr/sbin/ser -f\na") == [.identifier("a")])
        #expect(self.tokens("a # the last line") == [.identifier("a")])
    }

    @Test("carries out definitions and conditions")
    func preprocessor() {
        #expect(self.tokens("#!define PORT 5070\nport=PORT") == self.tokens("port=5070"))
        #expect(
            self.tokens("#!define A\n#!ifdef A\nx\n#!else\n“ \" ❶\n#!endif\ny") == [.identifier("x"), .identifier("y")])
        #expect(self.tokens("#!ifdef A\nx\n#!ifdef B\n#!else\n#!endif\n#!else\nz\n#!endif") == [.identifier("z")])
        #expect(self.tokens("#!define A \"x\"\n\"A\" A") == [.string(Array("A".utf8)), .string(Array("x".utf8))])
        #expect(
            self.tokens("#!subst \"/DOMAIN/example.org/\"\n\"sip:DOMAIN\" DOMAIN") == [
                .string(Array("sip:example.org".utf8)), .identifier("DOMAIN"),
            ])
        #expect(
            self.tokens("#!substdef \"!PORT!5070!g\"\nport=PORT \"PORT PORT\"")
                == self.tokens("port=5070 \"5070 5070\""))
        #expect(self.tokens("#!substdefs \"!NAME!x!\"\nNAME") == [.string(Array("x".utf8))])
        // A definition that names itself ends.
        #expect(self.tokens("#!define A A A\nA").count <= 1024)
    }

    @Test("reads included files, and stops at files that include themselves")
    func includes() {
        var preprocessor = Preprocessor {
            $0 == "a" ? Array("x".utf8) : $0 == "loop" ? Array("#!include_file \"loop\"\n".utf8) : nil
        }
        preprocessor.run(
            SourceText(
                name: "test",
                bytes: Array("#!include_file \"a\"\n#!include_file \"loop\"\n#!import_file \"none\"\n".utf8)))
        #expect(preprocessor.tokens.first?.kind == .identifier("x"))
        #expect(preprocessor.diagnostics.all.map(\.code) == [.include])
    }

    @Test("counts columns in characters")
    func columns() {
        let source = SourceText(name: "test", bytes: Array("ä❶b\nc".utf8))
        #expect(source.position(of: 5) == (1, 3))
        #expect(source.position(of: 7) == (2, 1))
    }

    @Test(
        "reads the raw listings as their cleaned twins, but for callouts and the braces of page ends",
        .enabled(if: SharedFiles.configurations != nil, "shared corpus absent"),
        arguments: ["hello-world", "authenticating-mysql", "nat-rtpproxy"])
    func raw(name: String) throws {
        func words(_ source: SourceText) -> [Token.Kind] {
            var preprocessor = Preprocessor { _ in nil }
            preprocessor.run(source)
            var kinds: [Token.Kind] = []
            for (index, token) in preprocessor.tokens.enumerated()
            where token.kind != .sign(.closeBrace) && token.kind != .sign(.semicolon) {
                // Callout numbers: where no value can stand.
                if case .number = token.kind, index > 0 {
                    let before = preprocessor.tokens[index - 1].kind
                    let wanted: [Token.Kind] = [
                        .sign(.assign), .sign(.comma), .sign(.openParen), .sign(.dot), .sign(.openBracket),
                        .sign(.less), .sign(.greater),
                    ]
                    if !wanted.contains(before) { continue }
                }
                kinds.append(token.kind)
            }
            return kinds
        }
        let raw = words(try SharedFiles.configuration("raw/\(name).txt"))
        let clean = words(try SharedFiles.configuration("\(name).cfg"))
        #expect(zip(raw, clean).first { $0 != $1 }.map { "\($0) \($1)" } == nil)
        #expect(raw.count == clean.count)
    }
}
