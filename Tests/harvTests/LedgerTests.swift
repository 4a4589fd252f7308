import SIPKit
import SIPTrace
import Testing

@testable import harv

@Suite("What is remembered over a whole trace")
struct LedgerTests {
    @Test("a Date header is read to the second, and nothing else is")
    func dates() {
        #expect(ClockLedger.time("Thu, 01 Jan 1970 00:00:00 GMT") == 0)
        #expect(ClockLedger.time("Sat, 13 Nov 2010 23:29:00 GMT") == 1_289_690_940)
        #expect(ClockLedger.time("Thu, 29 Feb 2024 12:00:01 GMT") == 1_709_208_001)
        for text in [
            "", "yesterday", "Sat, 99 Nov 2010 23:29:00 GMT", "Sat, 13 Nov 2010 25:29:00 GMT",
            "Sat, 13 Xyz 2010 1:2:3 GMT",
        ] {
            #expect(ClockLedger.time(text) == nil, "\(text)")
        }
    }

    @Test("Fisher's exact test gives the textbook's number for the lady tasting tea")
    func fisher() {
        #expect(abs(FactorTable.fisher(3, 1, 1, 3) - 17.0 / 70) < 1e-9)
        #expect(abs(FactorTable.fisher(4, 0, 0, 4) - 1.0 / 70) < 1e-9)
        #expect(FactorTable.fisher(0, 0, 0, 0) == 1)
        #expect(FactorTable.fisher(12, 0, 0, 24) < 1e-6)
    }

    @Test("new processes are a restart only when all are new and were seen often enough")
    func restarts() {
        func server(_ processes: [(pid: UInt32, first: Int64, last: Int64, count: Int)]) -> ServerTraceLedger.Server {
            var server = ServerTraceLedger.Server()
            for process in processes {
                server.processes[process.pid] = .init(first: process.first, last: process.last, count: process.count)
            }
            return server
        }
        let old: [(UInt32, Int64, Int64, Int)] = [(10, 0, 90, 15), (11, 5, 95, 15)]
        #expect(server(old + [(30, 100, 190, 15), (31, 110, 200, 15)]).restarts == [100])
        #expect(server(old + [(12, 50, 190, 15), (13, 110, 200, 15)]).restarts == [], "one process lived through it")
        #expect(server([(2783, 0, 0, 1), (2786, 1, 1, 1)]).restarts == [], "two processes of one server, once each")
    }

    @Test("how many calls were up is counted at each refusal")
    func levels() {
        var hop = HopLedger.Hop()
        hop.spans = [0..<100, 10..<50, 20..<60]
        hop.full = [30, 55, 5]
        let (levels, most) = HopLedger.levels(hop)
        #expect(levels == [1, 3, 2])
        #expect(most == 3)
    }

    @Test("two devices that refresh by themselves are no registration that jumps")
    func twoDevices() {
        var ledger = RegistrationLedger()
        func register(_ contact: UInt64, call: UInt64, at minute: Int64) {
            ledger.grant(
                7,
                .init(
                    contact: contact, listed: nil, source: SocketAddress(IPAddress(v4: 1), 5060),
                    time: minute * 60_000_000_000, seconds: 600, isUnreachable: false, isBehindNAT: false,
                    isAlone: true,
                    call: call), naming: { ("alice", "somewhere") })
        }
        for minute in 0..<50 { register(minute % 2 == 0 ? 1 : 2, call: minute % 2 == 0 ? 11 : 12, at: Int64(minute)) }
        #expect(ledger.flaps.isEmpty)
        for minute in 60..<90 { register(minute % 2 == 0 ? 1 : 2, call: 13, at: Int64(minute)) }
        #expect(ledger.flaps[7] != nil)
    }

    @Test("networks are an address with or without a length")
    func networks() {
        var known = KnownHosts()
        known.trusted = ["192.0.2.0/24", "2001:db8::/32", "203.0.113.9"].compactMap { KnownHosts.Network($0) }
        #expect(known.trusted.count == 3)
        for text in ["192.0.2.77", "2001:db8:1::9", "203.0.113.9"] {
            #expect(IPAddress(text).map(known.isTrusted) == true)
        }
        for text in ["192.0.3.77", "2001:db9::9", "203.0.113.8"] {
            #expect(IPAddress(text).map(known.isTrusted) == false)
        }
        for text in ["", "/", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/", "host/24", "192.0.2.0/24/8"] {
            #expect(KnownHosts.Network(text) == nil, "\(text)")
        }
    }

