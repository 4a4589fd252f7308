import SIPKit
import Testing

@testable import sipsak

@Suite("Thresholds")
struct ThresholdsTests {
    func conclude(_ words: [String], _ answer: @escaping (SIPMessage, Int) -> [(Duration, ScriptedWire.Event)]) throws
        -> (Int32, String)
    {
        let words = words + ["-s", "sip:a@192.0.2.7"]
        let options = try OptionReader.read(words).options
        let run = try Run(words, answer)
        let console = RecordingConsole()
        return (SipsakCommand.conclude(run.status, run.tally, options, console), console.outText)
    }

    let slow: (SIPMessage, Int) -> [(Duration, ScriptedWire.Event)] = { request, _ in
        [Reply.event(request, "200 OK", after: .microseconds(1204))]
    }

    @Test("-N --perfdata is one line with everything behind a bar")
    func line() throws {
        let result = try self.conclude(
            ["-N", "--perfdata", "--warn-rtt", "100", "--crit-rtt", "500", "--warn-loss", "5", "--crit-loss", "20"],
            self.slow)
        #expect(result == (0, "SIP ok - 200 OK in 1.204 ms | rtt=1.204ms;100;500;0 loss=0%;5;20 retrans=0\n"))
        #expect(try self.conclude(["-N"], self.slow) == (0, "SIP ok\n"))
    }

    @Test("a missed one is a warning or a failure, with -N and without")
    func missed() throws {
        #expect(try self.conclude(["-N", "--warn-rtt", "1"], self.slow) == (1, "SIP warning\n"))
        #expect(try self.conclude(["-N", "--crit-rtt", "1"], self.slow) == (2, "SIP failure\n"))
        #expect(try self.conclude(["--warn-rtt", "1"], self.slow).0 == 0)
        #expect(try self.conclude(["--crit-rtt", "1"], self.slow).0 == 4)
    }

    @Test("loss counts against the limit, and no time is no good time")
    func loss() throws {
        let result = try self.conclude(["-N", "--perfdata", "--crit-loss", "5", "-D", "1"]) { _, _ in [] }
        #expect(result == (2, "SIP failure - no answer | rtt=U;;;0 loss=100%;;5 retrans=0\n"))
    }
}
