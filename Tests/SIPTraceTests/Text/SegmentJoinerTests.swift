import SIPKit
import Testing

@testable import SIPTrace

@Suite("TCP segments of a text")
struct SegmentJoinerTests {
    static let source = SocketAddress(IPAddress(v4: 0xC000_0201), 5060)
    static let destination = SocketAddress(IPAddress(v4: 0xC000_0202), 5060)

    /// All messages that come out of a text in pieces.
    static func join(_ text: [UInt8], pieces: Int, isDotted: Bool) -> [[UInt8]] {
        var joiner = SegmentJoiner()
        var output: [[UInt8]] = []
        for start in stride(from: 0, to: text.count, by: pieces) {
            output += joiner.append(
                Array(text[start..<min(start + pieces, text.count)]), isDotted: isDotted, from: Self.source,
                to: Self.destination)
        }
        return output + joiner.finish().map(\.message)
    }

    static func message(_ body: Int) -> String {
        "MESSAGE sip:b@192.0.2.2 SIP/2.0\r\nCall-ID: c\r\nContent-Type: text/plain\r\nContent-Length: \(body)\r\n\r\n"
            + String(repeating: "x", count: body)
    }

    /// Looking through all that is there with each segment takes some hours here.
    @Test(
        "a long message in segments of two bytes takes time for its bytes, not for their square",
        .timeLimit(.minutes(1)), arguments: [false, true])
    func long(isDotted: Bool) {
        let message = Self.message(200_000)
        let text = isDotted ? NgrepTextReaderTests.dots(message) : message
        let output = Self.join(Array(text.utf8), pieces: 2, isDotted: isDotted)
        #expect(output.map { String(decoding: $0, as: UTF8.self) } == [message])
    }

    @Test(
        "ten thousand short messages in one segment come out one by one", .timeLimit(.minutes(1)),
        arguments: [false, true])
    func many(isDotted: Bool) {
        let message = Self.message(10)
        let text = String(repeating: isDotted ? NgrepTextReaderTests.dots(message) : message, count: 10_000)
        let output = Self.join(Array(text.utf8), pieces: text.utf8.count, isDotted: isDotted)
        #expect(output.count == 10_000)
        #expect(output.allSatisfy { $0 == Array(message.utf8) })
    }

    @Test(
        "messages of any length come out whole from pieces of any length", arguments: [1, 7, 100, 1_000], [false, true])
    func pieces(size: Int, isDotted: Bool) {
        let messages = [0, 5, 300, 17_000, 40_000, 3].map(Self.message)
        let text = messages.map { isDotted ? NgrepTextReaderTests.dots($0) : $0 }.joined()
        let output = Self.join(Array(text.utf8), pieces: size, isDotted: isDotted)
        #expect(output.map { String(decoding: $0, as: UTF8.self) } == messages)
    }
}
