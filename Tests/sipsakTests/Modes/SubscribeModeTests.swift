import SIPKit
import Testing

@testable import sipsak

@Suite("--subscribe and --publish")
struct SubscribeModeTests {
    static func notify(_ subscribe: SIPMessage, _ state: String, _ number: Int) -> [UInt8] {
        let from = subscribe.text(.from) ?? ""
        return Array(
            """
            NOTIFY sip:a@h SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKn\(number)\r\nFrom: <sip:bob@h>;tag=x\r\n\
            To: \(from)\r\nCall-ID: \(subscribe.text(.callID) ?? "")\r\nCSeq: \(number) NOTIFY\r\nEvent: presence\r\n\
            Subscription-State: \(state)\r\nContent-Length: 0\r\n\r\n
            """.utf8)
    }

    @Test("a subscription is told of, its notifications are answered, and it is ended")
    func whole() throws {
        let run = try Run(["--subscribe", "--hold", "100", "-x", "60", "-s", "sip:bob@192.0.2.7"]) { request, count in
            guard request.isRequest else { return [] }
            let isEnd = request.text(.expires) == "0"
            let state = isEnd ? "terminated;reason=timeout" : "active;expires=60"
            return [
                Reply.event(request, "200 OK", "Expires: \(isEnd ? 0 : 60)", "Contact: <sip:n@192.0.2.7>"),
                (.milliseconds(1), .bytes(Self.notify(request, state, count))),
            ]
        }
        #expect(run.status == .ok)
        #expect(
            run.out == """
                subscribe: 200 OK after 0.500 ms, for 60 s
                notify 1: presence, active;expires=60
                unsubscribe: 200 OK after 0.500 ms, for 0 s
                notify 2: presence, terminated;reason=timeout

                """)
        let sent = try run.wire.sent.map { try SIPMessage(parsing: $0.bytes) }
        #expect(
            sent.map { $0.isRequest ? $0.methodText : "\($0.statusCode)" } == ["SUBSCRIBE", "200", "SUBSCRIBE", "200"])
        #expect(try sent[2].to().tag.isEmpty == false, "the end is inside the dialog")
    }

    @Test("without a NOTIFY it is code 5, refused it is code 1")
    func bad() throws {
        let words = ["--subscribe", "--hold", "100", "-s", "sip:bob@192.0.2.7"]
        let silent = try Run(words) { request, _ in [Reply.event(request, "202 Accepted")] }
        #expect(silent.status.code == 5)
        #expect(silent.err.contains("no NOTIFY came within 100 ms"))
        #expect(try Run(words) { request, _ in [Reply.event(request, "489 Bad Event")] }.status == .rejected)
    }

    @Test("event state is published, refreshed by its tag, and removed")
    func publish() throws {
        let run = try Run(["--publish", "-s", "sip:bob@192.0.2.7"]) { request, count in
            [Reply.event(request, "200 OK", "SIP-ETag: tag\(count)", "Expires: 15")]
        }
        #expect(run.status == .ok)
        let sent = try run.wire.sent.map { try SIPMessage(parsing: $0.bytes) }
        #expect(sent.map { $0.text(.sipIfMatch) } == [nil, "tag1", "tag2"])
        #expect(sent.map { $0.text(.expires) } == ["15", "15", "0"])
        #expect(sent.map { $0.body.isEmpty } == [false, true, true])
        #expect(run.out.hasPrefix("publish: 200 OK after 0.500 ms, entity tag tag1\nrefresh: 200 OK"))
        let tagless = try Run(["--publish", "-s", "sip:bob@192.0.2.7"]) { request, _ in [Reply.event(request, "200 OK")]
        }
        #expect(tagless.status.code == 5)
    }
}
