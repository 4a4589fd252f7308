import SIPKit
import Testing

@testable import sipsak

@Suite("The usrloc tests")
struct UsrlocModeTests {
    /// A server that registers everybody and sends calls and messages back to where they came from.
    static func server(_ request: SIPMessage, _ count: Int) -> [(Duration, ScriptedWire.Event)] {
        if !request.isRequest {
            // Our own answer, on its way back to us without the proxy's Via.
            let lines = String(decoding: request.bytes, as: UTF8.self).components(separated: "\r\n")
            let proxy = lines.firstIndex { $0.hasPrefix("Via: SIP/2.0/UDP 192.0.2.7") }
            let back = lines.enumerated().filter { $0.offset != proxy }.map(\.element).joined(separator: "\r\n")
            return [(.milliseconds(1), .bytes(Array(back.utf8)))]
        }
        switch request.method {
        case .register:
            let contact = request.text(.contact)
            return [Reply.event(request, "200 OK", after: .milliseconds(1), "Contact: \(contact ?? "none")")]
        case .message, .invite, .ack, .bye:
            var lines = String(decoding: request.bytes, as: UTF8.self).components(separated: "\r\n")
            lines.insert("Via: SIP/2.0/UDP 192.0.2.7;branch=z9hG4bKproxy\(count)", at: 1)
            return [(.milliseconds(1), .bytes(Array(lines.joined(separator: "\r\n").utf8)))]
        default: return []
        }
    }

