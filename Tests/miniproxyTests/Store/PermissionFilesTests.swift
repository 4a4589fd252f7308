import Testing

@testable import miniproxy

@Suite("A line of permissions.allow")
struct PermissionFilesTests {
    private func rule(_ line: String) throws -> PermissionRule { try #require(try PermissionRule(Array(line.utf8))) }
    private func matches(_ line: String, _ left: String, _ right: String) throws -> Bool {
        try self.rule(line).matches(Array(left.utf8), Array(right.utf8))
    }

    @Test("lets who matches call whom matches, except")
    func rules() throws {
        let line =
            "\"^sip:361[0-9]*@abc\\.com$\", \"^sip:bob@\" : ALL EXCEPT \"^sip:9\", \"^sip:0\"  # no foreign calls"
        #expect(try self.matches(line, "sip:3615@abc.com", "sip:5@x"))
        #expect(try self.matches(line, "sip:BOB@x", "sip:5@x"))
        #expect(try !self.matches(line, "sip:3615@abc.com", "sip:95@x"))
        #expect(try !self.matches(line, "sip:carol@abc.com", "sip:5@x"))
    }

    @Test("may be empty or a comment", arguments: ["", "   ", "# ALL : ALL", "\r"])
    func nothing(_ line: String) throws {
        let rule = try PermissionRule(Array(line.utf8))
        #expect(rule.map { _ in true } == nil)
    }

    @Test("that is none is refused", arguments: ["ALL", "ALL ALL", "\"a : ALL", ": ALL", "ALL : \"(\"", "ALL : ALL x"])
    func refused(_ line: String) { #expect(throws: PatternError.self) { try PermissionRule(Array(line.utf8)) } }
}
