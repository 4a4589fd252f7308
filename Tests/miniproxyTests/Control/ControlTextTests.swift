import Testing

@testable import miniproxy

@Suite("What serctl prints")
struct ControlTextTests {
    @Test("is the table of the mysql client, as wide as its widest cell")
    func table() {
        let result = Administration.table(
            RowSet(
                columns: ["user", "grp", "last_modified"],
                rows: [["john", "int", "2002-12-08 02:09:20"].map { Array($0.utf8) }]))
        #expect(
            ControlText.table(result) == """
                +------+-----+---------------------+
                | user | grp | last_modified       |
                +------+-----+---------------------+
                | john | int | 2002-12-08 02:09:20 |
                +------+-----+---------------------+

                """)
        #expect(ControlText.table(Administration.table(RowSet(columns: ["a"], rows: []))) == "", "nothing for no rows")
    }

    @Test("is a line for each contact")
    func contacts() {
        let result = JSONValue.object([
            "contacts": .array([
                .object(["contact": .text("sip:a@b"), "q": .number(1), "expires": .integer(7)]),
                .object(["contact": .text("sip:c@d"), "q": .null, "expires": .integer(0)]),
            ])
        ])
        #expect(ControlText.contacts(result, digits: 2) == "<sip:a@b>;q=1.00;expires=7\n<sip:c@d>;q=;expires=0\n")
        #expect(ControlText.contacts(result, digits: nil).hasPrefix("<sip:a@b>;q=1;expires=7\n"))
    }

    @Test("has SER's lines of counts")
    func counts() {
        #expect(ControlText.stateless(.object(["200": .integer(3)])).hasPrefix("200: 3 202: 0 2xx: 0\n300: 0 301: 0"))
        #expect(ControlText.transactions(.object([:])).hasPrefix("Current: 0 (0 waiting) Total: 0 (0 local)\n"))
    }
}
