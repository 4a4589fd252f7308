/// A 400 Hz tone in G.711, 20 ms a packet: 400 Hz has a whole number of waves in 20 ms, so one packet serves for ever.
struct ToneSource: Sendable {
    static let samplesPerPacket = 160
    /// 0 is PCMU, 8 is PCMA (RFC 3551 §6).
    let payloadType: UInt8
    let payload: [UInt8]

    init(payloadType: UInt8) {
        self.payloadType = payloadType
        self.payload = (0..<Self.samplesPerPacket).map { index in
            let sample = Self.wave[index % 20]
            return payloadType == 8 ? Self.aLaw(sample) : Self.muLaw(sample)
        }
    }

    /// One wave of 20 samples at -10 dB: 10000 * sin(2 * pi * n / 20).
    private static let wave: [Int] = [
        0, 3090, 5878, 8090, 9511, 10000, 9511, 8090, 5878, 3090, 0, -3090, -5878, -8090, -9511, -10000, -9511, -8090,
        -5878,
        -3090,
    ]

    /// ITU-T G.711 µ-law of a 16-bit sample.
    static func muLaw(_ sample: Int) -> UInt8 {
        let sign: UInt8 = sample < 0 ? 0x80 : 0
        let magnitude = Swift.min(abs(sample), 32_635) + 132
        var exponent = 7
        while exponent > 0, magnitude & (1 << (exponent + 7)) == 0 { exponent -= 1 }
        let mantissa = magnitude >> (exponent + 3) & 15
        return ~(sign | UInt8(exponent << 4) | UInt8(mantissa))
    }

    /// ITU-T G.711 A-law of a 16-bit sample.
    static func aLaw(_ sample: Int) -> UInt8 {
        let sign: UInt8 = sample >= 0 ? 0x80 : 0
        let magnitude = Swift.min(sample >= 0 ? sample : -sample - 1, 32_767)
        var exponent = 7
        while exponent > 0, magnitude & (1 << (exponent + 7)) == 0 { exponent -= 1 }
        let mantissa = exponent == 0 ? magnitude >> 4 & 15 : magnitude >> (exponent + 3) & 15
        return (sign | UInt8(exponent << 4) | UInt8(mantissa)) ^ 0x55
    }
}
