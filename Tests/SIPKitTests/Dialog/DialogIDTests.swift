import SIPKit
import Testing

@Suite("Which dialog a message belongs to (RFC 3261 §12)")
struct DialogIDTests {
    private func id(from: String, to: String, callID: String = "c") throws -> DialogID {
        try DialogID(
            of: SIPMessage(
                parsing: "BYE sip:a SIP/2.0\r\nFrom: <sip:a>\(from)\r\nTo: <sip:b>\(to)\r\nCall-ID: \(callID)\r\n\r\n"))
    }

    @Test("both directions have one identifier")
    func directions() throws {
        #expect(try self.id(from: ";tag=1", to: ";tag=2") == self.id(from: ";tag=2", to: ";tag=1"))
        #expect(try self.id(from: ";tag=1", to: ";tag=2").isComplete)
        #expect(try !self.id(from: ";tag=1", to: "").isComplete)
    }

    @Test("tags and Call-IDs are compared by case")
    func bytes() throws {
        #expect(try self.id(from: ";tag=a", to: ";tag=b") != self.id(from: ";tag=A", to: ";tag=b"))
        #expect(try self.id(from: ";tag=a", to: ";tag=b") != self.id(from: ";tag=a", to: ";tag=b", callID: "C"))
    }

    @Test("a message without Call-ID is of none")
    func missing() { #expect(throws: ParseError(.missing, "Call-ID")) { try self.id(from: "", to: "", callID: "") } }
}
