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
