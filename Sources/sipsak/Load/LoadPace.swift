/// When requests are due under an open-loop rate: a steady one, or one that climbs (`--rate 100..5000`).
///
/// The plan does not wait for answers, so a slow server meets the same load as a fast one and its waiting times are seen.
struct LoadPace: Equatable, Sendable {
    /// Requests a second at the beginning and at the end of the run.
    let first: Double
    let last: Double
    /// Nanoseconds.
    let length: Int64

    /// How many requests are due `elapsed` nanoseconds after the beginning; the first is due at once.
    func due(at elapsed: Int64) -> Int {
        let time = Double(Swift.min(Swift.max(0, elapsed), self.length)) / 1e9
        let whole = Double(self.length) / 1e9
        let slope = whole > 0 ? (self.last - self.first) / whole : 0
        return Swift.min(Int(self.first * time + slope * time * time / 2) + 1, self.total)
    }

    /// How many requests the whole run has.
    var total: Int { Int((self.first + self.last) / 2 * Double(self.length) / 1e9) }

    /// When the request with this number (from 0) is due, in nanoseconds after the beginning.
    func time(of number: Int) -> Int64 {
        let wanted = Double(number)
        let whole = Double(self.length) / 1e9
        let slope = whole > 0 ? (self.last - self.first) / whole : 0
        guard abs(slope) > 1e-9 else { return Int64(wanted / Swift.max(self.first, 1e-9) * 1e9) }
        let root = (self.first * self.first + 2 * slope * wanted).squareRoot()
        return Int64((root - self.first) / slope * 1e9)
    }

    /// Reads `500` or `100..5000`.
    init?(_ text: String, seconds: Double) {
        let bytes = Array(text.utf8)
        let dots = bytes.firstIndex(of: 0x2E)
        var parts = [String(decoding: bytes[..<(dots ?? bytes.count)], as: UTF8.self)]
        if let dots {
            guard dots + 1 < bytes.count, bytes[dots + 1] == 0x2E else { return nil }
            parts.append(String(decoding: bytes[(dots + 2)...], as: UTF8.self))
        }
        func number(_ text: String?) -> Double? {
            guard let text, !text.isEmpty, text.utf8.count <= 8, text.utf8.allSatisfy({ $0 &- 0x30 < 10 }) else {
                return nil
            }
            return text.utf8.reduce(0.0) { $0 * 10 + Double($1 &- 0x30) }
        }
        guard let first = number(parts[0]) else { return nil }
        let last = parts.count == 2 ? number(parts[1]) : first
        guard let last, first + last > 0 else { return nil }
        self.first = first
        self.last = last
        self.length = Int64(seconds * 1e9)
    }

    init(first: Double, last: Double, length: Int64) {
        self.first = first
        self.last = last
        self.length = length
    }
}
