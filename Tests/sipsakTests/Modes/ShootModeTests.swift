import SIPKit
import Testing

@testable import sipsak

@Suite("The default mode prints what the original prints")
struct ShootModeTests {
    let target = ["-s", "sip:here@192.0.2.7:5060"]

    static func reply(_ status: String) -> (SIPMessage, Int) -> [(Duration, ScriptedWire.Event)] {
        { request, _ in request.method == .ack ? [] : [Reply.event(request, status)] }
    }

    @Test(
        "exit codes follow the final answer, silently",
        arguments: [
            ("200 OK", 0), ("202 Accepted", 0), ("300 Multiple Choices", 1), ("404 Not Found", 1), ("486 Busy Here", 1),
            ("503 No", 1), ("600 Busy", 1),
        ])
    func codes(_ status: String, _ code: Int) throws {
        let run = try Run(self.target, Self.reply(status))
        #expect(run.status.code == Int32(code))
        #expect(run.out.isEmpty && run.err.isEmpty)
    }

    @Test("-v is the answer and an empty line")
    func verbose() throws {
        let run = try Run(["-v"] + self.target, Self.reply("200 OK"))
        #expect(run.out.hasPrefix("SIP/2.0 200 OK\r\nVia: "))
        #expect(run.out.hasSuffix("Content-Length: 0\r\n\r\n\n"))
    }

