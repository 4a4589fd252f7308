/// What one side of a call says: 20 ms at a time, in G.711, from the beginning again when it ends.
struct AudioSource: Equatable, Sendable {
    static let samplesPerPacket = 160
    private let samples: [Int16]
    private var place = 0

    /// A 400 Hz tone at -10 dB.
    static let tone = AudioSource(samples: AudioSource.wave.map { Int16($0) })

    /// - Parameter samples: 8000 a second; none is silence.
    init(samples: [Int16]) { self.samples = samples.isEmpty ? [0] : samples }

    /// One wave of 20 samples: 10000 * sin(2 * pi * n / 20).
    private static let wave: [Int] = [
        0, 3090, 5878, 8090, 9511, 10000, 9511, 8090, 5878, 3090, 0, -3090, -5878, -8090, -9511, -10000, -9511, -8090,
        -5878, -3090,
    ]

    /// - Parameter payloadType: 0 is PCMU, 8 is PCMA (RFC 3551 §6).
    mutating func next(payloadType: UInt8) -> [UInt8] {
        var payload: [UInt8] = []
        payload.reserveCapacity(Self.samplesPerPacket)
        for _ in 0..<Self.samplesPerPacket {
            let sample = Int(self.samples[self.place])
            payload.append(payloadType == 8 ? G711.aLaw(sample) : G711.muLaw(sample))
            self.place = self.place + 1 == self.samples.count ? 0 : self.place + 1
        }
        return payload
    }
}
