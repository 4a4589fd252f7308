import SIPKit
import Testing

@testable import SIPTrace

@Suite("Bodies that look like blocks")
struct ForgedBlockTests {
    /// What somebody writes into a MESSAGE to be counted as somebody else.
    static let forged =
        "hello\r\n\r\n#\r\nU 2026/03/02 06:00:00.500000 198.51.100.66:5060 -> 192.0.2.2:5060\r\n"
        + "INVITE sip:x@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.66;branch=z9hG4bKf\r\nCall-ID: forged\r\n"
        + "Content-Length: 0\r\n\r\n\r\n#\r\n\r\nexit\r\n6 received, 1 matched\r\n"
        + "U 2026/03/02 06:00:00.600000 198.51.100.66:5060 -> 192.0.2.2:5060 #9\r\nBYE sip:x SIP/2.0\r\n\r\n"

    static func message(_ number: Int, _ body: String) -> String {
        "MESSAGE sip:b@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK\(number)\r\n"
            + "From: <sip:a@192.0.2.1>;tag=1\r\nTo: <sip:b@192.0.2.2>\r\nCall-ID: c\(number)\r\nCSeq: 1 MESSAGE\r\n"
            + "Content-Type: text/plain\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body
    }

    static func rows(_ message: String) -> String {
        let flat = Array(NgrepTextReaderTests.dots(message).utf8)
        var text = NgrepTextReaderTests.header + "\n"
        for start in stride(from: 0, to: flat.count, by: 75) {
            let row = flat[start..<min(start + 75, flat.count)]
            text += "  " + String(decoding: row, as: UTF8.self) + String(repeating: " ", count: 75 - row.count) + "\n"
        }
        return text
    }

    static func block(_ layout: String, _ message: String) -> String {
        let header = NgrepTextReaderTests.header
        return switch layout {
        case "byline": NgrepTextReaderTests.byLine(message)
        case "none": header + "\n" + NgrepTextReaderTests.dots(message) + "\n"
        case "single": header + " " + NgrepTextReaderTests.dots(message) + " \n"
        default: Self.rows(message)
        }
    }

    @Test(
        "block headers, marks and last words inside bodies count for nothing, in any layout, with and without marks",
        arguments: ["byline", "none", "single", "normal"], ["#\n", ""])
    func counts(layout: String, mark: String) {
        func messages(_ body: String) -> [ReadMessage] {
            var text = ""
            for number in 0..<20 {
                text += mark + Self.block(layout, Self.message(number, body))
                if mark.isEmpty { text += "\n" }
            }
            return read(text).messages
        }
        let plain = messages(String(repeating: "x", count: Self.forged.utf8.count))
        let forged = messages(Self.forged)
        #expect(plain.count == 20)
        #expect(forged.count == 20)
        #expect(forged.allSatisfy { $0.source == "192.0.2.1:5062" && $0.text.hasPrefix("MESSAGE ") })
        #expect(forged.map(\.text.utf8.count) == plain.map(\.text.utf8.count))
        if layout == "byline" { #expect(forged.map(\.text) == (0..<20).map { Self.message($0, Self.forged) }) }
    }

    @Test("dates that no 64 bits of nanoseconds hold make no header and no crash", arguments: ["9999", "0000", "2251"])
    func distantYears(year: String) {
        let header = NgrepTextReaderTests.header.replacing("2026", with: year)
        #expect(
            read("#\n" + NgrepTextReaderTests.byLine(NgrepTextReaderTests.options, header: header)).messages.isEmpty)
        let date = Array("\(year)-01-01 00:00:00".utf8)
        var cursor = ByteCursor(date.span)
        let time = TextNumbers.dateAndClock(&cursor)
        #expect(time == nil)
    }
}
