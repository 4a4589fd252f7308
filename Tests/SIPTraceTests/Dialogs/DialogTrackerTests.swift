import SIPKit
import Testing

@testable import SIPTrace

@Suite("Dialogs of a trace")
struct DialogTrackerTests {
    private func track(_ messages: [(Int64, String, String, Bool)]) -> DialogTracker {
        var tracker = DialogTracker()
        var reading = MessageReading()
        for (milliseconds, start, cSeq, fromCaller) in messages {
            let caller = SocketAddress(IPAddress(v4: 0x0A00_0001), 5060)
            let callee = SocketAddress(IPAddress(v4: 0x0A00_0002), 5060)
            let bytes = Array(
                """
                \(start)\r
                Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bK\(cSeq.split(separator: " ").joined())\r
                From: <sip:anna@example>;tag=1\r
                To: <sip:bert@example>\r
                Call-ID: x\r
                CSeq: \(cSeq)\r
                \r

                """.utf8)
            reading.read(bytes.span)
            let origin = MessageOrigin(
                time: milliseconds * 1_000_000, source: fromCaller ? caller : callee,
                destination: fromCaller ? callee : caller, transport: .udp, frame: 1)
            tracker.take(origin, bytes.span, reading)
        }
        return tracker
    }

    @Test("follow a call from INVITE to BYE with its times")
    func answered() throws {
        let tracker = self.track([
            (0, "INVITE sip:b SIP/2.0", "1 INVITE", true), (500, "INVITE sip:b SIP/2.0", "1 INVITE", true),
            (600, "SIP/2.0 180 Ringing", "1 INVITE", false), (2000, "SIP/2.0 200 OK", "1 INVITE", false),
            (2100, "ACK sip:b SIP/2.0", "1 ACK", true), (5000, "BYE sip:a SIP/2.0", "2 BYE", false),
            (5100, "SIP/2.0 200 OK", "2 BYE", true),
        ])
        #expect(tracker.records.count == 1)
        let record = try #require(tracker.records.first)
        #expect(record.state == .completed)
        #expect(record.repeated == 1)
        #expect(record.messages == 7)
        #expect(record.postDialDelay == 600_000_000)
        #expect(record.setupTime == 2_000_000_000)
        #expect(record.talkTime == 3_000_000_000)
        #expect(!record.endedByCaller)
        #expect(Array(tracker.fromUser(0)) == Array("anna".utf8))
        #expect(Array(tracker.toUser(0)) == Array("bert".utf8))
    }

    @Test(
        "name the ending of a call that was not answered",
        arguments: [
            ("486 Busy Here", DialogRecord.State.busy), ("404 Not Found", .rejected), ("302 Moved", .diverted),
            ("487 Request Terminated", .cancelled), ("407 Proxy Authentication Required", .callSetup),
        ])
    func unanswered(status: String, state: DialogRecord.State) {
        let tracker = self.track([
            (0, "INVITE sip:b SIP/2.0", "1 INVITE", true), (100, "SIP/2.0 \(status)", "1 INVITE", false),
        ])
        #expect(tracker.records.map(\.state) == [state])
    }

    @Test("take a challenge for a step and the answer for the end of a registration")
    func registration() {
        let tracker = self.track([
            (0, "REGISTER sip:b SIP/2.0", "1 REGISTER", true), (1, "SIP/2.0 401 Unauthorized", "1 REGISTER", false),
            (2, "REGISTER sip:b SIP/2.0", "2 REGISTER", true), (3, "SIP/2.0 200 OK", "2 REGISTER", false),
        ])
        #expect(tracker.records.map(\.state) == [.ok])
        #expect(tracker.records.map(\.finalStatus) == [200])
    }

    @Test("keep byte strings apart and find them again, many of them")
    func keys() {
        var table = ByteKeyTable()
        for round in 0..<2 {
            for number in 0..<5000 {
                let key = Array("call-\(number)@host".utf8)
                let (place, isNew) = table.insert(key.span, ByteRange(0, key.count))
                #expect(place == number)
                #expect(isNew == (round == 0))
            }
        }
        #expect(Array(table[4711]) == Array("call-4711@host".utf8))
        let other = Array("call-5000@host".utf8)
        let found = table.find(other.span, ByteRange(0, other.count))
        #expect(found == nil)
    }
}
