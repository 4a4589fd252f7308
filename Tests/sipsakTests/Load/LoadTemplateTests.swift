import SIPKit
import Testing

@testable import sipsak

@Suite("The template of a load")
struct LoadTemplateTests {
    func template() throws -> LoadTemplate {
        var factory = RequestFactory(host: "192.0.2.1", port: 5070, ids: Identifiers(seed: 7))
        let draft = factory.options(try TargetURI.sip("sip:a@h", spelling: ""), maxForwards: nil)
        return LoadTemplate(draft, ids: &factory.ids)
    }

    func request(_ template: LoadTemplate, _ number: UInt64) -> [UInt8] {
        var bytes = template.bytes
        bytes.withUnsafeMutableBufferPointer { template.number(number, in: $0.baseAddress!) }
        return bytes
    }

    func match(_ template: LoadTemplate, _ bytes: [UInt8]) -> UInt64? {
        bytes.withUnsafeBufferPointer { template.match($0)?.number }
    }

    @Test("gives each request its own branch, Call-ID and tag, and knows its answer by them")
    func numbers() throws {
        let template = try self.template()
        var seen: Set<[UInt8]> = []
        for number in [0, 1, 0xFFFF_FFFF, 0x1234_5678_9ABC_DEF0] as [UInt64] {
            let message = try SIPMessage(parsing: self.request(template, number))
            seen.insert(Array(message.callID))
            #expect(message.bytes.count == template.bytes.count)
            #expect(self.match(template, Reply.text(message, "200 OK")) == number)
        }
        #expect(seen.count == 4)
    }

    @Test("knows no answer of somebody else, and none that is cut off")
    func strangers() throws {
        let template = try self.template()
        let message = try SIPMessage(parsing: self.request(template, 5))
        let answer = Reply.text(message, "200 OK")
        for count in 0..<answer.count {
            let found = self.match(template, Array(answer[..<count]))
            #expect(found == nil || found == 5)
        }
        for index in answer.indices {
            var damaged = answer
            damaged[index] = 0x7A
            let found = self.match(template, damaged)
            #expect(found == nil || found == 5)
        }
        #expect(self.match(template, [UInt8](repeating: 0x7A, count: 5000)) == nil)
    }
}
