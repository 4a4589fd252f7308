import Glibc
import SIPKit
import SIPTrace
import Synchronization
import Testing

@testable import harv

@Suite("Work on several threads")
struct SharedWorkTests {
    /// Calls that are refused at once, one every 300 ms: most are over and judged while others are still read.
    private static func log(calls: Int) -> String {
        var text = ""
        for call in 0..<calls {
            let time = 1_700_000_000_000 + call * 300
            let via = "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK\(call).\n"
            let head = via + "From: <sip:a@example.com>;tag=\(call).\n"
            let rest = "Call-ID: call-\(call).\nCSeq: 1 INVITE.\nContent-Length: 0.\n.\n\n"
            text += self.header(time, "192.0.2.1:5060 -> 192.0.2.9:5060")
            text += "INVITE sip:b@example.com SIP/2.0.\n\(head)To: <sip:b@example.com>.\n\(rest)"
            text += self.header(time + 20, "192.0.2.9:5060 -> 192.0.2.1:5060")
            text += "SIP/2.0 486 Busy Here.\n\(head)To: <sip:b@example.com>;tag=\(call % 7).\n\(rest)"
        }
        return text
    }

    private static func header(_ milliseconds: Int, _ way: String) -> String {
        let fields = TimeText.fields(Int64(milliseconds) * 1_000_000)
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let fraction = String(String(milliseconds % 1000 + 1000).dropFirst()) + "000"
        let day = "\(fields.year)/\(two(fields.month))/\(two(fields.day))"
        let clock = "\(two(fields.hour)):\(two(fields.minute)):\(two(fields.second)).\(fraction)"
        return "U \(day) \(clock) \(way)\n"
    }

    @Test("every call is judged once and in the same order, on any number of threads", arguments: [2, 3, 8])
    func order(threads: Int) throws {
        let path = "/tmp/harv-shared-\(getpid())-\(threads).log"
        let file = try #require(fopen(path, "w"))
        defer { unlink(path) }
        fputs(Self.log(calls: 3000), file)
        fclose(file)
        let alone = try Self.judged(path, threads: 1)
        #expect(alone.count == 3000)
        for _ in 0..<5 { #expect(try Self.judged(path, threads: threads) == alone) }
    }

    @Test("an input that cannot be opened ends all threads", arguments: [1, 2, 3, 8])
    func failure(threads: Int) {
        var run = TraceRun(paths: ["/nonexistent/sip.log"])
        run.jobs = threads
        #expect(throws: TraceRun.Failure.self) { try run.run() }
    }

    private static func judged(_ path: String, threads: Int) throws -> [String] {
        let found = Mutex<[String]>([])
        var run = TraceRun(paths: [path])
        run.jobs = threads
        run.options.onCall = { detail in found.withLock { $0.append(detail.callID) } }
        let summary = try run.run()
        #expect(summary.calls.tried == 3000)
        return found.withLock { $0 }
    }
}
