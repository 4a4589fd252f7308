import SIPKit
import SIPTrace
import Testing

@testable import sipgrep

@Suite("Whole dialogs")
struct DialogTests {
    private func message(_ start: String, _ call: String, _ extra: String = "") -> [UInt8] {
        Array("\(start)\r\nCall-ID: \(call)\r\nCSeq: 1 INVITE\r\n\(extra)\r\n".utf8)
    }

    private func origin(_ second: Int64) -> MessageOrigin {
        MessageOrigin(
            time: second * 1_000_000_000, source: SocketAddress(.loopbackV4, 1),
            destination: SocketAddress(.loopbackV4, 2),
            transport: .udp, frame: 1)
    }

    @Test("know the calls that matched, and those tied to them by a header, over several steps")
    func correlated() {
        var calls = DialogSet(correlators: ["X-Call-ID", "P-Charging-Vector"])
        let invite = "INVITE sip:a SIP/2.0"
        calls.note(self.message(invite, "a").span, isMatch: true)
        calls.note(self.message(invite, "b", "X-Call-ID: a\r\n").span, isMatch: false)
        calls.note(self.message(invite, "c", "x-call-id: b;x=1\r\n").span, isMatch: false)
        calls.note(self.message(invite, "d", "P-Charging-Vector: icid-value=\"c\";orig-ioi=x\r\n").span, isMatch: false)
        calls.note(self.message(invite, "e").span, isMatch: false)
        let found = ["a", "b", "c", "d", "e"].map { calls.contains(self.message("BYE sip:a SIP/2.0", $0).span) }
        #expect(found == [true, true, true, true, false])
    }

    @Test("show on live input also what came before the match, and nothing of others")
    func lookback() {
        var follower = DialogFollower(lookback: 30_000_000_000)
        let early = follower.take(self.origin(1), self.message("INVITE sip:a SIP/2.0", "a").span, isMatch: false)
        #expect(early.before.isEmpty)
        #expect(!early.isShown)
        _ = follower.take(self.origin(2), self.message("INVITE sip:a SIP/2.0", "b").span, isMatch: false)
        let match = follower.take(self.origin(3), self.message("SIP/2.0 486 Busy", "a").span, isMatch: true)
        #expect(match.before.map(\.time) == [1_000_000_000])
        #expect(match.isShown)
        let later = follower.take(self.origin(4), self.message("ACK sip:a SIP/2.0", "a").span, isMatch: false)
        #expect(later.before.isEmpty)
        #expect(later.isShown)
    }

    @Test("forget what is older than asked")
    func forgetting() {
        var follower = DialogFollower(lookback: 30_000_000_000)
        _ = follower.take(self.origin(1), self.message("INVITE sip:a SIP/2.0", "a").span, isMatch: false)
        _ = follower.take(self.origin(60), self.message("INVITE sip:a SIP/2.0", "b").span, isMatch: false)
        let match = follower.take(self.origin(61), self.message("SIP/2.0 486 Busy", "a").span, isMatch: true)
        #expect(match.before.isEmpty)
        #expect(match.isShown)
    }
}
