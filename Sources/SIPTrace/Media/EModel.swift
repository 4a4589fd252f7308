/// How a listener would judge speech, from loss and delay (ITU-T G.107, with the codecs' parameters of G.113).
public enum EModel {
    public struct Quality: Sendable, Equatable {
        /// The transmission rating, 0 to 93.2.
        public var rating: Double
        /// Mean opinion score, 1 to 4.5.
        public var mos: Double
    }

    /// Equipment impairment and robustness against loss; only codecs for which the ITU has published them.
    static func parameters(_ codec: String) -> (impairment: Double, robustness: Double)? {
        switch codec.uppercased() {
        case "PCMU", "PCMA": (0, 4.3)
        case "G729", "G729A": (11, 19)
        case "G723": (15, 16.1)
        default: nil
        }
    }

    /// - Parameters:
    ///   - loss: lost packets, 0 to 1.
    ///   - burstRatio: 1 for independent losses, more when they come together.
    ///   - delay: mouth to ear in milliseconds, as far as it is known at the place of capture.
    public static func quality(codec: String, loss: Double, burstRatio: Double, delay: Double) -> Quality? {
        guard let (impairment, robustness) = Self.parameters(codec) else { return nil }
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
