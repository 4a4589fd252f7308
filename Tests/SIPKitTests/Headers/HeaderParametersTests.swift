import SIPKit
import Testing

@Suite("Header parameters (RFC 3261 §25.1 generic-param)")
struct HeaderParametersTests {
    private func list(_ text: String) throws -> (parameters: [String], rest: String) {
        let bytes = Array(text.utf8)
        var cursor = ByteCursor(bytes.span)
        var all: [String] = []
        while let next = try cursor.nextParameter() {
            all.append(bytes.span.string(next.name) + (next.hasValue ? "=" + bytes.span.string(next.value) : ""))
        }
        return (all, String(decoding: cursor.rest, as: UTF8.self))
    }

    @Test(
        "are read in their order, with blanks around and without",
        arguments: [
            (";a;b=1", ["a", "b=1"], ""), (" ; a = 1 ;\r\n b", ["a=1", "b"], ""),
            (";a=\"x;y,z\";b", ["a=\"x;y,z\"", "b"], ""),
            (";a=", ["a="], ""), (";;a;", ["a"], ""), (";a=1,next", ["a=1"], ",next"),
            (";a=[::1]:5;b=<x>", ["a=[::1]:5", "b=<x>"], ""),
            ("", [], ""), ("x", [], "x"), (";a \"q\"", ["a"], " \"q\""), (";a=\"\\\"\"", ["a=\"\\\"\""], ""),
        ] as [(String, [String], String)])
    func reads(text: String, parameters: [String], rest: String) throws {
        let found = try self.list(text)
        #expect(found.parameters == parameters)
        #expect(found.rest == rest)
    }

    @Test("are refused without a name or with an open quote", arguments: [";=1", ";a=\"x", ";@", ";a=\"\\\""])
    func refuses(text: String) { #expect(throws: ParseError(.malformed, "parameter")) { try self.list(text) } }

    @Test("tell from where to where they reach, so that one can be taken out")
    func whole() throws {
        let bytes = Array("x ; a = 1;b".utf8)
        var cursor = ByteCursor(bytes.span, ByteRange(1, bytes.count))
        let first = try cursor.nextParameter()
        #expect(first?.whole == ByteRange(2, 9))
    }
}
