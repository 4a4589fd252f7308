import SIPKit

/// Durations as the original prints them: milliseconds with three decimals.
enum Milliseconds {
    static func text(_ duration: Duration) -> String { Self.text(nanoseconds: duration.wholeNanoseconds) }

    static func text(nanoseconds: Int64) -> String {
        // Rounded to the nearest microsecond, half up.
        let micro = (Swift.max(0, nanoseconds) + 500) / 1000
        let fraction = String(micro % 1000)
        return "\(micro / 1000)." + String(repeating: "0", count: 3 - fraction.utf8.count) + fraction
    }

    /// Without decimals, for times that were set in whole milliseconds.
    static func whole(_ duration: Duration) -> String { "\(duration.wholeNanoseconds / 1_000_000)" }
}

extension Milliseconds {
    /// As few decimals as needed: limits that people typed.
    static func short(_ duration: Duration) -> String {
        var text = Self.text(duration)
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }
}
