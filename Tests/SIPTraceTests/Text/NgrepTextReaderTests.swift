import Foundation
import SIPKit
import Testing

@testable import SIPTrace

/// One message as a test looks at it.
struct ReadMessage: Equatable {
    var text: String
    var source: String
    var destination: String
    var time: Int64
    var kind: NgrepTextReader.Kind
    var repairs: TextRepairs
}

func read(_ text: String) -> (messages: [ReadMessage], statistics: TextStatistics) { read(Array(text.utf8)) }

func read(_ bytes: [UInt8]) -> (messages: [ReadMessage], statistics: TextStatistics) {
    var reader = NgrepTextReader(TextSource(bytes: bytes))
    var all: [ReadMessage] = []
    while reader.next() {
        let payload = reader.payload
        let text = String(decoding: payload.copy(ByteRange(0, payload.count)), as: UTF8.self)
        all.append(
            ReadMessage(
                text: text, source: reader.origin.source.description,
                destination: reader.origin.destination.description,
                time: reader.origin.time, kind: reader.kind, repairs: reader.repairs))
    }
    return (all, reader.statistics)
}

@Suite("ngrep text")
struct NgrepTextReaderTests {
    static let options =
        "OPTIONS sip:b@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa.b.\r\nFrom: <sip:a@192.0.2.1>;tag=1\r\n"
        + "To: <sip:b@192.0.2.2>\r\nCall-ID: c1\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nUser-Agent: A dot..here.\r\nContent-Length: 0\r\n\r\n"
    static let session =
        "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=a..b\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"
    static let invite =
        "INVITE sip:b@192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\nFrom: <sip:a@192.0.2.1>;tag=1\r\n"
        + "To: <sip:b@192.0.2.2>\r\nCall-ID: c2\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\n"
        + "Content-Type: application/sdp\r\nContent-Length: \(session.utf8.count)\r\n\r\n" + session
    static let header = "U 2026/03/02 06:00:00.099999 192.0.2.1:5062 -> 192.0.2.2:5060"

    /// As ngrep 1.47 prints it.
    static func byLine(_ message: String, header: String = header) -> String {
        "\(header)\n" + message.utf8.map { $0 == 13 ? "." : String(decoding: [$0], as: UTF8.self) }.joined() + "\n"
    }

    static func dots(_ message: String) -> String {
        message.utf8.map { $0 == 13 || $0 == 10 ? "." : String(decoding: [$0], as: UTF8.self) }.joined()
    }

    @Test("by-line text gives back the message with its CRLFs, its time and its addresses")
    func byLine() {
        let (messages, statistics) = read(
            "interface: eth0\nfilter: ( port 5060 )\n##\n" + Self.byLine(Self.options) + "#\n"
                + Self.byLine(Self.invite, header: Self.header + " #7")
                + "#exit\n2 received, 2 matched\n")
        #expect(messages.map(\.text) == [Self.options, Self.invite])
        #expect(messages[0].source == "192.0.2.1:5062")
        #expect(messages[0].destination == "192.0.2.2:5060")
        #expect(messages[0].time == 1_772_431_200_099_999_000)
        #expect(messages[1].repairs == [.lineEnds, .lengthAgrees])
        #expect(statistics.marks == 4)
        #expect(statistics.hidden == 2)
    }

    @Test("quiet output (-q), where an empty line parts the blocks")
    func quiet() {
        let (messages, _) = read(
            "input: x.pcap\n\n" + Self.byLine(Self.options) + "\n" + Self.byLine(Self.invite) + "\n"
                + Self.byLine(Self.options))
        #expect(messages.map(\.text) == [Self.options, Self.invite, Self.options])
    }

    @Test(
        "ngrep's last words belong to no message",
        arguments: ["exit\n", "exit\n6 received, 1 matched\n", "12 received, 12 dropped\n", ""])
    func farewell(words: String) {
        let (messages, statistics) = read("#\n" + Self.byLine(Self.invite) + "#\n" + Self.byLine(Self.options) + words)
        #expect(messages.map(\.text) == [Self.invite, Self.options])
        #expect(statistics.wrongLength == 0)
    }