    @Test("a silent registration is silent, with -v it ends with the block that Nagios plugins read")
    func register() throws {
        let silent = try Run(["-U", "-s", "sip:bob@192.0.2.7"], Self.server)
        #expect(silent.status == .ok)
        #expect(silent.out.isEmpty && silent.err.isEmpty)
        let run = try Run(["-U", "-v", "-s", "sip:bob@192.0.2.7"], Self.server)
        #expect(
            run.out
                == "\nAll usrloc tests completed successful.\nreceived last message 1.000 ms after first request (test duration).\n"
        )
    }

    @Test("numbers are put behind the name, one request each")
    func numbers() throws {
        let run = try Run(["-Uvvi", "-b", "9", "-e", "11", "-s", "sip:bob@192.0.2.7"], Self.server)
        #expect(
            run.out.hasPrefix(
                "registering user bob9... \tOK\nregistering user bob10... \tOK\nregistering user bob11... \tOK\n\nAll"))
        #expect(run.wire.sent.count == 3)
        #expect(try Run(["-U", "-e", "2", "-s", "sip:bob@192.0.2.7"], Self.server).wire.sent.count == 3)
    }

    @Test("-M: the message comes to us, our answer comes back")
    func message() throws {
        let run = try Run(["-UMvvi", "-s", "sip:mm@192.0.2.7"], Self.server)
        #expect(
            run.out == """
                registering user mm... \tOK
                sending message to mm...   received message
                  'test message from SIPsak for user mm.'
                sending message reply...   reply received
                usrloc for mm completed successful

                All usrloc tests completed successful.
                received last message 3.000 ms after first request (test duration).

                """)
        #expect(run.status == .ok)
    }

    @Test("-I: INVITE, 200 and ACK come to us, and the call is ended with BYE")
    func invite() throws {
        let run = try Run(["-UIvvi", "-s", "sip:ii@192.0.2.7"], Self.server)
        #expect(
            run.out == """
                registering user ii... \tOK
                inviting user ii... \t\treceived invite
                sending invite reply... \t200 OK received
                \tACK received
                usrloc for ii completed successful

                All usrloc tests completed successful.
                received last message 4.000 ms after first request (test duration).

                """)
        #expect(run.status == .ok)
        let methods = run.wire.sent.compactMap { try? SIPMessage(parsing: $0.bytes) }.filter(\.isRequest).map(\.method)
        #expect(methods == [.register, .invite, .ack, .bye])
        #expect(run.err.isEmpty)
    }

    @Test("a message without registration only has to be accepted")
    func plainMessage() throws {
        let run = try Run(["-M", "-B", "hello", "-O", "render", "-c", "sip:me@h", "-s", "sip:bob@192.0.2.7"]) {
            request, _ in
            [Reply.event(request, "202 Accepted")]
        }
        #expect(run.status == .ok)
        let sent = try SIPMessage(parsing: run.wire.sent[0].bytes)
        #expect(sent.text(sent.body) == "hello")
        #expect(sent.text(.contentDisposition) == "render")
        #expect(sent.text(.from)?.hasPrefix("<sip:me@h>;tag=") == true)
    }

    @Test("a refusal ends the run with code 1 and shows the message")
    func refused() throws {
        let run = try Run(["-U", "-e", "3", "-s", "sip:bob@192.0.2.7"]) { request, _ in [Reply.event(request, "403 No")]
        }
        #expect(run.status == .rejected)
        #expect(run.wire.sent.count == 1)
        #expect(run.err.hasPrefix("received:\nSIP/2.0 403 No\r\n"))
        #expect(run.err.hasSuffix("error: didn't received '200 OK' on register (see above). aborting\n"))
    }

    @Test("-C decides the Contact: none asks, star with -x 0 clears, and there are no numbers then")
    func contact() throws {
        func register(_ words: String...) throws -> SIPMessage {
            let run = try Run(["-U", "-e", "3"] + words + ["-s", "sip:bob@192.0.2.7"], Self.server)
            #expect(run.wire.sent.count == 1)
            return try SIPMessage(parsing: run.wire.sent[0].bytes)
        }
        let query = try register("-C", "none")
        #expect(query.first(.contact) == nil && query.first(.expires) == nil)
        let clear = try register("-C", "star", "-x", "0")
        #expect(clear.text(.contact) == "*" && clear.text(.expires) == "0")
        #expect(try register("-C", "sip:x@y").text(.contact) == "sip:x@y")
    }

    @Test("-z 100 removes a user's binding after each registration")
    func removal() throws {
        let run = try Run(["-Uvvi", "-z", "100", "-b", "1", "-e", "1", "-s", "sip:zz@192.0.2.7"], Self.server)
        #expect(run.out.hasPrefix("registering user zz1... \tOK\nremove binding for zz1...   OK\n\n\nAll usrloc"))
        let removal = try SIPMessage(parsing: run.wire.sent[1].bytes)
        #expect(removal.text(.contact) == "<sip:zz1@192.0.2.1:5070>;expires=0")
    }

    @Test("a registrar that does not list our contact is told of")
    func verify() throws {
        let run = try Run(["-U", "-s", "sip:bob@192.0.2.7"]) { request, _ in
            [Reply.event(request, "200 OK", after: .milliseconds(1), "Contact: <sip:other@192.0.2.50>")]
        }
        #expect(run.err == "warning: the registrar's answer does not list our contact <sip:bob@192.0.2.1:5070>\n")
    }

    @Test("a repeat is counted and told at the end")
    func repeats() throws {
        let run = try Run(["-Uv", "-s", "sip:bob@192.0.2.7"]) { request, count in
            count == 2 ? Self.server(request, count) : []
        }
        #expect(run.out.hasPrefix("timeout after 500 ms\n\nAll usrloc"))
        #expect(run.out.hasSuffix("1 time(s) the timeout of 500 ms exceeded and request was retransmitted.\n"))
    }

    @Test("a call that does not come back to us is no success")
    func lost() throws {
        let run = try Run(["-UI", "-D", "2", "-s", "sip:bob@192.0.2.7"]) { request, count in
            request.method == .register
                ? Self.server(request, count) : request.method == .ack ? [] : [Reply.event(request, "200 OK")]
        }
        #expect(run.status == .rejected)
    }
}
