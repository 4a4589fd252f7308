import Glibc
import SIPKit
import Testing

@testable import miniproxy

/// Checked scripts that call every function, against messages that nobody would send: seeds, cut and changed at random.
///
/// A few thousand messages in each test run; `FUZZ_SECONDS=600 swift test --filter ArbitraryMessageTests` goes on for ten
/// minutes. The seed of a run is printed when it is not the usual one.
@Suite("A checked script")
struct ArbitraryMessageTests {
    /// All functions that there are bodies for, each example in a block of its own: in this dialect a function that says
    /// 0 ends its block alone, and the next one is called.
    static let script: String = {
        var text = "#!SER\n" + ModuleTable.all.map { "loadmodule \"\($0.name).so\"\n" }.joined()
        let calls = ExampleTests.cases.filter {
            FunctionBodies.named($0.function.name) != nil && $0.example.block == .request
        }.map(\.example.call)
        text += "route { \(calls.indices.map { "route(E\($0)); " }.joined()) route(VARS); }\n"
        for (number, call) in calls.enumerated() {
            text += "route[E\(number)] { if (\(call)) { setflag(1); } else { resetflag(1); } }\n"
        }
        let known = ScriptVariable.Known.allCases.map { "$\($0.rawValue)" }.joined(separator: " ")
        text +=
            "route[VARS] { xlog(\"L_DBG\", \"\(known) $hdr(Via) $(hdr(X)[-1]) $avp(a)\"); $rU = $fU; $rd = $td; $ru = $ct; $du = $fu;"
            + " $var(a) = $(ru{uri.user}{s.substr,1,2}) + $(ct{nameaddr.uri}); switch ($rm) { case /^I/: setflag(2); } }\n"
        return text
    }()

    static let seeds: [[UInt8]] = {
        var seeds = ExampleTests.cases.map(\.example.message.bytes)
        seeds.append(Array(ShardHarness.request("INVITE", "sip:bob@127.0.0.1:6002", at: ShardHarness.alice).utf8))
        return seeds
    }()

    struct Random: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            self.state = self.state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            var value = self.state
            value = (value ^ (value >> 33)) &* 0xFF51_AFD7_ED55_8CCD
            return value ^ (value >> 33)
        }
    }

    static func change(_ seed: [UInt8], _ random: inout Random) -> [UInt8] {
        var bytes = seed
        let words = [
            "\r\n", ";", ",", "<", ">", "\"", ":", "@", "%", "=", "sip:", "tel:", "\0", "[", "]", "65536", "-1",
            "\u{E9}", " ",
        ]
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            guard !bytes.isEmpty else { break }
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.insert(contentsOf: Array(words.randomElement(using: &random)!.utf8), at: place)
            case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...20, using: &random)))
            case 3: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 40)], at: place)
            default: if Int.random(in: 0..<8, using: &random) == 0 { bytes.removeSubrange(place...) }
            }
        }
        return bytes
    }

    @Test("ends for every message, whatever its bytes")
    func survives() throws {
        let seconds = getenv("FUZZ_SECONDS").flatMap { Int(String(cString: $0)) } ?? 0
        let loaded = ScriptProgram.load(SourceText(name: "all.cfg", bytes: Array(Self.script.utf8)))
        let program = try #require(loaded.program, "\(loaded.report)")
        let state = try FunctionHarness.state()
        var random = Random(state: seconds > 0 ? UInt64(time(nil)) : 42)
        if seconds > 0 { print("seed \(random.state)") }
        let end = time(nil) + seconds
        var count = 0
        while seconds > 0 ? time(nil) < end : count < 1_500 {
            let message = Self.change(Self.seeds.randomElement(using: &random)!, &random)
            Self.run(message, program, state)
            count += 1
        }
        if seconds > 0 { print("\(count) messages in \(seconds) s, none of them broke a script") }
        #expect(count > 0)
    }

    private static func run(_ message: [UInt8], _ program: Program<RouteContext>, _ state: ProxyState) {
        message.withUnsafeBufferPointer { memory in
            guard var context = try? FunctionHarness.context(memory, state) else { return }
            guard let main = program.main else { return }
            var run = program.run(main)
            var outcome = program.start(&run, &context)
            while outcome == .waiting {
                context.question = nil
                outcome = program.resume(&run, &context, with: .failed)
            }
            // What it wants can be written.
            let after = context.edits.apply(to: message)
            #expect(after.count == context.edits.length(of: message.count))
        }
    }
}
