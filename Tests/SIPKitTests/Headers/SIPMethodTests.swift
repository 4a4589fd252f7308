import SIPKit
import Testing

@Suite("A method")
struct SIPMethodTests {
    private func read(_ text: String) -> SIPMethod {
        let bytes = Array(text.utf8)
        return SIPMethod(parsing: bytes.span, ByteRange(0, bytes.count))
    }

    @Test("is read by its name, case included", arguments: SIPMethod.allCases.filter { $0 != .other })
    func names(method: SIPMethod) {
        #expect(self.read("\(method.name)") == method)
        #expect(self.read("\(method.name)".lowercased()) == .other)
        #expect(self.read("\(method.name)X") == .other)
        #expect(self.read(String("\(method.name)".dropLast())) == .other)
    }
}