    @Test("-vv has the form that SmokePing reads, for one run and for several")
    func smokePing() throws {
        let run = try Run(["-vv", "-A", "2"] + self.target, Self.reply("200 OK"))
        #expect(run.out.hasPrefix("\nmessage received:\nSIP/2.0 200 OK\r\n"))
        #expect(
            run.out.contains(
                "\r\n\r\n\n\n** reply received after 0.500 ms **\n   SIP/2.0 200 OK\n   final received\n'CSeq' not found in reply\n\nmessage received:\n"
            ))
        #expect(
            run.out.hasSuffix(
                "\n** reply received 1.000 ms after first send\n   and 0.500 ms after last send **\n   SIP/2.0 200 OK\n   final received\n0.500/0.500/0.500 ms\n"
            ))
        #expect(run.wire.sent.count == 2)
    }

    @Test("-vv tells a provisional answer and waits on")
    func provisional() throws {
        let run = try Run(["-vv"] + self.target) { request, _ in
            [Reply.event(request, "180 Ringing"), Reply.event(request, "200 OK", after: .seconds(2))]
        }
        #expect(
            run.out.contains(
                "** reply received after 0.500 ms **\n   SIP/2.0 180 Ringing\n   provisional received; still waiting for a final response\n\nmessage received:\n"
            ))
        #expect(run.out.contains("** reply received after 2000.000 ms **\n   SIP/2.0 200 OK\n   final received\n"))
        #expect(run.status == .ok)
    }

    @Test("a dead host is asked at T1, 2·T1 … and given up at 64·T1")
    func timeout() throws {
        let run = try Run(["-v"] + self.target) { _, _ in [] }
        let steps = [500, 1000, 2000, 4000, 4000, 4000, 4000, 4000, 4000, 4000].map { "** timeout after \($0) ms**\n" }
        #expect(run.out == steps.joined() + "*** giving up, no final response after 32000.000 ms\n")
        #expect(run.status == .remote)
        #expect(
            run.wire.sent.map(\.at).prefix(4) == [.zero, .milliseconds(500), .milliseconds(1500), .milliseconds(3500)])
    }

    @Test("-D 1 gives up at T1, as health checks expect")
    func healthCheck() throws {
        let run = try Run(["-v", "-D", "1"] + self.target) { _, _ in [] }
        #expect(run.out == "** timeout after 500 ms**\n*** giving up, no final response after 500.000 ms\n")
        #expect(run.wire.sent.count == 1)
        #expect(run.status == .remote)
    }

    @Test("ICMP ends the wait at once, with the system's words")
    func refused() throws {
        let run = try Run(["-v"] + self.target) { _, _ in [(.microseconds(50), .failed(111))] }
        #expect(run.err == "send failure: Connection refused\n")
        #expect(run.out == "\n")
        #expect(run.status == .remote)
    }

    @Test("-N puts one line last and keeps to Nagios's codes")
    func nagios() {
        #expect(ExitStatus.ok.nagios(isUnknownKnown: false) == ("SIP ok", 0))
        #expect(ExitStatus.warning.nagios(isUnknownKnown: false) == ("SIP warning", 1))
        for status in [ExitStatus.rejected, .local, .remote, .unmatched] {
            #expect(status.nagios(isUnknownKnown: false) == ("SIP failure", 2))
        }
        #expect(ExitStatus.local.nagios(isUnknownKnown: true) == ("SIP unknown", 3))
        #expect(ExitStatus.remote.nagios(isUnknownKnown: true) == ("SIP failure", 2))
    }

    @Test("-W warns when more was repeated than allowed")
    func nagiosWarn() throws {
        let late: (SIPMessage, Int) -> [(Duration, ScriptedWire.Event)] = { request, count in
            count == 2 ? [Reply.event(request, "200 OK")] : []
        }
        #expect(try Run(["-N", "-W", "0"] + self.target, late).status == .warning)
        #expect(try Run(["-N", "-W", "1"] + self.target, late).status == .ok)
    }

    @Test("-q looks at good answers only, ignoring case, line by line")
    func search() throws {
        let answer = Self.reply("200 OK")
        #expect(try Run(["-q", "^CONTENT-length: 0"] + self.target, answer).status == .ok)
        let missed = try Run(["-q", "asterisk"] + self.target, answer)
        #expect(missed.status == .unmatched)
        #expect(missed.err == "error: RegExp failed\n")
        #expect(try Run(["-q", "asterisk"] + self.target, Self.reply("404 No")).status == .rejected)
        #expect(throws: UsageError("the regular expression cannot be compiled: '(' (-q)")) {
            try Run(["-q", "("] + self.target, answer)
        }
    }

    // MARK: Faults of the original that must not come back (sipsak.md §5)

    @Test("a 200 with somebody else's Call-ID, branch, CSeq or method is not our answer")
    func strays() throws {
        for (header, foreign) in [
            ("Call-ID: ", "Call-ID: foreign@x"), ("Via: ", "Via: SIP/2.0/UDP h;branch=z9hG4bKx"),
            ("CSeq: ", "CSeq: 99 OPTIONS"),
            ("CSeq: ", "CSeq: 1 INVITE"),
        ] {
            let run = try Run(["-D", "1"] + self.target) { request, _ in
                let lines = String(decoding: Reply.text(request, "200 OK"), as: UTF8.self).components(separated: "\r\n")
                let forged = lines.map { $0.hasPrefix(header) ? foreign : $0 }.joined(separator: "\r\n")
                return [(.milliseconds(1), .bytes(Array(forged.utf8))), (.milliseconds(2), .bytes([0xFF, 0, 1]))]
            }
            #expect(run.status == .remote, "\(foreign)")
        }
    }

    @Test("five-digit ports stay whole in Request-URI, To and From")
    func ports() throws {
        let run = try Run(["-s", "sip:here@192.0.2.7:25060"], Self.reply("200 OK"))
        let text = String(decoding: run.wire.sent[0].bytes, as: UTF8.self)
        #expect(text.hasPrefix("OPTIONS sip:here@192.0.2.7:25060 SIP/2.0\r\n"))
        #expect(text.contains("To: <sip:here@192.0.2.7:25060>\r\n"))
    }

    @Test("a redirect is followed to its place; a circle of them ends with code 3")
    func redirects() throws {
        let once = try Run(["-v"] + self.target) { request, count in
            count == 1
                ? [Reply.event(request, "302 Moved", after: .milliseconds(1), "Contact: <sip:there@192.0.2.9:25070>")]
                : [Reply.event(request, "200 OK")]
        }
        #expect(once.status == .ok)
        #expect(once.out.hasPrefix("** received redirect \nSIP/2.0 200 OK\r\n"))
        #expect(once.wire.sent[1].to.description == "192.0.2.9:25070")
        #expect(
            String(decoding: once.wire.sent[1].bytes, as: UTF8.self).hasPrefix(
                "OPTIONS sip:there@192.0.2.9:25070 SIP/2.0\r\n"))

        let circle = try Run(self.target) { request, _ in
            [Reply.event(request, "302 Moved", after: .milliseconds(1), "Contact: <sip:here@192.0.2.7>")]
        }
        #expect(circle.status == .remote)
        #expect(circle.wire.sent.count == 6)
        #expect(circle.err.contains("more than 5 redirects"))
        #expect(try Run(["-d"] + self.target) { request, _ in [Reply.event(request, "302 Moved")] }.status == .rejected)
        #expect(try Run(self.target) { request, _ in [Reply.event(request, "302 Moved")] }.status == .remote)
    }

    @Test("an INVITE from a file is acknowledged, refusals in their own transaction")
    func invite() throws {
        let file = Array(
            "INVITE sip:a@h SIP/2.0\nFrom: <sip:b@h>;tag=1\nTo: <sip:a@h>\nCall-ID: c\nCSeq: 9 INVITE\n\n".utf8)
        let refused = try Run(["-f", "x"] + self.target, file: file, Self.reply("486 Busy"))
        let ack = try SIPMessage(parsing: refused.wire.sent[1].bytes)
        let invite = try SIPMessage(parsing: refused.wire.sent[0].bytes)
        #expect(ack.method == .ack)
        #expect(ack.text(try ack.topVia().branch) == invite.text(try invite.topVia().branch))
        #expect(ack.text(try ack.to().tag) == "x")
        #expect(try ack.cSeq().number == 9)
        #expect(refused.status == .rejected)

        let accepted = try Run(["-f", "x"] + self.target, file: file) { request, count in
            count > 1
                ? []
                : [
                    Reply.event(
                        request, "200 OK", after: .milliseconds(1), "Contact: <sip:far@192.0.2.20>",
                        "Record-Route: <sip:192.0.2.8:5080;lr>",
                        "Record-Route: <sip:192.0.2.7;lr>")
                ]
        }
        let second = try SIPMessage(parsing: accepted.wire.sent[1].bytes)
        #expect(second.text(second.requestURI) == "sip:far@192.0.2.20")
        #expect(
            try second.addresses(.route).map { second.text($0.uri) } == ["sip:192.0.2.7;lr", "sip:192.0.2.8:5080;lr"])
        #expect(second.text(try second.topVia().branch) != invite.text(try invite.topVia().branch))
        #expect(accepted.wire.sent[1].to.description == "192.0.2.7:5060")
        #expect(accepted.status == .ok)
    }

    @Test("Ctrl-C ends the run with 130")
    func interrupted() throws {
        #expect(try Run(self.target) { _, _ in [(.milliseconds(1), .interrupted)] }.status == .interrupted)
    }
}

extension String {
    func components(separated separator: String) -> [String] {
        let bytes = Array(self.utf8)
        let mark = Array(separator.utf8)
        var parts: [String] = []
        var start = 0
        var at = 0
        while at + mark.count <= bytes.count {
            if Array(bytes[at..<(at + mark.count)]) == mark {
                parts.append(String(decoding: bytes[start..<at], as: UTF8.self))
                at += mark.count
                start = at
            } else {
                at += 1
            }
        }
        return parts + [String(decoding: bytes[start...], as: UTF8.self)]
    }
}
