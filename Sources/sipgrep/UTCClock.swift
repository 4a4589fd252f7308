import Glibc
import SIPKit

/// Times as `2002-09-26T22:03:55.000406Z`, with nine digits where the capture has them; the part down to the second is kept
/// for the neighbours.
struct UTCClock {
    private var second = Int64.min
    private var prefix: [UInt8] = []

    mutating func write(_ time: Int64, to output: inout OutputBuffer) {
        let second = time.floorDivided(by: 1_000_000_000)
        if second != self.second { self.enter(second) }
        output.write(self.prefix.span)
        let fraction = Int(time - second * 1_000_000_000)
        if fraction % 1000 == 0 {
            output.write(number: fraction / 1000, width: 6)
        } else {
            output.write(number: fraction, width: 9)
        }
        output.write("Z")
    }

    mutating func text(_ time: Int64) -> String {
        let second = time.floorDivided(by: 1_000_000_000)
        if second != self.second { self.enter(second) }
        let fraction = Int(time - second * 1_000_000_000)
        return String(decoding: self.prefix, as: UTF8.self)
            + (fraction % 1000 == 0 ? Self.digits(fraction / 1000, 6) : Self.digits(fraction, 9)) + "Z"
    }

    private mutating func enter(_ second: Int64) {
        self.second = second
        var seconds = time_t(second)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let text =
            "\(Self.digits(Int(parts.tm_year) + 1900, 4))-\(Self.digits(Int(parts.tm_mon) + 1, 2))-"
            + "\(Self.digits(Int(parts.tm_mday), 2))T\(Self.digits(Int(parts.tm_hour), 2)):"
            + "\(Self.digits(Int(parts.tm_min), 2)):\(Self.digits(Int(parts.tm_sec), 2))."
        self.prefix = Array(text.utf8)
    }

    private static func digits(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return text.utf8.count >= width ? text : String(repeating: "0", count: width - text.utf8.count) + text
    }
}
