import SIPKit
import SIPKitProperties
import Testing

/// Nothing that comes in ends the process: every message whole, cut at every length, and with octets replaced.
@Suite("Nothing traps", .enabled(if: Corpus.isPresent, "shared corpus absent"))
struct SurvivalTests {
    /// Sets of whole messages.
    static let folders = [
        "rfc4475", "rfc5118", "rfc3665", "rfc5359", "rfc5407", "known-crash-shapes", "jsip-torture", "osip",
        "sofia-sip",
        "kamailio-misc", "pjsip-seeds", "php-sip", "sipgo-fuzz", "belle-sip-afl", "profuzzbench", "pcapplusplus",
    ]
    /// A debug build is some fifty times slower: it takes one case in so many, a release build all of them.
    #if DEBUG
        static let step = 97
    #else
        static let step = 1
    #endif

    @Test("over each file as it is", arguments: Self.folders)
    func whole(folder: String) throws {
        let files = Corpus.files(folder)
        #expect(!files.isEmpty)
        for file in files {
            guard let bytes = Corpus.message(file) ?? Corpus.bytes(file) else { continue }
            try Everything.read(bytes)
        }
    }

    @Test("over each file cut at every length", arguments: Self.folders)
    func truncated(folder: String) throws {
        for file in Corpus.files(folder) {
            guard let bytes = Corpus.message(file) ?? Corpus.bytes(file) else { continue }
            // Long files repeat themselves: a few thousand lengths of each are enough.
            let step = Swift.max(Self.step, bytes.count / (4_000 / Self.step))
            for length in stride(from: 0, to: bytes.count, by: step) {
                try Everything.read(Array(bytes[..<length]))
            }
        }
    }

    @Test("over each file with each octet replaced by those that mean something", arguments: Self.folders)
    func replaced(folder: String) throws {
        for file in Corpus.files(folder) {
            guard var bytes = Corpus.message(file) ?? Corpus.bytes(file) else { continue }
            let step = Swift.max(Self.step, bytes.count / (4_000 / Self.step))
            for (round, octet) in ([0x00, 0x0A, 0x0D, 0x20, 0x22, 0x3B, 0x7F, 0x80, 0xFF] as [UInt8]).enumerated() {
                for place in stride(from: round % step, to: bytes.count, by: step) {
                    let original = bytes[place]
                    bytes[place] = octet
                    try Everything.read(bytes)
                    bytes[place] = original
                }
            }
        }
    }

    @Test("over the PROTOS c07 cases, their placeholders filled in")
    func protos() throws {
        let files = Corpus.files("protos-c07")
        #expect(!files.isEmpty)
        #if DEBUG
            let step = 29
        #else
            let step = 1
        #endif
        var packets = 0
        for place in stride(from: 0, to: files.count, by: step) {
            for packet in ProtosCase.packets(Corpus.bytes(files[place]) ?? []) {
                try Everything.read(packet)
                packets += 1
            }
        }
        #expect(packets >= files.count / step)
    }
}
