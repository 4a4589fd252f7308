import SIPKit
import Testing

@testable import sipsak

/// The numbers are those of the list in `docs/sipsak.md`, "Faults that are not copied". What needs real sockets is in
/// Tests/EndToEnd/sipsak-faults.
@Suite("Faults of the original that are not here")
struct FaultsOfTheOriginalTests {
    private let server = UsrlocModeTests.server
    private func ok(_ request: SIPMessage, _ count: Int) -> [(Duration, ScriptedWire.Event)] {
        request.method == .ack ? [] : [Reply.event(request, "200 OK")]
    }

    @Test(
        "1, 3, 4: -M, -I and numbered users come to their end, also without -l",
        arguments: [
            ["-M"], ["-I"], ["-U", "-M"], ["-U", "-I"], ["-U", "-b", "1", "-e", "3"], ["-U", "-I", "-e", "2"],
        ])
    func modes(_ mode: [String]) throws {
        let run = try Run(mode + ["-s", "sip:bob@192.0.2.7"], self.server)
        #expect(run.status == .ok, "\(run.err)")
        for sent in run.wire.sent {
            let text = String(decoding: sent.bytes, as: UTF8.self)
            #expect(
                text.components(separated: "SIP/2.0\r\n").count == 2 || text.hasPrefix("SIP/2.0"), "one message each")
            #expect(!text.contains("@1@") && !text.contains("@@"))
        }
    }

    @Test("2: the trace counts up, and ends at -m when nobody gives a final answer")
    func trace() throws {
        let run = try Run(["-T", "-m", "3", "-s", "sip:bob@192.0.2.7"]) { request, _ in
            [Reply.event(request, "483 Too Many Hops")]
        }
        #expect(try run.wire.sent.map { try SIPMessage(parsing: $0.bytes).maxForwards()?.hops } == [0, 1, 2, 3])
        #expect(run.status == .rejected)
    }

    @Test("5: the user name in credentials has no @ behind it")
    func digestUser() throws {
        let run = try Run(["-a", "x", "-s", "sip:bob@192.0.2.7"]) { request, count in
            [
                count == 1
                    ? Reply.event(request, "401 No", #"WWW-Authenticate: Digest realm="r", nonce="n""#)
                    : Reply.event(request, "200 OK")
            ]
        }
        #expect(String(decoding: run.wire.sent[1].bytes, as: UTF8.self).contains(#"username="bob","#))
    }

    @Test("6: five digits of a port stay five")
    func port() throws {
        let run = try Run(["-s", "sip:bob@192.0.2.7:25060"], self.ok)
        let text = String(decoding: run.wire.sent[0].bytes, as: UTF8.self)
        #expect(text.components(separated: "192.0.2.7:25060").count == 3)
    }

    @Test("7: what is not our answer is passed over and counted")
    func strays() throws {
        let run = try Run(["--json", "-s", "sip:bob@192.0.2.7"]) { request, _ in
            let foreign = String(decoding: Reply.text(request, "200 OK"), as: UTF8.self)
                .components(separated: "Call-ID: ").joined(separator: "Call-ID: x")
            return [(.microseconds(1), .bytes(Array(foreign.utf8))), Reply.event(request, "404 Not Found")]
        }
        #expect(run.status == .rejected)
        #expect(run.out.contains(#""strays":1"#))
    }

    @Test("8: times begin at the send that was answered, never below zero; the mean is the mean")
    func times() throws {
        let run = try Run(["-A", "2", "-s", "sip:bob@192.0.2.7"]) { request, count in
            [Reply.event(request, "200 OK", after: .milliseconds(count == 1 ? 10 : 20))]
        }
        #expect(run.out == "10.000/15.000/20.000 ms\n")
        let late = try Run(["-A", "1", "-s", "sip:bob@192.0.2.7"]) { request, count in
            count == 2 ? [Reply.event(request, "200 OK", after: .milliseconds(3))] : []
        }
        #expect(late.out == "3.000/3.000/3.000 ms\n")
    }

    @Test("9: nothing waits between an answer and the next request")
    func pause() throws {
        let run = try Run(["-A", "100", "-s", "sip:bob@192.0.2.7"], self.ok)
        #expect(run.wire.sent.last?.at == .microseconds(500 * 99))
    }

    @Test("10: -o pauses milliseconds, between the runs of -A as well")
    func sleep() throws {
        let run = try Run(["-o", "7", "-A", "2", "-s", "sip:bob@192.0.2.7"], self.ok)
        #expect(run.wire.sent.map(\.at) == [.milliseconds(7), .microseconds(14_500)])
    }

    @Test("11: -t ends -R, and --seed repeats it")
    func random() throws {
        let words = ["-R", "-t", "5", "--seed", "9", "-s", "sip:192.0.2.7"]
        let first = try Run(words) { request, _ in [Reply.event(request, "400 Bad Request")] }
        #expect(first.status == .ok)
        #expect(first.out == "random end reached. server survived :) respect!\n")
        let second = try Run(words) { request, _ in [Reply.event(request, "400 Bad Request")] }
        #expect(first.wire.sent.map(\.bytes) == second.wire.sent.map(\.bytes))
    }

    @Test("12: a circle of redirects ends after five with code 3")
    func redirects() throws {
        let run = try Run(["-s", "sip:bob@192.0.2.7"]) { request, _ in
            [Reply.event(request, "302 Moved", "Contact: <sip:bob@192.0.2.7>")]
        }
        #expect(run.status == .remote)
        #expect(run.wire.sent.count == 6)
    }

    @Test("15: an answer of 60,000 bytes comes out whole")
    func long() throws {
        let run = try Run(["-v", "-s", "sip:bob@192.0.2.7"]) { request, _ in
            [Reply.event(request, "200 OK", "X-Long: \(String(repeating: "a", count: 60_000))")]
        }
        #expect(run.out.utf8.count > 60_000)
        #expect(run.out.hasSuffix("\r\n\r\n\n"))
    }

    @Test(
        "16: a Warning of any shape gives its agent with the port, or none",
        arguments: [
            (#"392 127.0.0.1:25061 "Noisy""#, "127.0.0.1:25061"), ("392 host", "host"), ("3", "??"),
            (#"399 "text"#, "??"),
            (#"392 [2001:db8::1]:5060 "x""#, "[2001:db8::1]:5060"),
        ])
    func warnings(_ value: String, _ agent: String) throws {
        let run = try Run(["-T", "-s", "sip:bob@192.0.2.7"]) { request, _ in
            [Reply.event(request, "200 OK", "Warning: \(value)")]
        }
        #expect(run.out.hasPrefix("0: \(agent) (0.500 ms) SIP/2.0 200 OK\n"))
    }

    @Test("17: -n is taken, on hosts without a domain as well")
    func numeric() throws {
        #expect(try Run(["-n", "-s", "sip:bob@192.0.2.7"], self.ok).status == .ok)
    }

    @Test("18: options mean the same in every order")
    func order() throws {
        let words = [["-s", "sip:bob@h.invalid"], ["-p", "192.0.2.7"], ["-r", "5070"], ["-vv"]]
        let first = try OptionReader.read(Array(words.joined())).options
        #expect(try OptionReader.read(Array(words.reversed().joined())).options == first)
    }

    @Test("19: both spellings of long names are taken, and --replace-string wants its text")
    func spellings() throws {
        for word in ["--max-fowards", "--max-forwards", "--max-fow", "--max-for"] {
            #expect(try OptionReader.read([word, "5", "-s", "sip:h"]).options.maxForwards == 5)
        }
        #expect(
            try OptionReader.read(["--autohash", String(repeating: "a", count: 32), "-s", "sip:h"]).options.authHash
                != nil)
        #expect(throws: UsageError("option '--replace-string' needs a value")) {
            try OptionReader.read(["-s", "sip:h", "--replace-string"])
        }
    }

    @Test(
        "20: -W counts in every mode, without -v",
        arguments: [["-s", "sip:b@192.0.2.7"], ["-U", "-s", "sip:b@192.0.2.7"]])
    func nagiosWarn(_ words: [String]) throws {
        let late: (SIPMessage, Int) -> [(Duration, ScriptedWire.Event)] = { request, count in
            count == 2 ? [Reply.event(request, "200 OK")] : []
        }
        #expect(try Run(["-N", "-W", "0"] + words, late).status == .warning)
    }

    @Test("21: a wrong password is code 2, and code 6 for who wants it told apart")
    func password() {
        #expect(ExitStatus.unauthorized.code == 2)
        #expect(ExitStatus.unauthorized.strictCode == 6)
    }

    @Test("22: stale, then 407 behind 401, then auth-int: all are answered")
    func rounds() throws {
        let run = try Run(["-a", "x", "-s", "sip:bob@192.0.2.7"]) { request, count in
            switch count {
            case 1: [Reply.event(request, "401 No", #"WWW-Authenticate: Digest realm="r", nonce="1", qop="auth-int""#)]
            case 2:
                [
                    Reply.event(
                        request, "401 No", #"WWW-Authenticate: Digest realm="r", nonce="2", qop="auth-int", stale=true"#
                    )
                ]
            case 3:
                [
                    Reply.event(
                        request, "407 No",
                        #"Proxy-Authenticate: Digest realm="p", nonce="3", algorithm=MD5-sess, qop="auth""#)
                ]
            default: [Reply.event(request, "200 OK")]
            }
        }
        #expect(run.status == .ok)
        let last = String(decoding: run.wire.sent[3].bytes, as: UTF8.self)
        #expect(last.contains("qop=auth-int") && last.contains("algorithm=MD5-sess") && last.contains(#"nonce="2""#))
    }

    @Test("23: with --json nothing but objects is on standard output, whatever goes wrong")
    func json() throws {
        let answers: [(SIPMessage, Int) -> [(Duration, ScriptedWire.Event)]] = [
            { _, _ in [] }, { request, _ in [Reply.event(request, "302 Moved")] },
            { request, _ in [Reply.event(request, "401 No")] }, { _, _ in [(.zero, .failed(111))] },
        ]
        for answer in answers {
            let run = try Run(["-vvv", "--json", "-s", "sip:bob@192.0.2.7"], answer)
            #expect(run.out.split(separator: "\n").allSatisfy { $0.hasPrefix("{") && $0.hasSuffix("}") })
        }
    }

    @Test("24: ports out of range are refused, further words are targets")
    func range() throws {
        for (letter, port) in [("-l", "99999"), ("-r", "0"), ("-r", "65536"), ("-l", "-1")] {
            #expect(throws: UsageError.self) { try OptionReader.read([letter, port, "-s", "sip:h"]) }
        }
        #expect(try OptionReader.read(["sip:a@h"]).options.uri?.user == "a")
    }

    @Test("25: a removal over UDP names no transport")
    func removal() throws {
        let run = try Run(["-U", "-z", "100", "-e", "0", "-s", "sip:bob@192.0.2.7"], self.server)
        let removal = String(decoding: run.wire.sent[1].bytes, as: UTF8.self)
        #expect(removal.contains(">;expires=0\r\n") && !removal.contains("transport="))
    }

    @Test("27: -I ends its call with BYE, and so does --hangup")
    func hangUp() throws {
        let call = try Run(["-I", "-s", "sip:bob@192.0.2.7"], self.server)
        #expect(call.wire.sent.contains { $0.bytes.starts(with: Array("BYE ".utf8)) })
        let file = Array(
            "INVITE sip:a@h SIP/2.0\nFrom: <sip:b@h>;tag=1\nTo: <sip:a@h>\nCall-ID: c\nCSeq: 9 INVITE\n\n".utf8)
        let shot = try Run(["--hangup", "-f", "x", "-s", "sip:a@192.0.2.7"], file: file, self.ok)
        #expect(shot.wire.sent.last?.bytes.starts(with: Array("BYE ".utf8)) == true)
    }

    @Test("28: with -P the worst result is the run's")
    func processes() throws {
        let run = try Run(["-U", "-P", "2", "-e", "3", "-s", "sip:b@192.0.2.7"]) { request, count in
            count == 2 ? [] : [Reply.event(request, "200 OK")]
        }
        #expect(run.status == .ok, "a repeat is answered")
        let dead = try Run(["-U", "-P", "2", "-e", "3", "-s", "sip:b@192.0.2.7"]) { request, _ in
            request.text(.to)?.contains("b2") == true ? [] : [Reply.event(request, "200 OK")]
        }
        #expect(dead.status == .remote)
    }
}