    @Test("times at the ends of what a capture can hold are taken like any others")
    func farTimes() {
        var analyser = Analyser(seed: 1)
        let bytes = Array(Scene.call.messages[0].text.utf8)
        for time in [Int64.max, .min, 0, .max, -1, .min] {
            let origin = MessageOrigin(
                time: time, source: SocketAddress(IPAddress(v4: 1), 5060),
                destination: SocketAddress(IPAddress(v4: 2), 5060),
                transport: .udp, frame: 0)
            analyser.take(bytes.span, origin, hasTime: true)
        }
        let counts = analyser.finish().messages
        #expect(counts.all.raw + counts.duplicates == 6)
    }

    @Test("the ledgers stay within their limits whatever comes")
    func bounded() {
        var ledger = RegistrationLedger()
        for user in 0..<UInt64(RegistrationLedger.maxBindings + 10) {
            ledger.grant(
                user,
                .init(
                    contact: 1, listed: nil, source: SocketAddress(IPAddress(v4: 1), 5060), time: 0, seconds: .max,
                    isUnreachable: false, isBehindNAT: false, isAlone: true, call: 1), naming: { ("", "") })
        }
        #expect(ledger.bindings.count == RegistrationLedger.maxBindings)
        #expect(ledger.isFull)

        var list = EvidenceList()
        for time in 0..<1000 { list.add(at: Int64(time), Evidence("again")) }
        #expect(list.evidence.count == Finding.maxCases)
        #expect(list.evidence.reduce(0) { $0 + $1.count } == 1000)
        #expect(list.evidence.last?.until == 999)
    }

    @Test(
        "lines of logs are known by what they say",
        arguments: [
            ("ERROR: tm:t_newtran: transaction already in process 0xb5", LogSymptom.transactionTwice),
            ("WARNING: rtpproxy [rtpproxy.c:2701]: rtpp_test(): can't find rtp proxy", .relayGone),
            ("ERROR: rtpengine: proxy <udp:127.0.0.1:22222> does not respond, disable it", .relayGone),
            ("ERROR: tm: no corresponding listening socket for af 2", .noSocket),
            ("WARNING: PIKE - BLOCKing ip 203.0.113.9, node=0x7f", .banned),
        ])
    func symptoms(line: String, symptom: LogSymptom) {
        #expect(LogSymptom.recognise(line) == symptom)
        #expect(LogSymptom.recognise("NOTICE: proxy <udp:127.0.0.1:22222> is up") == nil)
    }
}

@Suite("A server's accounting beside the trace")
struct AccountingTests {
    static func calls(_ statuses: [Int]) -> [String: OutcomeLedger.Outcome] {
        var calls: [String: OutcomeLedger.Outcome] = [:]
        for (number, status) in statuses.enumerated() {
            calls["c\(number)"] = .init(status: status, time: Int64(number), isRelayed: true)
        }
        return calls
    }
    static func compare(_ lines: [String], _ statuses: [Int]) -> AccountingComparison {
        AccountingComparison(lines, Self.calls(statuses)) { $0.status == 200 }
    }

    @Test("lines of Kamailio and of SER are read; BYEs, failures and lines without a Call-ID are not")
    func lines() {
        var log = LogLedger()
        for text in [
            "NOTICE: acc [acc.c:318]: acc_log_request(): ACC: transaction answered: timestamp=1772431200;method=INVITE;from_tag=a;to_tag=b;call_id=1@host;code=200;reason=OK",
            "ACC: transaction answered: method=INVITE, i-uri=sip:a@b, o-uri=sip:c@d, call_id=2@host, from=<sip:a@b>, code=200",
            "ACC: transaction answered: timestamp=1;method=BYE;from_tag=a;to_tag=b;call_id=3@host;code=200;reason=OK",
            "ACC: transaction answered: timestamp=1;method=INVITE;from_tag=a;to_tag=b;call_id=4@host;code=486;reason=Busy",
            "ACC: transaction answered: timestamp=1", "ACC: transaction answered: call_id=;method=INVITE",
            "ACC: call missed: timestamp=1;method=INVITE;from_tag=a;to_tag=;call_id=5@host;code=408;reason=Timeout",
            "ACC: call missed: i-uri=sip:a@b, o-uri=sip:c@d, call_id=6@host, from=<sip:a@b>, reason=486",
        ] {
            log.note(LogLine(time: nil, text: text))
        }
        #expect(log.answered == ["1@host", "2@host"])
        #expect(log.missed == ["5@host", "6@host"])
        #expect(log.entries[.answeredCall]?.count == 6)
    }

