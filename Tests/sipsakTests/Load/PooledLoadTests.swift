import SIPKit
import Testing

@testable import sipsak

@Suite("Many registrations at once")
struct PooledLoadTests {
    /// Challenges every request without credentials; `bad` is refused for good.
    static func registrar(_ request: SIPMessage, _ count: Int) -> [(Duration, ScriptedWire.Event)] {
        guard let answer = request.text(.authorization) else {
            return [
                Reply.event(
                    request, "401 Unauthorized", #"WWW-Authenticate: Digest realm="r", nonce="n\#(count)", qop="auth""#)
            ]
        }
        return [Reply.event(request, answer.contains(#"username="bad""#) ? "403 Forbidden" : "200 OK")]
    }

    @Test("a window of users, each with its own challenge and password")
    func window() throws {
        let list = try UserList(
            Array("# phones\nalice,one\nbad,two\n\"carol\",\"th,ree\"\r\ndave\n".utf8), name: "users.csv")
        #expect(list.count == 4)
        #expect(list[2] == .init(name: "carol", password: "th,ree"))
        #expect(list[3] == .init(name: "dave", password: nil))
        let run = try Run(
            ["-U", "--concurrency", "2", "-a", "x", "-s", "sip:a@192.0.2.7"], users: list, Self.registrar)
        #expect(run.status == .rejected)
        #expect(run.tally.codes == [200: 3, 403: 1])
        #expect(run.out.contains("codes 200: 3  403: 1\n"))
        // Two went out before anything was answered.
        let firsts = try run.wire.sent.prefix(2).map { try SIPMessage(parsing: $0.bytes).text(.authorization) }
        #expect(firsts == [nil, nil])
        #expect(run.wire.sent[0].at == run.wire.sent[1].at)
    }

    @Test("-P prints what the original prints")
    func processes() throws {
        let words = ["-U", "-P", "3", "-e", "9", "-a", "x", "-s", "sip:u@192.0.2.7"]
        let silent = try Run(words, Self.registrar)
        #expect(silent.status == .ok)
        #expect(silent.out.isEmpty)
        #expect(silent.wire.sent.count == 20)
        let told = try Run(["-v"] + words, Self.registrar)
        #expect(told.out.hasPrefix("\nAll usrloc tests completed successful.\nreceived last message "))
        #expect(try Run(words) { _, _ in [] }.status == .remote, "no child's failure is lost")
    }

    @Test("a rate is kept, and users that come again answer without a challenge")
    func rate() throws {
        let run = try Run(
            ["-U", "--rate", "50", "--duration", "2", "-e", "4", "-a", "x", "-s", "sip:u@192.0.2.7"], Self.registrar)
        #expect(run.status == .ok)
        #expect(run.tally.sent == 100)
        #expect(run.wire.sent.count < 200)
        #expect(run.out.contains("send lateness p50"))
    }

    @Test("a list that cannot be read is told with its line")
    func refused() {
        #expect(throws: UsageError("u.csv:2: a line is USER,PASSWORD (--users)")) {
            try UserList(Array("a,b\n,c\n".utf8), name: "u.csv")
        }
        #expect(throws: UsageError("u.csv has no users (--users)")) { try UserList([], name: "u.csv") }
    }
}
