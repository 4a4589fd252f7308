import Glibc
import SIPKit
import SIPTrace

/// A ladder in plain ASCII, at most 100 columns unless asked for more.
enum FlowText {
    static let timeWidth = 16
    static let maximumWidth = 100

    static func render(_ call: FlowCall, title: String, isWide: Bool) -> String {
        var lines = [Self.cut(title, isWide)]
        let gap = Self.gap(call, isWide)
        lines.append(Self.places(call, gap))
        var previous: Int64?
        var clock = LocalClock()
        for event in call.events {
            let time =
                previous.map { "+" + Self.seconds(event.time - $0, digits: 6) } ?? Self.timeOfDay(event.time, &clock)
            previous = event.time
            let stamp = String(repeating: " ", count: Swift.max(0, Self.timeWidth - 1 - time.utf8.count)) + time + " "
            var line = stamp + Self.arrow(event, lanes: call.places.count, gap)
            if !event.note.isEmpty { line += "   " + event.note }
            if event.repeats > 0 { line += "   x\(event.repeats + 1) retransmitted" }
            lines.append(Self.cut(line, isWide))
        }
        if call.omitted > 0 { lines.append("\(call.omitted) more messages not drawn") }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func cut(_ line: String, _ isWide: Bool) -> String {
        isWide || line.utf8.count <= Self.maximumWidth
            ? line : String(decoding: line.utf8.prefix(Self.maximumWidth - 2), as: UTF8.self) + ".."
    }

    /// Columns between two lanes.
    private static func gap(_ call: FlowCall, _ isWide: Bool) -> Int {
        let longest = call.places.map { call.title($0).utf8.count }.max() ?? 0
        let wanted = Swift.max(longest + 3, 27)
        guard !isWide, call.places.count > 1 else { return wanted }
        let room = (Self.maximumWidth - Self.timeWidth - longest / 2 - 4) / (call.places.count - 1)
        return Swift.max(10, Swift.min(wanted, room))
    }

    /// The addresses, each in the middle over its lane; in two rows where they would touch.
    private static func places(_ call: FlowCall, _ gap: Int) -> String {
        var row = [UInt8](repeating: ASCII.space, count: Self.timeWidth)
        for (index, place) in call.places.enumerated() {
            var text = Array(call.title(place).utf8)
            if text.count > gap - 1 { text = Array(text.prefix(gap - 3)) + Array("..".utf8) }
            let middle = Self.timeWidth + index * gap
            let start = Swift.max(row.count + (index > 0 ? 1 : 0), middle - text.count / 2)
            row += [UInt8](repeating: ASCII.space, count: start - row.count) + text
        }
        return String(decoding: row, as: UTF8.self)
    }

    private static func arrow(_ event: FlowCall.Event, lanes: Int, _ gap: Int) -> String {
        var row = [UInt8](repeating: ASCII.space, count: (lanes - 1) * gap + 1)
        for lane in 0..<lanes { row[lane * gap] = 0x7C }
        let left = Swift.min(event.from, event.to) * gap
        let right = Swift.max(event.from, event.to) * gap
        guard right > left else {
            // From a place to itself: a loop beside its lane.
            let text = Array("<- \(event.label)".utf8)
            return String(decoding: row[..<(left + 1)], as: UTF8.self) + String(decoding: text, as: UTF8.self)
        }
        for column in left + 1..<right { row[column] = event.isMedia ? ASCII.equals : ASCII.minus }
        if event.to > event.from { row[right - 1] = ASCII.greater } else { row[left + 1] = ASCII.less }
        // The label in the middle, with a blank on each side.
        let room = right - left - 7
        var label = Array(event.label.utf8)
        if label.count > room {
            label = Array(label.prefix(Swift.max(0, room - 2))) + (room > 2 ? Array("..".utf8) : [])
        }
        let padded = [ASCII.space] + label + [ASCII.space]
        let start = left + (right - left - padded.count) / 2 + 1
        for (offset, byte) in padded.enumerated() where start + offset < right { row[start + offset] = byte }
        return String(decoding: row, as: UTF8.self)
    }

    /// `12.4`, or with six digits.
    static func seconds(_ nanoseconds: Int64, digits: Int = 1) -> String {
        var unit: Int64 = 1_000_000_000
        for _ in 0..<digits { unit /= 10 }
        let scale = 1_000_000_000 / unit
        let value = nanoseconds / unit
        let fraction = String((value % scale).magnitude)
        let sign = nanoseconds < 0 ? "-" : ""
        return sign + String((value / scale).magnitude) + "."
            + String(repeating: "0", count: Swift.max(0, digits - fraction.utf8.count)) + fraction
    }

    static func timeOfDay(_ time: Int64, _ clock: inout LocalClock) -> String {
        let second = time.floorDivided(by: 1_000_000_000)
        let parts = clock.parts(of: second)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let fraction = String((time - second * 1_000_000_000) / 1000)
        return "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))."
            + String(repeating: "0", count: Swift.max(0, 6 - fraction.utf8.count)) + fraction
    }
}
