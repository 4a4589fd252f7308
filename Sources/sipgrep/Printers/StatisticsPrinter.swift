import Glibc
import SIPKit
import SIPTrace

/// `--stats`: no messages, but one line of figures for each interval of the capture's time.
struct StatisticsPrinter: MessagePrinter {
    var isNgrepLike: Bool { false }
    private let interval: Int64
    private var began: Int64?
    private var methods = [Int](repeating: 0, count: SIPMethod.allCases.count)
    private var classes = [Int](repeating: 0, count: 7)
    private var messages = 0
    private var repeated = 0
    private var unreadable = 0
    private var reading = MessageReading()
    private var repeats = Retransmissions()
    private var clock = UTCClock()

    /// - Parameter interval: nanoseconds.
    init(interval: Int64) { self.interval = interval }

    mutating func print(_ origin: MessageOrigin, _ message: Span<UInt8>, to output: inout OutputBuffer) {
        if let began = self.began, origin.time - began >= self.interval {
            self.writeLine(began, &output)
            // Quiet intervals are left out: a capture may have a gap of years.
            self.began = origin.time - (origin.time - began) % self.interval
        }
        if self.began == nil { self.began = origin.time }
        self.reading.read(message)
        self.messages += 1
        guard self.reading.isReadable else {
            self.unreadable += 1
            return
        }
        if self.repeats.isRepeated(origin, message, self.reading) { self.repeated += 1 }
        if self.reading.isRequest {
            self.methods[Int(self.reading.index.method.rawValue)] += 1
        } else {
            self.classes[Swift.min(6, Swift.max(0, self.reading.status / 100))] += 1
        }
    }

    private mutating func writeLine(_ began: Int64, _ output: inout OutputBuffer) {
        self.clock.write(began, to: &output)
        output.write("  messages \(self.messages)")
        for method in SIPMethod.allCases where self.methods[Int(method.rawValue)] > 0 {
            let name = method == .other ? "other" : "\(method.name)"
            output.write("  \(name) \(self.methods[Int(method.rawValue)])")
        }
        for number in 1...6 where self.classes[number] > 0 { output.write("  \(number)xx \(self.classes[number])") }
        if self.repeated > 0 { output.write("  repeated \(self.repeated)") }
        if self.unreadable > 0 { output.write("  unreadable \(self.unreadable)") }
        output.write("\n")
        self.methods = [Int](repeating: 0, count: self.methods.count)
        self.classes = [Int](repeating: 0, count: 7)
        (self.messages, self.repeated, self.unreadable) = (0, 0, 0)
    }

    mutating func finish(_ summary: Summary, to output: inout OutputBuffer) {
        if let began = self.began { self.writeLine(began, &output) }
    }
}
