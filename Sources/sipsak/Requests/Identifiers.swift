import SIPKit

/// Random numbers for branches, tags, Call-IDs and client nonces.
///
/// Seeded by the rim: from the system for real runs, with a number for runs that must repeat.
struct Identifiers: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { self.state = seed }

    init() {
        var system = SystemRandomNumberGenerator()
        self.state = system.next()
    }

    /// SplitMix64: short, and good enough for names that only have to differ.
    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// A number as the original draws it for Call-ID (decimal) and tag (the same in hexadecimal): 31 bits.
    mutating func call() -> UInt32 { UInt32(truncatingIfNeeded: self.next()) & 0x7FFF_FFFF | 1 }

    /// `z9hG4bK.` and 16 hexadecimal digits: the original's eight are too few for a load test.
    mutating func branch() -> String { "z9hG4bK." + self.hex(16) }

    mutating func hex(_ digits: Int) -> String {
        var output = ByteWriter(capacity: digits)
        var word: UInt64 = 0
        for index in 0..<digits {
            if index % 16 == 0 { word = self.next() }
            output.write(byte: ASCII.hexDigit(UInt8(truncatingIfNeeded: word)))
            word >>= 4
        }
        return output.string
    }
}
