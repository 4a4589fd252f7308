import SIPKit
import SIPTrace
import Testing

@testable import harv

@Suite("What rules need")
struct MarkTests {
    static func findings(_ scene: Scene, isGated: Bool) -> [Finding] {
        DiagnosisTests.findings(scene, DiagnosisEngine(isGated: isGated))
    }

    @Test(
        "no example of any rule is judged otherwise when rules are asked about everything",
        arguments: DiagnosisTable.all)
    func gates(rule: Diagnosis) {
        for example in rule.examples {
            let gated = Self.findings(example.scene, isGated: true)
            let all = Self.findings(example.scene, isGated: false)
            #expect(gated.map(\.diagnosis.id) == all.map(\.diagnosis.id), "\(rule.id) \(example.title)")
            #expect(gated.map(\.count) == all.map(\.count), "\(rule.id) \(example.title)")
            #expect(gated.flatMap { $0.cases.map(\.say) } == all.flatMap { $0.cases.map(\.say) })
        }
    }

    @Test(
        "nor is a trace full of faults", .enabled(if: GeneratedLog.isPossible, "generator or python3 absent"),
        arguments: 1...3)
    func generated(seed: Int) throws {
        let log = try GeneratedLog(["--size", "4M", "--seed", "\(seed)", "--faults", "12"])
        defer { log.remove() }
        let (gated, all) = (TraceRun(paths: [log.path]), TraceRun(paths: [log.path], engine: .init(isGated: false)))
        let (few, many) = (try gated.run().findings, try all.run().findings)
        #expect(few.map(\.diagnosis.id) == many.map(\.diagnosis.id))
        #expect(few.map(\.count) == many.map(\.count))
    }

    @Test("clean pings and registrations are asked about by few rules")
    func few() {
        func asked(_ scene: Scene) -> Int {
            var marks: [Marks] = []
            var analyser = Analyser(engine: DiagnosisEngine([Self.probe { marks.append($0) }]), seed: 1)
            scene.play(into: &analyser)
            _ = analyser.finish()
            return DiagnosisTable.all.count { rule in
                switch rule.examination {
                case .conversation(let needs, _): marks.contains { $0.isSuperset(of: needs) }
                case .registration(let needs, _): marks.contains { $0.isSuperset(of: needs) }
                default: false
                }
            }
        }
        #expect(asked(Scene.pings(3, over: 60)) <= 4)
        #expect(asked(Scene.register) <= 9)
    }

    /// A rule that finds nothing and tells which marks it saw.
    private static func probe(_ tell: @escaping (Marks) -> Void) -> Diagnosis {
        nonisolated(unsafe) let tell = tell
        return Diagnosis(
            "T0", "probe", .info, .possible, "", sees: "", condition: "", why: "", remedy: "", sources: "",
            explains: [], examples: [],
            .conversation(needs: []) { context in
                tell(context.conversation.marks)
                return nil
            })
    }
}

@Suite("Tables keyed by hashes")
struct KeyTableTests {
    @Test("does what a dictionary does, whatever the order of putting in and taking out")
    func likeDictionary() {
        var generator = SystemRandomNumberGenerator()
        var table = KeyTable<Int>()
        var model: [UInt64: Int] = [:]
        // Few keys, badly mixed: long chains, and many ways to take something out of them.
        for step in 0..<20_000 {
            let key = UInt64.random(in: 0..<200, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0, 1:
                table[key] = step
                model[key] = step
            case 2:
                let (removed, expected) = (table.remove(key), model.removeValue(forKey: key))
                #expect(removed == expected)
            default: #expect(table[key] == model[key])
            }
            #expect(table.count == model.count)
        }
        #expect(table.keys.sorted() == model.keys.sorted())
        #expect(table.values.sorted() == model.values.sorted())
        table.removeAll(keepingCapacity: true)
        #expect(table.isEmpty && table.values.isEmpty && table[7] == nil)
        let (isNew, isNewAgain) = (table.insert(7, 1), table.insert(7, 2))
        #expect(isNew && !isNewAgain)
        #expect(table[7] == 1)
    }
}

@Suite("Packets counted without tables")
struct PacketCounterTests {
    static let messages = [
        "SIP/2.0 200 OK\r\nServer: a b \r\nUser-Agent:c\r\nP-hint: usrloc\r\n\r\n",
        "OPTIONS sip:a@b SIP/2.0\r\nuser-agent : late colon\r\n\r\n",
        "OPTIONS sip:a@b SIP/2.0\r\nUSER-AGENT: two\r\n lines\r\nServers: none\r\n\r\n",
        "INVITE sip:a b@c SIP/2.0\r\nP-Hint:\tx\r\nP-hint: y\r\nSubject: s\r\nUser-Agent-X: z\r\n\r\nServer: in the body\r\n",
        "NOTIFY sip:a SIP/3.0\r\nServer:\r\n\r\n", "FOO sip:a SIP/2.0\r\nServer: foo\r\n\r\n", "SIP/2.0 99 x\r\n\r\n",
        "SIP/2.0 700 x\r\n\r\n", "SIP/2.0 200\r\nServer: short\r\n\r\n", "", "\r\n", "garbage",
        "INVITE  sip:a SIP/2.0\r\n\r\n",
        "ACK sip:a SIP/2.0\nServer: bare line ends\n\n", "BYE sip:a SIP/2.0\r\nUser-Agent: no end",
    ]

    @Test("the same as with them, message by message", arguments: messages)
    func same(text: String) {
        var (quick, slow) = (PacketCounter(seed: 1), PacketCounter(seed: 1, isQuick: false))
        let bytes = Array(text.utf8)
        quick.take(bytes.span)
        slow.take(bytes.span)
        #expect(quick.summary.messages == slow.summary.messages)
        #expect(quick.summary.agents.agents == slow.summary.agents.agents)
        #expect(quick.summary.hints == slow.summary.hints)
    }

    @Test(
        "the counts of the truth file", .enabled(if: GeneratedLog.isPossible, "generator or python3 absent"),
        arguments: 1...2)
    func truth(seed: Int) throws {
        let log = try GeneratedLog(["--size", "2M", "--seed", "\(seed)"])
        defer { log.remove() }
        let summary = try TraceRun(paths: [log.path]).countPackets()
        #expect(summary.messages.all.raw == log.truth.messages)
        #expect(TruthTests.methods(summary.messages, \.raw) == log.truth.requests)
        #expect(TruthTests.codes(summary.messages, \.raw) == log.truth.replies)
        #expect(TruthTests.agents(summary, \.asUserAgent) == log.truth.ua)
        #expect(TruthTests.agents(summary, \.asServer) == log.truth.servers)
        #expect(TruthTests.labels(summary) == log.truth.phints)
    }
}
