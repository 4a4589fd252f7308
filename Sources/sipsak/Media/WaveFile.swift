import SIPKit

/// The sound of a WAV file as 16-bit samples, 8000 a second, one channel: what G.711 takes.
///
/// Read are PCM with 8 or 16 bits, A-law and µ-law, any rate from 1000 to 192,000 and up to eight channels. Other rates are
/// brought to 8000 by straight lines between samples: good enough to be heard and recognised.
struct WaveFile: Equatable, Sendable {
    let samples: [Int16]

    /// - Throws: ``UsageError`` that says what is wrong with the file.
    init(_ bytes: [UInt8], name: String) throws(UsageError) {
        func wrong(_ text: String) -> UsageError { UsageError("\(Printable.text(name.utf8)): \(text) (--media)") }
        guard bytes.count >= 12, bytes[0..<4].elementsEqual("RIFF".utf8), bytes[8..<12].elementsEqual("WAVE".utf8)
        else { throw wrong("is no WAV file") }
        var format: (kind: Int, channels: Int, rate: Int, bits: Int)?
        var sound: Range<Int>?
        var at = 12
        while at + 8 <= bytes.count, sound == nil {
            let size = Self.number(bytes, at + 4, 4)
            let body = at + 8
            let end = Swift.min(bytes.count, body + size)
            if bytes[at..<(at + 4)].elementsEqual("fmt ".utf8), end - body >= 16 {
                format = (
                    Self.number(bytes, body, 2), Self.number(bytes, body + 2, 2), Self.number(bytes, body + 4, 4),
                    Self.number(bytes, body + 14, 2)
                )
            } else if bytes[at..<(at + 4)].elementsEqual("data".utf8) {
                sound = body..<end
            }
            // Chunks stand at even places.
            at = body + size + (size & 1)
        }
        guard let format, let sound else { throw wrong("has no sound in it") }
        guard 1...8 ~= format.channels, 1000...192_000 ~= format.rate else {
            throw wrong("has \(format.channels) channels at \(format.rate) Hz; up to 8 at 1000 to 192000 can be read")
        }
        let step: Int
        switch (format.kind, format.bits) {
        case (1, 16): step = 2
        case (1, 8), (6, 8), (7, 8): step = 1
        default: throw wrong("is not PCM with 8 or 16 bits, A-law or \u{B5}-law")
        }
        let frame = step * format.channels
        let count = sound.count / frame
        guard count > 0 else { throw wrong("has no sound in it") }
        var mono: [Int16] = []
        mono.reserveCapacity(count)
        for index in 0..<count {
            var sum = 0
            for channel in 0..<format.channels {
                let place = sound.lowerBound + index * frame + channel * step
                sum += Self.sample(bytes, place, format.kind, format.bits)
            }
            mono.append(Int16(clamping: sum / format.channels))
        }
        self.samples = format.rate == 8000 ? mono : Self.resampled(mono, from: format.rate)
    }

    private static func number(_ bytes: [UInt8], _ at: Int, _ count: Int) -> Int {
        (0..<count).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
    }

    private static func sample(_ bytes: [UInt8], _ at: Int, _ kind: Int, _ bits: Int) -> Int {
        switch (kind, bits) {
        case (6, _): G711.fromALaw(bytes[at])
        case (7, _): G711.fromMuLaw(bytes[at])
        case (_, 8): (Int(bytes[at]) - 128) * 256
        default: Int(Int16(bitPattern: UInt16(bytes[at]) | UInt16(bytes[at + 1]) << 8))
        }
    }

    private static func resampled(_ samples: [Int16], from rate: Int) -> [Int16] {
        let count = samples.count * 8000 / rate
        return (0..<Swift.max(1, count)).map { index in
            let place = index * rate
            let left = Swift.min(place / 8000, samples.count - 1)
            let right = Swift.min(left + 1, samples.count - 1)
            let part = place % 8000
            return Int16(clamping: (Int(samples[left]) * (8000 - part) + Int(samples[right]) * part) / 8000)
        }
    }
}
