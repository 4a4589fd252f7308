/// How a listener would judge speech, from loss and delay (ITU-T G.107, with the codecs' parameters of G.113).
public enum EModel {
    public struct Quality: Sendable, Equatable {
        /// The transmission rating, 0 to 93.2.
        public var rating: Double
        /// Mean opinion score, 1 to 4.5.
        public var mos: Double
    }

    /// Equipment impairment and robustness against loss: Ie and Bpl.
    public struct Codec: Sendable, Equatable {
        public var impairment: Double
        public var robustness: Double

        public init(impairment: Double, robustness: Double) {
            self.impairment = impairment
            self.robustness = robustness
        }
    }

    /// Only codecs for which the ITU has published both (G.113, appendix I).
    static func parameters(_ codec: String) -> Codec? {
        switch codec.uppercased() {
        case "PCMU", "PCMA": Codec(impairment: 0, robustness: 4.3)
        case "G729", "G729A": Codec(impairment: 11, robustness: 19)
        case "G723": Codec(impairment: 15, robustness: 16.1)
        case "GSM-EFR": Codec(impairment: 5, robustness: 10)
        default: nil
        }
    }

    /// - Parameters:
    ///   - loss: lost packets, 0 to 1.
    ///   - burstRatio: 1 for independent losses, more when they come together.
    ///   - delay: mouth to ear in milliseconds, as far as it is known at the place of capture.
    ///   - codecs: parameters that go before the ITU's, by name in capitals.
    public static func quality(
        codec: String, loss: Double, burstRatio: Double, delay: Double, _ codecs: [String: Codec] = [:]
    ) -> Quality? {
        guard let known = codecs[codec.uppercased()] ?? Self.parameters(codec) else { return nil }
        let (impairment, robustness) = (known.impairment, known.robustness)
        let percent = Swift.max(0, Swift.min(100, loss * 100))
        let delayImpairment = 0.024 * delay + (delay > 177.3 ? 0.11 * (delay - 177.3) : 0)
        var effective = impairment
        if percent > 0 { effective += (95 - impairment) * percent / (percent / Swift.max(1, burstRatio) + robustness) }
        let rating = Swift.max(0, Swift.min(93.2, 93.2 - delayImpairment - effective))
        return Quality(rating: rating, mos: Self.mos(rating))
    }

    static func mos(_ rating: Double) -> Double {
        if rating <= 0 { return 1 }
        if rating >= 100 { return 4.5 }
        return Swift.max(1, 1 + 0.035 * rating + rating * (rating - 60) * (100 - rating) * 7e-6)
    }
}
