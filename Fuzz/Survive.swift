import Glibc

/// Every message of the corpora cut at every length and with every octet replaced by those that mean something, the
/// PROTOS cases, and messages that nobody wrote: what the test suites do in samples is done here in full.
///
/// Two threads share the work; a trap ends the program, and a property that does not hold is told and counted.
@main
struct Survive {
    /// Sets of whole messages.
    static let folders = [
        "rfc4475", "rfc5118", "rfc3665", "rfc5359", "rfc5407", "known-crash-shapes", "jsip-torture", "osip",
        "sofia-sip",
        "kamailio-misc", "pjsip-seeds", "php-sip", "sipgo-fuzz", "belle-sip-afl", "profuzzbench", "pcapplusplus",
    ]
    static let octets: [UInt8] = [0x00, 0x0A, 0x0D, 0x20, 0x22, 0x3B, 0x7F, 0x80, 0xFF]
    /// A longer file repeats itself, and its square takes for ever: so many places of it are enough.
    static let places = 4_000
    static let generated: UInt64 = 100_000

    struct Count: Sendable {
        var inputs = 0
        var broken = 0

        mutating func examine(_ subject: Subject, _ bytes: [UInt8], _ name: @autoclosure () -> String) {
            self.inputs += 1
            do {
                try subject.examine(bytes)
            } catch {
                self.broken += 1
                print("\(name()): \(error.description)")
            }
        }
    }

    static func main() async {
        if Corpus.isPresent {
            let files = Self.folders.flatMap { Corpus.files($0) }
            await Self.report("messages cut at every length, and each octet replaced") { lane in
                var count = Count()
                for place in stride(from: lane, to: files.count, by: 2) { Self.mutate(files[place], &count) }
                return count
            }
            let cases = Corpus.files("protos-c07")
            await Self.report("PROTOS c07 packets") { lane in
                var count = Count()
                for place in stride(from: lane, to: cases.count, by: 2) {
                    for packet in ProtosCase.packets(Corpus.bytes(cases[place]) ?? []) {
                        count.examine(.message, packet, cases[place])
                    }
                }
                return count
            }
            await Self.report("streams of the corpora in pieces of every size") { lane in
                var count = Count()
                for place in stride(from: lane, to: files.count, by: 2) {
                    guard let bytes = Corpus.bytes(files[place]) else { continue }
                    count.examine(.framer, [7] + bytes.prefix(20_000), files[place])
                }
                return count
            }
        } else {
            print("shared corpus absent: only what is generated is examined")
        }
        await Self.report("generated messages, read, written and read again") { lane in
            var count = Count()
            for seed in stride(from: UInt64(lane), to: Self.generated, by: 2) {
                var generated = GeneratedMessage(seed: seed)
                let bytes = generated.bytes()
                count.examine(.message, bytes, "seed \(seed)")
                guard let message = try? SIPMessage(parsing: bytes), MessageSanity.examine(message) == nil else {
                    count.broken += 1
                    print("seed \(seed) is not in order:\n\(String(decoding: bytes, as: UTF8.self))")
                    continue
                }
            }
            return count
        }
        await Self.report("streams of four generated messages in pieces of every size") { lane in
            var count = Count()
            for seed in stride(from: UInt64(lane), to: Self.generated / 100, by: 2) {
                var stream: [UInt8] = [UInt8(truncatingIfNeeded: seed)]
                for part in UInt64(0)..<4 {
                    var generated = GeneratedMessage(seed: seed &* 1_000 &+ part)
                    stream += generated.bytes()
                }
                count.examine(.framer, stream, "stream seed \(seed)")
            }
            return count
        }
        exit(Self.broken > 0 ? 1 : 0)
    }

    private static func mutate(_ file: String, _ count: inout Count) {
        guard var bytes = Corpus.message(file) ?? Corpus.bytes(file) else { return }
        count.examine(.message, bytes, file)
        let step = max(1, bytes.count / Self.places)
        for length in stride(from: 0, to: bytes.count, by: step) {
            count.examine(.message, Array(bytes[..<length]), "\(file), the first \(length) bytes")
        }
        for octet in Self.octets {
            for place in stride(from: 0, to: bytes.count, by: step) {
                let original = bytes[place]
                bytes[place] = octet
                count.examine(.message, bytes, "\(file), octet \(place) as \(octet)")
                bytes[place] = original
            }
        }
    }

    nonisolated(unsafe) private static var broken = 0

    private static func report(_ what: String, _ work: @escaping @Sendable (Int) -> Count) async {
        let begun = Self.seconds()
        async let first = work(0)
        async let second = work(1)
        let (one, other) = await (first, second)
        let broken = one.broken + other.broken
        Self.broken += broken
        print("\(one.inputs + other.inputs) \(what): \(broken) broken, \(Self.seconds() - begun) s")
        fflush(nil)
    }

    private static func seconds() -> Int {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return now.tv_sec
    }
}