    @Test("what lies between the first and the last common call is compared, and nothing else")
    func edges() {
        let statuses = [200, 200, 200, 486, 200, 200, 200]
        let same = Self.compare(["c1", "c2", "c4", "c5"], statuses)
        #expect(same.matched == 4 && same.seen == 4)
        #expect(same.unrecorded.count + same.unseen.count + same.otherwise.count == 0)
        let missing = Self.compare(["c1", "c5"], statuses)
        #expect(missing.unrecorded.examples == ["c2", "c4"] && missing.unrecorded.time == 2)
        let more = Self.compare(["x0", "c1", "x1", "c2", "x1", "c5", "x2"], statuses)
        #expect(more.unseen.examples == ["x1"] && more.unseen.count == 1, "a call once, and only between")
        let wrong = Self.compare(["c2", "c3", "c4"], statuses)
        #expect(wrong.otherwise.examples == ["c3"])
        let foreign = Self.compare(["x0", "x1"], statuses)
        #expect(foreign.matched == 0 && foreign.unseen.count == 0 && foreign.unrecorded.count == 0)
    }

    @Test("each difference is told at its severity, with its calls")
    func evidence() {
        let found = { (scene: Scene) in DiagnosisTests.findings(scene).first { $0.diagnosis.id == "O10" } }
        let unbilled = found(Scene.call.happening(6).accounting("call-1", "call-2", "call-3", "call-6"))
        #expect(unbilled?.severity == .warning && unbilled?.count == 2)
        #expect(unbilled?.cases.first?.callID == "call-4")
        #expect(unbilled?.cases.first?.say.contains("call-4, call-5") == true)
        let wrong = found(Scene.refused(486, "Busy Here").happening(2).accounting("call-1"))
        #expect(wrong?.severity == .warning && wrong?.cases.first?.say.contains("ended otherwise") == true)
        let unseen = found(Scene.call.happening(3).accounting("call-1", "elsewhere", "call-2", "call-3"))
        #expect(unseen?.severity == .notice && unseen?.cases.first?.callID == "elsewhere")
        let foreign = found(Scene.call.happening(3).accounting("a", "b"))
        #expect(foreign?.severity == .notice && foreign?.cases.first?.say.contains("None of the 2") == true)
        #expect(found(Scene.call.happening(3)) == nil)
        let chosen = found(Scene.call.happening(7).accounting("call-1", "call-7"))
        #expect(chosen?.severity == .notice && chosen?.count == 5, "most calls have no line: somebody chose which have")
        let twice = found(Scene.call.logging("ERROR: t_newtran: transaction already in process 0x2a"))
        #expect(twice?.severity == .error)
        #expect(found(Scene.call.logging("WARNING: PIKE - BLOCKing ip 203.0.113.9"))?.severity == .notice)
    }
}

@Suite("A restart that nobody told of")
struct RestartTests {
    static let second: Int64 = 1_000_000_000
    static let silence = StallWatch.Stall(start: 3000 * second, length: 3 * second, requests: 6)

    /// Two requests in each slot of an hour, more behind the silence, and calls that the server has forgotten.
    static func ledger(rush: Int, lost: [(time: Int64, answered: Int64?)]) -> RestartLedger {
        var ledger = RestartLedger()
        for slot in 0..<720 { for _ in 0..<2 { ledger.arrive(at: Int64(slot) * 10 * second) } }
        for _ in 0..<rush { ledger.arrive(at: 3010 * second) }
        for call in lost {
            ledger.lose(.init(time: call.time * second, answered: call.answered.map { $0 * second }))
        }
        return ledger
    }

