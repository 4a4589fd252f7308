import SIPKit
import SIPKitProperties
import Testing

@Suite("Generated messages")
struct GeneratedMessageTests {
    #if DEBUG
        static let count: UInt64 = 3_000
    #else
        static let count: UInt64 = 100_000
    #endif

    @Test("are in order, and each value is read again as it was written")
    func roundTrips() throws {
        for seed in 0..<Self.count {
            var generated = GeneratedMessage(seed: seed)
            let bytes = generated.bytes()
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(throws: Never.self, "seed \(seed):\n\(text)") { try Subject.message.examine(bytes) }
            let message = try SIPMessage(parsing: bytes)
            #expect(MessageSanity.examine(message) == nil, "seed \(seed): \(Reading(bytes))\n\(text)")
            if MessageSanity.examine(message) != nil { return }
        }
    }

    @Test("come out of a stream as they went in, wherever it is cut")
    func streams() throws {
        for seed in 0..<(Self.count / 100) {
            var stream: [UInt8] = [UInt8(truncatingIfNeeded: seed)]
            for part in UInt64(0)..<4 {
                var generated = GeneratedMessage(seed: seed &* 1_000 &+ part)
                stream += generated.bytes()
            }
            #expect(throws: Never.self, "seed \(seed)") { try Subject.framer.examine(stream) }
        }
    }
}

@Suite("Streams of the corpora", .enabled(if: Corpus.isPresent, "shared corpus absent"))
struct CorpusStreamTests {
    @Test(
        "give the same messages in pieces of every size",
        arguments: ["php-sip", "rfc4475", "rfc5118", "known-crash-shapes"])
    func pieces(folder: String) throws {
        for file in Corpus.files(folder) {
            guard let bytes = Corpus.bytes(file) else { continue }
            #expect(throws: Never.self, "\(file)") { try Subject.framer.examine([7] + bytes.prefix(20_000)) }
        }
    }
}
