import SIPKit
import Testing

@testable import sipsak

@Suite("--csv and --histogram")
struct CSVReporterTests {
    @Test("a header line, then a line for each answer with every column")
    func lines() throws {
        let run = try Run(["--csv", "--ping", "--count", "2", "sip:bob@192.0.2.7"]) { request, _ in
            [Reply.event(request, "200 OK, \"fine\"", "Server: =cmd()")]
        }
        let lines = run.out.split(separator: "\n").map(String.init)
        #expect(lines.count == 3)
        #expect(lines[0] == CSVReporter.columns.joined(separator: ","))
        #expect(
            lines[1]
                == #"1970-01-01T00:00:00.000000Z,reply,1,sip:bob@192.0.2.7,192.0.2.7:5060,udp,200,"OK, ""fine""",'=cmd(),0.500,0,ok"#
        )
        #expect(run.status == .ok)
    }

    @Test("failures and hops have lines as well")
    func others() throws {
        let silent = try Run(["--csv", "-s", "sip:bob@192.0.2.7"]) { _, _ in [] }
        #expect(silent.out.hasSuffix(",timeout\n"))
        let trace = try Run(["--csv", "-T", "-s", "sip:bob@192.0.2.7"]) { request, _ in
            [Reply.event(request, request.text(.maxForwards) == "0" ? "483 Too Many Hops" : "200 OK")]
        }
        #expect(trace.out.split(separator: "\n").count == 3)
    }

    @Test("the histogram has a bar for each range, and all samples are in one")
    func histogram() {
        var samples = LatencySamples()
        for _ in 0..<10 { samples.add(.microseconds(2500)) }
        for _ in 0..<5 { samples.add(.milliseconds(40)) }
        #expect(
            Histogram.text(samples) == """
                     2.048 -     3.072 ms        10  ########################################
                    32.768 -    49.152 ms         5  ####################

                """)
        #expect(Histogram.text(LatencySamples()).isEmpty)
    }
}
