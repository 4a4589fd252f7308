import Glibc
import SIPKit
import SIPNet
import Testing

@testable import miniproxy

/// The whole proxy over a network in memory that loses, doubles, delays and reorders, with a clock of its own.
///
/// A failing seed is printed with all its messages; `SIPKIT_SEED=N` runs that one alone, `SIPKIT_SEEDS=N` so many.
@Suite("Calls through a bad network")
struct SimulationTests {
    private static func number(_ name: String) -> UInt64? { getenv(name).flatMap { UInt64(String(cString: $0)) } }

    static let seeds: UInt64 = Self.number("SIPKIT_SEEDS") ?? 10_000
    /// Several at once: each takes every so many-th seed.
    static let lanes: UInt64 = 8

    @Test("succeed where they can, are answered once, and leave nothing behind", arguments: 0..<Self.lanes)
    func seeds(lane: UInt64) {
        if let only = Self.number("SIPKIT_SEED") {
            guard lane == 0 else { return }
            var call = SimulatedCall(seed: only)
            call.run()
            print("seed \(only), \(call.plot), loss \(call.loss), users \(call.withUsers):\n\(call.trace)")
            #expect(call.complaints.isEmpty)
            return
        }
        var counts = [(0, 0), (0, 0), (0, 0)]
        for seed in stride(from: lane, to: Self.seeds, by: Int(Self.lanes)) {
            var call = SimulatedCall(seed: seed)
            call.run()
            counts[Int(seed % 3)].0 += 1
            counts[Int(seed % 3)].1 += call.isComplete ? 1 : 0
            guard call.complaints.isEmpty else {
                Issue.record("SIPKIT_SEED=\(seed) (\(call.plot), loss \(call.loss)): \(call.complaints)")
                return
            }
        }
        // What is lost often enough is lost: a 2xx and its ACK have eleven chances to cross four times.
        #expect(counts[0].1 == counts[0].0)
        #expect(counts[1].1 * 100 >= counts[1].0 * 98, "\(counts[1]) at 10 % loss")
        #expect(counts[2].1 * 100 >= counts[2].0 * 80, "\(counts[2]) at 30 % loss")
    }
}