    @Test("rows of fixed width (-W normal), the last one filled with blanks", arguments: [75, 67, 123])
    func rows(width: Int) {
        func rows(_ message: String) -> String {
            let flat = Array(Self.dots(message).utf8)
            var text = Self.header + "\n"
            for start in stride(from: 0, to: flat.count, by: width) {
                let row = flat[start..<min(start + width, flat.count)]
                text +=
                    "  " + String(decoding: row, as: UTF8.self) + String(repeating: " ", count: width - row.count)
                    + "\n"
            }
            return text
        }
        let (messages, _) = read("#\n" + rows(Self.invite) + "#\n" + rows(Self.options) + "#\n")
        #expect(messages.map(\.text) == [Self.invite.replacingOccurrences(of: "s=a..b", with: "s=a..b"), Self.options])
    }

    @Test("one line per message: -W none, and -W single with the header in the same line")
    func oneLine() {
        let none =
            "#\n" + Self.header + " #3\n" + Self.dots(Self.invite) + "\n#\n" + Self.header + "\n"
            + Self.dots(Self.options) + "\n"
        #expect(read(none).messages.map(\.text) == [Self.invite, Self.options])
        let single =
            "#\n" + Self.header + " " + Self.dots(Self.options) + " \n#\n" + Self.header + " " + Self.dots(Self.invite)
            + "\n"
        #expect(read(single).messages.map(\.text) == [Self.options, Self.invite])
    }

    @Test("bytes in hexadecimal (-x) are exact")
    func hexadecimal() {
        let bytes = Array(Self.invite.utf8)
        var text = "#\n" + Self.header + "\n"
        for start in stride(from: 0, to: bytes.count, by: 16) {
            let row = bytes[start..<min(start + 16, bytes.count)]
            text += "  "
            for place in 0..<16 {
                if place < row.count {
                    text += String(format: "%02x ", row[start + place])
                } else {
                    text += "   "
                }
                if place == 7 || place == 15 { text += "   " }
            }
            text += String(decoding: row.map { $0 < 32 ? 46 : $0 }, as: UTF8.self) + "\n"
        }
        let (messages, _) = read(text + "#\n")
        #expect(messages.map(\.text) == [Self.invite])
        #expect(messages.first?.repairs == .hexadecimal)
    }

    @Test("the form of 2002: relative times, lines indented by one blank")
    func indented() {
        let text = """
            interface: eth0 (195.37.77.96/255.255.255.240)
            filter: ip and ( port 5060 )
            match: bkraegelin@
            #
            U +0.000000 153.96.14.162:50240 -> 195.37.77.101:5060
             REGISTER sip:iptel.org SIP/2.0.
             Via: SIP/2.0/UDP 153.96.14.162:5060.
             Call-ID: 0009b7aa@153.96.14.162.
             Content-Length: 0.
             .

            #
            U +0.000406 195.37.77.101:5060 -> 153.96.14.162:50240
             SIP/2.0 401 Unauthorized.
             Content-Length: 0.
             .

            """
        let (messages, _) = read(text)
        #expect(messages.count == 2)
        #expect(messages[0].text.hasPrefix("REGISTER sip:iptel.org SIP/2.0\r\nVia: SIP/2.0/UDP 153.96.14.162:5060\r\n"))
        #expect(messages[0].text.hasSuffix("Content-Length: 0\r\n\r\n"))
        #expect(messages[1].time - messages[0].time == 406_000)
    }

