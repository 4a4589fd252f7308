import SIPKit
import SIPNet
import Testing

@testable import miniproxy

@Suite("A wall clock that is set")
struct ClockWatchTests {
    typealias H = ShardHarness

    @Test("is noticed, in either direction; what NTP does is not")
    func jumps() {
        var watch = ClockWatch()
        func second(_ number: Int64) -> MonotonicTime { MonotonicTime(nanoseconds: number * 1_000_000_000) }
        #expect(watch.jump(wall: 1_000_000, now: second(50)) == 0)
        #expect(watch.jump(wall: 1_000_010, now: second(60)) == 0)
        #expect(watch.jump(wall: 1_000_021, now: second(70)) == 0, "a second more")
        #expect(watch.jump(wall: 1_000_031 + 30 * 86_400, now: second(80)) == 30 * 86_400)
        #expect(watch.jump(wall: 1_000_041 + 30 * 86_400, now: second(90)) == 0, "once")
        #expect(watch.jump(wall: 1_000_051 + 29 * 86_400, now: second(100)) == -86_400)
    }

    @Test(
        "takes contacts along: they last as long as their phones were told",
        arguments: [30 * 86_400, -86_400] as [Int64])
    func contacts(jump: Int64) throws {
        let file = WriteThroughTests.File()
        let script = WriteThroughTests.script.replacing("\"db_mode\", 1", with: "\"db_mode\", 2")
        func look(_ proxy: inout H, _ branch: String) -> [String] {
            proxy.receive(H.request("OPTIONS", "sip:bob@127.0.0.1", at: H.alice, branch: branch), from: H.alice)
                .map(\.startLine)
        }
        var proxy = try H(script: script, database: file.location)
        _ = proxy.register("bob", at: H.bob, expires: 600)
        proxy.wallTime += jump
        for table in proxy.shard.state.location.all { table.shift(by: jump) }
        #expect(look(&proxy, "z9hG4bK1") == ["SIP/2.0 200 Known"])
        proxy.wallTime += 590
        #expect(look(&proxy, "z9hG4bK2") == ["SIP/2.0 200 Known"])
        proxy.shard.state.persistence.finish(proxy.shard.state.location)
        // The database has the new moment: another process on the same clock agrees.
        var again = try H(script: script, database: file.location)
        let table = again.shard.state.location.location
        let expires = table.withRecord(Array("bob".utf8)) { $0.bindings.first?.expires }
        #expect(expires == 1_000_000 + jump + 600 || jump < 0, "one that has ended by the harness's clock is not read")
        again.wallTime = proxy.wallTime + 20
        #expect(look(&again, "z9hG4bK3") == ["SIP/2.0 404 Unknown"])
        again.shard.state.persistence.finish(again.shard.state.location)
    }
}
