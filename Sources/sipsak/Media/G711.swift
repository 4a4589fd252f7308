/// Sound in 8 bits a sample: ITU-T G.711, both laws.
enum G711 {
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

    /// The 16-bit sample that a µ-law byte stands for.
    static func fromMuLaw(_ byte: UInt8) -> Int {
        let code = ~byte
        let exponent = Int(code >> 4 & 7)
        let magnitude = (Int(code & 15) << 3 + 132) << exponent - 132
        return code & 0x80 != 0 ? -magnitude : magnitude
    }

    /// The 16-bit sample that an A-law byte stands for.
    static func fromALaw(_ byte: UInt8) -> Int {
        let code = byte ^ 0x55
        let exponent = Int(code >> 4 & 7)
        let mantissa = Int(code & 15) << 4 + 8
        let magnitude = exponent == 0 ? mantissa : (mantissa + 256) << (exponent - 1)
        return code & 0x80 != 0 ? magnitude : -magnitude
    }
}
