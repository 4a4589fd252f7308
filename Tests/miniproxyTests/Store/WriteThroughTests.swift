import Glibc
import SIPKit
import Testing

@testable import miniproxy

@Suite("A registrar whose database is written through")
struct WriteThroughTests {
    typealias H = ShardHarness

    static let script = """
        loadmodule "sl.so"
        loadmodule "usrloc.so"
        loadmodule "registrar.so"
        modparam("usrloc", "db_mode", 1)
        route {
            if (method == "REGISTER") { save("location"); break; }
            if (lookup("location")) { sl_send_reply("200", "Known"); } else { sl_send_reply("404", "Unknown"); }
        }
        """

    /// A file of this test's own, removed when the test has ended.
    final class File {
        let path = "/tmp/miniproxy-test-\(getpid())-\(UInt32.random(in: 0 ... .max)).db"
        var location: DatabaseLocation { .file(self.path) }
        deinit { for end in ["", "-wal", "-shm"] { unlink(self.path + end) } }
    }

    private func call(_ proxy: inout H) -> [String] {
        proxy.receiveAnswered(H.request("OPTIONS", "sip:bob@127.0.0.1", at: H.alice), from: H.alice).map(\.startLine)
    }

    @Test("answers when the binding is on the disk, and a restart has it")
    func durable() throws {
        let file = File()
        do {
            var proxy = try H(script: Self.script, database: file.location)
            #expect(proxy.register("bob", at: H.bob).isEmpty, "nobody is told before it is durable")
            #expect(proxy.answerAll().map(\.startLine) == ["SIP/2.0 200 OK"])
            #expect(proxy.shard.state.location.location.unsavedCount == 0)
            proxy.shard.state.persistence.finish(proxy.shard.state.location)
        }
        var again = try H(script: Self.script, database: file.location)
        #expect(self.call(&again) == ["SIP/2.0 200 Known"])
        // What was taken away stays away. The phone's CSeq is the time, which begins anew with each proxy here.
        again.now = again.now.adding(milliseconds: 1_000)
        _ = again.register("bob", at: H.bob, expires: 0)
        #expect(again.answerAll().map(\.startLine) == ["SIP/2.0 200 OK"])
        again.shard.state.persistence.finish(again.shard.state.location)
        var last = try H(script: Self.script, database: file.location)
        #expect(self.call(&last) == ["SIP/2.0 404 Unknown"])
        last.shard.state.persistence.finish(last.shard.state.location)
    }

    @Test("answers 503 with Retry-After when it cannot be written, and a repeat is not told that it was")
    func failed() throws {
        let file = File()
        var proxy = try H(script: Self.script, database: file.location)
        defer { proxy.shard.state.persistence.finish(proxy.shard.state.location) }
        let request = H.request(
            "REGISTER", "sip:127.0.0.1", from: "bob", to: "bob", at: H.bob, callID: "r", cSeq: 7,
            headers: "Contact: <sip:bob@\(H.bob)>\r\n")
        #expect(proxy.receive(request, from: H.bob).isEmpty)
        let pending = proxy.shard.questions.popLast()
        let number = try #require(pending).number
        let refused = proxy.answer(number, .failed)
        #expect(refused.map(\.startLine) == ["SIP/2.0 503 Service Unavailable"])
        #expect(refused.first?.text.contains("\r\nRetry-After: 10\r\n") == true)
        #expect(self.call(&proxy) == ["SIP/2.0 200 Known"], "calls go on from memory")
        // The same request again: its binding is in memory but still nowhere else.
        #expect(proxy.receive(request, from: H.bob).isEmpty)
        #expect(proxy.answerAll().map(\.startLine) == ["SIP/2.0 200 OK"])
    }

    @Test("absorbs a repeat of a request that waits")
    func repeats() throws {
        let file = File()
        var proxy = try H(script: Self.script, database: file.location)
        defer { proxy.shard.state.persistence.finish(proxy.shard.state.location) }
        let request = H.request(
            "REGISTER", "sip:127.0.0.1", from: "bob", to: "bob", at: H.bob, headers: "Contact: <sip:bob@\(H.bob)>\r\n")
        _ = proxy.receive(request, from: H.bob)
        _ = proxy.receive(request, from: H.bob)
        #expect(proxy.shard.questions.count == 1)
        #expect(proxy.answerAll().map(\.startLine) == ["SIP/2.0 200 OK"])
        #expect(proxy.shard.pool.inUse == 0)
    }

    @Test("that is the only place is asked for every lookup")
    func databaseOnly() throws {
        let file = File()
        let script = Self.script.replacing("\"db_mode\", 1", with: "\"db_mode\", 3")
        var first = try H(script: script, database: file.location)
        _ = first.register("bob", at: H.bob)
        #expect(first.answerAll().map(\.startLine) == ["SIP/2.0 200 OK"])
        // Another proxy on the same file knows it without a restart.
        var second = try H(script: script, database: file.location)
        #expect(self.call(&second) == ["SIP/2.0 200 Known"])
        second.now = second.now.adding(milliseconds: 1_000)
        _ = second.register("bob", at: H.bob, expires: 0)
        #expect(second.answerAll().map(\.startLine) == ["SIP/2.0 200 OK"])
        #expect(self.call(&first) == ["SIP/2.0 404 Unknown"])
        first.shard.state.persistence.finish(first.shard.state.location)
        second.shard.state.persistence.finish(second.shard.state.location)
    }

    @Test("that is written later has everything at the end")
    func writeBack() throws {
        let file = File()
        let script = Self.script.replacing("\"db_mode\", 1", with: "\"db_mode\", 2")
        var proxy = try H(script: script, database: file.location)
        #expect(proxy.register("bob", at: H.bob).map(\.startLine) == ["SIP/2.0 200 OK"], "at once")
        proxy.shard.state.persistence.finish(proxy.shard.state.location)
        var again = try H(script: script, database: file.location)
        #expect(self.call(&again) == ["SIP/2.0 200 Known"])
        again.shard.state.persistence.finish(again.shard.state.location)
    }
}