    @Test("block headers that somebody wrote into a body do not begin a block")
    func forgedHeaders() {
        let body = "Look:\n#\n\(Self.header)\nINVITE sip:evil@192.0.2.9 SIP/2.0.\nCSeq: 1 INVITE.\n\nbye\n"
        let message =
            "MESSAGE sip:b@192.0.2.2 SIP/2.0\r\nCall-ID: c3\r\nCSeq: 1 MESSAGE\r\nContent-Type: text/plain\r\n"
            + "Content-Length: \(body.utf8.count)\r\n\r\n"
        let (messages, _) = read("#\n" + Self.byLine(message + body) + "#\n" + Self.byLine(Self.options))
        #expect(messages.count == 2)
        #expect(messages.first?.text.utf8.count == (message + body).utf8.count)
        #expect(messages.last?.text == Self.options)
    }

    @Test("a body that was cut off ends where the next block begins")
    func cutBody() {
        let cut = String(Self.invite.dropLast(40))
        let (messages, statistics) = read("#\n" + Self.byLine(cut) + "#\n" + Self.byLine(Self.options) + "#\n")
        #expect(messages.count == 2)
        #expect(messages.last?.text == Self.options)
        #expect(statistics.wrongLength == 1)
    }

    @Test("IPv6 addresses have no brackets: the port stands behind the last colon")
    func addresses() {
        let (messages, _) = read(
            "#\n" + Self.byLine(Self.options, header: "U 2001:db8::10:5060 -> 2001:db8::20:5062 #5"))
        #expect(messages.map(\.source) == ["[2001:db8::10]:5060"])
        #expect(messages.map(\.destination) == ["[2001:db8::20]:5062"])
    }

    @Test("pings, ICMP and later fragments are told from messages")
    func otherBlocks() {
        let (messages, _) = read(
            "#\nU 192.0.2.1:5062 -> 192.0.2.2:5060\n....\n#\nI 192.0.2.2 -> 192.0.2.1 3:3\nE..whatever\n#\nU 192.0.2.1 -> 192.0.2.2 +77@1480:500\nv=0\n#\n"
        )
        #expect(messages.map(\.kind) == [.keepAlive, .icmp(type: 3, code: 3), .fragment])
    }

    @Test("relative times that only rise count from the first block")
    func timesSinceFirst() {
        var text = ""
        for step in 0..<6 {
            text +=
                "#\n"
                + Self.byLine(
                    Self.options,
                    header: "U +\(step).500000 192.0.2.1:1 -> 192.0.2.2:2".replacingOccurrences(
                        of: "+0.500000", with: "+0.000000"))
        }
        let times = read(text).messages.map(\.time)
        #expect(times.last == 5_500_000_000)
    }

    @Test("a block that is larger than the window")
    func largeBlock() {
        let body = String(repeating: "abcdefghijklmnopqrstuvwxyz0123456789\r\n", count: 60_000)
        let message =
            "MESSAGE sip:b@192.0.2.2 SIP/2.0\r\nCall-ID: c4\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body
        let dotted = message.replacingOccurrences(of: "\r\n", with: ".\n")
        let (messages, _) = read("#\n" + Self.header + "\n" + dotted + "\n#\n" + Self.byLine(Self.options))
        #expect(messages.first?.text.utf8.count == message.utf8.count)
        #expect(messages.last?.text == Self.options)
    }

    @Test("any bytes at all: no trap, and an end", arguments: 0..<40)
    func anyBytes(seed: Int) {
        var random = SplitMix(state: UInt64(seed))
        let pieces = [
            Self.header, "\n", "#", "#\n", ".", "..", "....", " ", "  ", "U ", "T ", "->", "U 1.2.3.4:5 -> 6.7.8.9:10",
            Self.dots(Self.invite), Self.invite,
            "Content-Length: 99999999", "Content-Length: -1", "\u{0}", "\u{FF}", "+4294967270.4",
            "2026/99/99 99:99:99.9 ", "49 4e 56 ", "l: 5.\n", "(a)", "> ",
        ]
        var text = ""
        for _ in 0..<400 { text += pieces[Int(random.next() % UInt64(pieces.count))] }
        var bytes = Array(text.utf8)
        for _ in 0..<200 { bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next()) }
        #expect(read(bytes).statistics.blocks >= 0)
    }
}

/// A small generator whose numbers are the same in every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var z = self.state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
