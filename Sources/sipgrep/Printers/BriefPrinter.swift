import SIPKit
import SIPTrace

/// `-W brief`: one line a message.
///
/// ```
/// 22:03:55.000000 U 153.96.14.162:50240 > 195.37.77.101:5060  REGISTER sip:iptel.org  cseq 101  from bkraegelin  id 0009b7aa-..
/// 22:03:55.000406 U 195.37.77.101:5060 > 153.96.14.162:50240  401 Unauthorized (REGISTER) +0.4 ms
/// ```
struct BriefPrinter: MessagePrinter {
    var isNgrepLike: Bool { false }
    private let names: NameTable?
    private var reading = MessageReading()
    private var repeats = Retransmissions()
    private var clock = LocalClock()

    private let isColoured: Bool

    init(names: NameTable? = nil, isColoured: Bool = false) {
        self.names = names
        self.isColoured = isColoured
    }

    mutating func print(_ origin: MessageOrigin, _ message: Span<UInt8>, to output: inout OutputBuffer) {
        self.reading.read(message)
        let second = origin.time.floorDivided(by: 1_000_000_000)
        let micros = Int((origin.time &- second &* 1_000_000_000) / 1000)
        HeaderLine.writeTimeOfDay(self.clock.parts(of: second), micros: micros, to: &output)
        output.write(byte: ASCII.space)
        output.write(byte: HeaderLine.letter(origin))
        output.write(byte: ASCII.space)
        if let names = self.names {
            output.write("\(names.text(origin.source)) > \(names.text(origin.destination))")
        } else {
            output.write(origin.source)
            output.write(" > ")
            output.write(origin.destination)
        }
        output.write("  ")
        if self.isColoured { MessageColour.begin(message, to: &output) }
        if self.reading.isReadable { self.writeMessage(origin, message, &output) } else { output.write("malformed") }
        if self.isColoured { MessageColour.end(to: &output) }
        if let wireLength = origin.wireLength { output.write(" [cut \(message.count)/\(wireLength)]") }
        output.write("\n")
    }

    private mutating func writeMessage(
        _ origin: MessageOrigin, _ message: Span<UInt8>, _ output: inout OutputBuffer
    ) {
        let reading = self.reading
        let isRepeated = self.repeats.isRepeated(origin, message, reading)
        let responseTime = self.repeats.responseTime(origin, message, reading)
        func write(_ range: ByteRange) { output.writePrintable(message.extracting(range.indices), keepingLF: false) }
        if reading.isRequest {
            write(reading.index.methodRange)
            output.write(" ")
            write(reading.index.requestURI)
            if let cSeq = reading.cSeq(message) {
                output.write("  cseq ")
                output.write(number: Int(cSeq.number))
            }
            let user = reading.user(.from, message)
            if !user.isEmpty {
                output.write("  from ")
                write(user)
            }
            let callID = reading.callID
            output.write("  id ")
            if callID.count > 11 {
                write(ByteRange(callID.start, callID.start + 9))
                output.write("..")
            } else {
                write(callID)
            }
        } else {
            output.write(number: reading.status)
            output.write(" ")
            write(reading.index.reason)
            output.write(" (")
            write(reading.method(message))
            output.write(")")
            if let time = responseTime {
                let tenths = Int(clamping: time / 100_000)
                output.write(" +")
                output.write(number: tenths / 10)
                output.write(".")
                output.write(number: tenths % 10)
                output.write(" ms")
            }
        }
        if reading.hasSDP(message) { output.write("  SDP") }
        if isRepeated { output.write("  repeated") }
    }
}
