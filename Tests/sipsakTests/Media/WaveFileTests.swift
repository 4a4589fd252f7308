import SIPKit
import Testing

@testable import sipsak

@Suite("A WAV file")
struct WaveFileTests {
    static func file(kind: Int = 1, channels: Int = 1, rate: Int = 8000, bits: Int = 16, _ sound: [UInt8]) -> [UInt8] {
        func bytes(_ value: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        }
        let format = bytes(kind, 2) + bytes(channels, 2) + bytes(rate, 4) + bytes(0, 6) + bytes(bits, 2)
        let chunks =
            Array("WAVE".utf8) + Array("LIST".utf8) + bytes(3, 4) + [1, 2, 3, 0] + Array("fmt ".utf8) + bytes(16, 4)
            + format + Array("data".utf8) + bytes(sound.count, 4) + sound
        return Array("RIFF".utf8) + bytes(chunks.count, 4) + chunks
    }

    @Test("gives its samples; channels become one, other rates 8000 Hz")
    func samples() throws {
        #expect(try WaveFile(Self.file([1, 0, 255, 255]), name: "f").samples == [1, -1])
        #expect(try WaveFile(Self.file(channels: 2, [10, 0, 20, 0]), name: "f").samples == [15])
        #expect(try WaveFile(Self.file(bits: 8, [128, 129]), name: "f").samples == [0, 256])
        #expect(try WaveFile(Self.file(rate: 16_000, [0, 0, 1, 0, 2, 0, 3, 0]), name: "f").samples == [0, 2])
        #expect(try WaveFile(Self.file(rate: 4_000, [0, 0, 10, 0]), name: "f").samples == [0, 5, 10, 10])
        #expect(try WaveFile(Self.file(kind: 7, bits: 8, [0xFF]), name: "f").samples == [0])
    }

    @Test("that is none, or another kind, is refused in one sentence; cut anywhere it never traps")
    func refused() throws {
        #expect(throws: UsageError("f: is no WAV file (--media)")) { try WaveFile(Array("hello".utf8), name: "f") }
        #expect(throws: UsageError.self) { try WaveFile(Self.file(kind: 3, bits: 32, [0, 0, 0, 0]), name: "f") }
        #expect(throws: UsageError.self) { try WaveFile(Self.file(channels: 0, [0, 0]), name: "f") }
        let whole = Self.file([1, 0, 2, 0])
        for end in 0..<whole.count { _ = try? WaveFile(Array(whole[..<end]), name: "f") }
        var huge = whole
        for at in 16..<20 { huge[at] = 0xFF }
        _ = try? WaveFile(huge, name: "f")
    }

    @Test("both laws give back what they were given, within a step")
    func laws() {
        for sample in stride(from: -32_000, through: 32_000, by: 97) {
            #expect(abs(G711.fromMuLaw(G711.muLaw(sample)) - sample) <= Swift.max(8, abs(sample) / 16))
            #expect(abs(G711.fromALaw(G711.aLaw(sample)) - sample) <= Swift.max(16, abs(sample) / 16))
        }
    }
}