    @Test("silence, rush and forgotten calls together, and none of them alone")
    func together() {
        let calls: [(Int64, Int64?)] = [(3005, 100), (3050, 2900), (3100, nil)]
        let found = Self.ledger(rush: 8, lost: calls).restarts([Self.silence])
        #expect(found == [.init(silence: Self.silence, arrivals: 10, usual: 2, lost: 3)])
        #expect(Self.ledger(rush: 8, lost: calls).restarts([]).isEmpty)
        #expect(Self.ledger(rush: 3, lost: calls).restarts([Self.silence]).isEmpty, "no rush")
        #expect(Self.ledger(rush: 8, lost: Array(calls.dropLast())).restarts([Self.silence]).isEmpty, "two calls")
    }

    @Test("calls from after the silence, much later ones, and a server that always says 481 do not count")
    func others() {
        let young: [(Int64, Int64?)] = [(3050, 3020), (3060, 3030), (3070, 3040)]
        #expect(Self.ledger(rush: 8, lost: young).restarts([Self.silence]).isEmpty)
        let late: [(Int64, Int64?)] = [(3200, 100), (3300, 100), (3400, 100)]
        #expect(Self.ledger(rush: 8, lost: late).restarts([Self.silence]).isEmpty)
        let always: [(Int64, Int64?)] = [(2950, 100), (2990, 100), (3005, 100), (3050, 100), (3100, nil)]
        #expect(Self.ledger(rush: 8, lost: always).restarts([Self.silence]).isEmpty)
    }

    @Test("times far apart, and silences of a century, are no trap")
    func farApart() {
        var ledger = RestartLedger()
        let most: Int64 = 3_200_000_000_000_000_000
        for time in [-most, 0, most] { ledger.arrive(at: time) }
        for time in [most - 1, most, most] { ledger.lose(.init(time: time, answered: nil)) }
        for start in [-most, -1, 0, 1, most / 2, most - 5 * Self.second] {
            for length in [2 * Self.second, most - max(0, start), 600 * Self.second] {
                let silence = StallWatch.Stall(start: start, length: max(0, min(length, most - start)), requests: 9)
                #expect(ledger.restarts([silence]).isEmpty)
            }
        }
    }

    @Test("calls are forgotten hours after the last phone came: nothing is known of what is usual")
    func quietBefore() {
        var ledger = RestartLedger()
        ledger.arrive(at: 0)
        for time in [90_005, 90_006, 90_007] { ledger.lose(.init(time: Int64(time) * Self.second, answered: 0)) }
        let silence = StallWatch.Stall(start: 90_000 * Self.second, length: 3 * Self.second, requests: 9)
        #expect(ledger.restarts([silence]).isEmpty)
    }

    @Test("a Server text that comes back is a second server, whichever call ended first")
    func versions() {
        var server = ServerTraceLedger.Server()
        for (agent, time) in [(1, 0), (1, 90), (2, 100), (2, 150), (3, 200)] as [(UInt32, Int64)] {
            server.see(agent, time)
        }
        #expect(server.versions.map(\.since) == [100, 200])
        server.see(1, 40)
        #expect(server.versions.map(\.since) == [100, 200], "an old call that ended late")
        server.see(1, 120)
        #expect(server.versions.isEmpty)
    }

    @Test("five requests without an answer for two seconds are a silence, twenty a stall")
    func silences() {
        func watch(_ requests: Int) -> StallWatch {
            var analyser = Analyser(seed: 1)
            var scene = Scene.pings(requests, over: 2.5)
            for (number, time) in [(0, 0.0001), (requests - 1, 3)] {
                scene.add(
                    "200 out", time, Scene.server, "203.0.113.66:5060", "SIP/2.0 200 OK",
                    scene.messages[number].headers)
            }
            scene.play(into: &analyser)
            return analyser.finish().stalls
        }
        #expect(watch(4).silences.isEmpty)
        #expect(watch(8).silences.count == 1 && watch(8).stalls.isEmpty && watch(8).count == 0)
        #expect(watch(30).silences.count == 1 && watch(30).stalls.count == 1)
    }
}
