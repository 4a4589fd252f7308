import SIPKit
import Testing

@Suite("A new message")
struct MessageBuilderTests {
    @Test("is what is read again")
    func builds() throws {
        var builder = MessageBuilder(request: .options, uri: try SIPURI(parsing: "sip:a@b"))
        builder.header(.callID, "x@y")
        builder.header("X-Y", 5)
        builder.body(Array("hello".utf8), type: "text/plain")
        let message = try SIPMessage(parsing: builder.bytes())
        #expect(message.method == .options)
        #expect(message.index.defect == nil)
        #expect(message.text(.callID) == "x@y")
        #expect(message.first(named: "x-y").map(message.text) == "5")
        #expect(message.text(.contentLength) == "5")
        #expect(message.text(message.body) == "hello")
    }

    @Test("has no header that a value smuggled in")
    func injection() throws {
        var builder = MessageBuilder(status: 200, reason: "OK\r\nEvil: 1")
        builder.header(.subject, "a\r\nEvil: 2\n\nEvil: 3")
        let message = try SIPMessage(parsing: builder.bytes())
        #expect(message.index.slots.map { message.text($0.name) } == ["Subject", "Content-Length"])
    }

    @Test("copies every line of a header from another message")
    func copies() throws {
        let request = try SIPMessage(parsing: Sample.ringing)
        var builder = MessageBuilder(status: 400, reason: "Bad Request")
        builder.copy(.via, from: request)
        let message = try SIPMessage(parsing: builder.bytes())
        #expect(message.values(.via).map(message.text) == request.values(.via).map(request.text))
    }
}
