import SIPKit
import SIPTrace
import Testing

/// A message of a text, as a test looks at it.
struct LoggedMessage: Equatable {
    var time: Int64
    var source: String
    var destination: String
    var text: String
}

/// Everything that a text holds.
func readLog(_ text: String, year: Int = 2026) -> (
    format: TextFormat?, messages: [LoggedMessage], logs: [ServerLogRecord]
) {
    let bytes = Array(text.utf8)
    let format = TextFormat.recognise(bytes)
    var reader = TextTraceReader(
        TextSource(bytes: bytes), format: format ?? .ngrep, context: TextContext(year: year, head: bytes))
    var messages: [LoggedMessage] = []
    var logs: [ServerLogRecord] = []
    while reader.next() {
        if let log = reader.log, reader.kind == .log { logs.append(log) }
        guard reader.kind == .message else { continue }
        let origin = reader.origin
        let payload = reader.payload
        messages.append(
            LoggedMessage(
                time: origin.time, source: "\(origin.source)", destination: "\(origin.destination)",
                text: payload.string(ByteRange(0, payload.count))))
    }
    return (format, messages, logs)
}

@Suite("Texts of other tools")
struct LogFormatTests {
    static let register =
        "REGISTER sip:example.net SIP/2.0\r\nVia: SIP/2.0/UDP 203.0.113.5:5060;branch=z9hG4bK1\r\nCall-ID: a@b\r\nCSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n"
    static let ok =
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 203.0.113.5:5060;branch=z9hG4bK1\r\nCall-ID: a@b\r\nCSeq: 1 REGISTER\r\nContent-Length: 0\r\n\r\n"
    static let noon: Int64 = 1_772_452_800_000_000_000  // 2026-03-02 12:00:00

    /// A MESSAGE whose body holds what ends a block in every one of the formats, and headers of further blocks.
    static let forged: String = {
        let body = [
            "<------------->", "---", "||||||||||||||||||||||||", "========================",
            "2026/03/02 12:00:09.000000 203.0.113.5:5060 -> 192.0.2.10:5060",
            "<--- Received SIP request (9 bytes) from UDP:203.0.113.5:5060 --->",
            "recv 477 bytes from udp/[203.0.113.5]:5060 at 14:00:00.123456:",
            "----------------------------------------------- 2026-03-02 12:00:00.000000",
            "BYE sip:x SIP/2.0", "",
        ].joined(separator: "\r\n")
        return
            "MESSAGE sip:x@example.net SIP/2.0\r\nVia: SIP/2.0/UDP 203.0.113.5:5060;branch=z9hG4bK2\r\nCall-ID: f\r\nCSeq: 2 MESSAGE\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }()

    @Test("sngrep's text is put in the order of its times")
    func sngrep() {
        let text =
            "2026/03/02 12:00:01.000000 192.0.2.10:5060 -> 203.0.113.5:5060\n\(Self.ok)\n\n"
            + "2026/03/02 12:00:00.500000 203.0.113.5:5060 -> 192.0.2.10:5060\n\(Self.register)\n\n"
        let (format, messages, _) = readLog(text)
        #expect(format == .sngrep)
        #expect(
            messages == [
                LoggedMessage(
                    time: Self.noon + 500_000_000, source: "203.0.113.5:5060", destination: "192.0.2.10:5060",
                    text: Self.register),
                LoggedMessage(
                    time: Self.noon + 1_000_000_000, source: "192.0.2.10:5060", destination: "203.0.113.5:5060",
                    text: Self.ok),
            ])
    }

    static func sipdump(_ message: String, _ second: Int, from: String, to: String) -> String {
        "====================\ntag: rcv\npid: 4242\nprocess: 3\ntime: \(1_772_452_800 + second).250000\ndate: Mon Mar  2 12:00:00 2026\nproto: tls ipv4\nsrcip: \(from)\nsrcport: 5061\ndstip: \(to)\ndstport: 5061\n~~~~~~~~~~~~~~~~~~~~\n\(message)||||||||||||||||||||\n"
    }

    @Test("Kamailio's sipdump gives times, addresses and transport")
    func sipdump() {
        let text =
            Self.sipdump(Self.register, 0, from: "203.0.113.5", to: "192.0.2.10")
            + Self.sipdump(Self.ok, 1, from: "192.0.2.10", to: "203.0.113.5")
        let (format, messages, _) = readLog(text)
        #expect(format == .sipdump)
        #expect(messages.map(\.text) == [Self.register, Self.ok])
        #expect(messages.first?.time == Self.noon + 250_000_000)
        #expect(messages.first?.source == "203.0.113.5:5061")
    }

    @Test("Asterisk's PJSIP trace, dates in front, learns Asterisk's own address and keeps complaints")
    func pjsip() {
        let ours = Self.register.replacing("203.0.113.5:5060", "192.0.2.30:5062")
        let text = """
            [2026-03-02 12:00:00.000] VERBOSE[71] res_pjsip_logger.c: <--- Received SIP request (140 bytes) from UDP:203.0.113.5:5060 --->
            \(Self.register)
            [2026-03-02 12:00:00.100] WARNING[71][C-00000001]: chan_sip.c:4055 retrans_pkt: Retransmission timeout reached
            [2026-03-02 12:00:00.200] VERBOSE[71] res_pjsip_logger.c: <--- Transmitting SIP response (140 bytes) to UDP:203.0.113.5:5060 --->
            \(Self.ok)
            [2026-03-02 12:00:01.000] VERBOSE[71] res_pjsip_logger.c: <--- Transmitting SIP request (140 bytes) to UDP:198.51.100.20:5060 --->
            \(ours)

            """
        let (format, messages, logs) = readLog(text)
        #expect(format == .asterisk)
        #expect(messages.map(\.text) == [Self.register, Self.ok, ours])
        #expect(messages.map(\.source) == ["203.0.113.5:5060", "192.0.2.30:5062", "192.0.2.30:5062"])
        #expect(messages.map { $0.time - Self.noon } == [0, 200_000_000, 1_000_000_000])
        #expect(logs.map(\.text) == ["chan_sip.c:4055 retrans_pkt: Retransmission timeout reached"])
        #expect(logs.first?.level == .warning)
    }

    @Test("chan_sip's forms, old and new, with bare line feeds")
    func chanSIP() {
        let bare = { (text: String) in text.replacing("\r\n", "\n") }
        let text = """
            <--- SIP read from UDP:203.0.113.5:5060 --->
            \(bare(Self.register))<------------->
            --- (4 headers 0 lines) ---
            <--- Transmitting (NAT) to 203.0.113.5:5060 --->
            \(bare(Self.ok))
            <------------>
            Retransmitting #1 (no NAT) to 203.0.113.5:5060:
            \(bare(Self.ok))
            ---

            """
        let (format, messages, _) = readLog(text)
        #expect(format == .asterisk)
        #expect(messages.map(\.text) == [Self.register, Self.ok, Self.ok])
        #expect(messages.map(\.destination) == ["0.0.0.0:5060", "203.0.113.5:5060", "203.0.113.5:5060"])
    }

    @Test("FreeSWITCH's trace is unindented, and midnight is passed")
    func freeswitch() {
        func block(_ verb: String, _ clock: String, _ message: String) -> String {
            let way = verb == "recv" ? "from" : "to"
            let rule = "   " + String(repeating: "-", count: 72)
            let lines = message.replacing("\r\n", "\n").split(separator: "\n", omittingEmptySubsequences: false)
            return
                "\(verb) \(message.utf8.count) bytes \(way) udp/[203.0.113.5]:5060 at \(clock):\n\(rule)\n"
                + lines.dropLast().map { "   \($0)\n" }.joined() + rule + "\n"
        }
        let text = block("recv", "23:59:59.500000", Self.register) + block("send", "00:00:00.250000", Self.ok)
        let (format, messages, _) = readLog(text)
        #expect(format == .freeswitch)
        #expect(messages.map(\.text) == [Self.register, Self.ok])
        #expect(messages.count == 2 && messages[1].time - messages[0].time == 750_000_000)
    }

    @Test("sipp's message log: addresses come from the messages")
    func sipp() {
        let rule = String(repeating: "-", count: 47)
        let register = Self.register.replacing("sip:example.net", "sip:192.0.2.10:5070")
        let text =
            "\(rule) 2026-03-02 12:00:00.000001\nUDP message sent (140 bytes):\n\n\(register)\n"
            + "\(rule) 2026-03-02\t12:00:00.500000\t1772452800.500000\nUDP message received [140] bytes :\n\n\(Self.ok)\n"
        let (format, messages, _) = readLog(text)
        #expect(format == .sippMessages)
        #expect(messages.map(\.text) == [register, Self.ok])
        #expect(messages.map(\.source) == ["203.0.113.5:5060", "192.0.2.10:5070"])
        #expect(messages.map { $0.time - Self.noon } == [1_000, 500_000_000])
    }

    @Test("sipp's short log: start line, Call-ID and CSeq")
    func sippShort() {
        let text =
            "2026-03-02\t12:00:00.000000\t1772452800.000000\tS\t1-2@127.0.0.1\tCSeq:1 INVITE\tINVITE sip:x@192.0.2.1 SIP/2.0\n"
            + "2026-03-02\t12:00:00.100000\t1772452800.100000\tR\t1-2@127.0.0.1\tCSeq:1 INVITE\tSIP/2.0 180 Ringing\n"
        let (format, messages, _) = readLog(text)
        #expect(format == .sippShort)
        #expect(messages.map(\.text).last == "SIP/2.0 180 Ringing\r\nCall-ID: 1-2@127.0.0.1\r\nCSeq:1 INVITE\r\n\r\n")
        #expect(messages.count == 2 && messages[1].time - messages[0].time == 100_000_000)
    }

    @Test("NDJSON with raw gives the bytes back; without, what the figures need")
    func json() {
        let text =
            #"{"v":1,"type":"message","ts":"2026-03-02T12:00:00.000406Z","n":2,"src":"203.0.113.5:5060","dst":"[2001:db8::1]:5060","transport":"UDP","raw":"OPTIONS sip:x SIP/2.0\r\nSubject: \u00c3\u00bc\r\n\r\n"}"#
            + "\n"
            + #"{"v":1,"type":"message","ts":"2026-03-02T12:00:01Z","src":"203.0.113.5:5060","dst":"192.0.2.1:5060","transport":"TCP","kind":"response","method":"BYE","status":200,"reason":"OK","call_id":"x","cseq":7,"from":{"uri":"sip:a@b","tag":"f"},"to":{"uri":"sip:c@d"},"branch":"z9hG4bKq","ua":"evil\r\nVia: x"}"#
            + "\n" + #"{"v":1,"type":"end","packets":2}"# + "\n"
        let (format, messages, _) = readLog(text)
        #expect(format == .json)
        #expect(messages.count == 2)
        #expect(messages.first?.text == "OPTIONS sip:x SIP/2.0\r\nSubject: ü\r\n\r\n")
        #expect(messages.first?.destination == "[2001:db8::1]:5060")
        #expect(messages.first?.time == Self.noon + 406_000)
        #expect(messages.last?.text.contains("CSeq: 7 BYE\r\n") == true)
        #expect(messages.last?.text.contains("evil  Via: x\r\n") == true, "a value cannot begin a header")
    }

    @Test("the logs of Kamailio and OpenSIPS: levels, texts, accounting")
    func serverLog() throws {
        let text = """
            Mar  2 12:00:00 gate /usr/sbin/kamailio[4242]: ERROR: <core> [core/forward.c:183]: get_out_socket(): no corresponding listening socket
            2026-03-02T14:00:01.500+02:00 gate opensips[4243]: WARNING:core:receive_msg: bad message
             3(4242) NOTICE: acc [acc.c:287]: acc_log_request(): ACC: transaction answered: timestamp=1772452800;method=INVITE;from_tag=a;to_tag=b;call_id=c@d;code=200;reason=OK
            Mar  2 12:00:02 gate sshd[1]: Accepted publickey
            """
        let (format, messages, logs) = readLog(text)
        #expect(format == .serverLog)
        #expect(messages.isEmpty)
        #expect(logs.map(\.level) == [.error, .warning, .notice])
        #expect(logs.map { ($0.time ?? 0) - Self.noon }.prefix(2) == [0, 1_500_000_000])
        #expect(logs.map(\.program) == ["kamailio", "opensips", "kamailio"])
        let accounting = try #require(logs[2].accounting)
        #expect(accounting.event == "transaction answered")
        #expect(accounting.method == "INVITE" && accounting.code == 200 && accounting.callID == "c@d")
    }

    @Test("what a body holds ends no block, in any format")
    func forgedBodies() {
        let rule = String(repeating: "-", count: 47)
        let texts = [
            "2026/03/02 12:00:01.000000 203.0.113.5:5060 -> 192.0.2.10:5060\n\(Self.forged)\n\n2026/03/02 12:00:02.000000 203.0.113.5:5060 -> 192.0.2.10:5060\n\(Self.register)\n\n",
            Self.sipdump(Self.forged, 0, from: "203.0.113.5", to: "192.0.2.10")
                + Self.sipdump(Self.register, 1, from: "203.0.113.5", to: "192.0.2.10"),
            "<--- SIP read from UDP:203.0.113.5:5060 --->\n\(Self.forged)\n<------------->\n<--- SIP read from UDP:203.0.113.5:5060 --->\n\(Self.register)\n<------------->\n",
            "\(rule) 2026-03-02 12:00:00.000001\nUDP message sent (140 bytes):\n\n\(Self.forged)\n\(rule) 2026-03-02 12:00:00.000001\nUDP message sent (140 bytes):\n\n\(Self.register)\n",
        ]
        for text in texts {
            let messages = readLog(text).messages.map(\.text)
            #expect(messages == [Self.forged, Self.register], "\(text.prefix(60))")
        }
    }

    @Test("a text is cut anywhere without a trap")
    func cut() {
        let whole = Array(Self.sipdump(Self.forged, 0, from: "203.0.113.5", to: "192.0.2.10").utf8)
        for count in stride(from: 0, to: whole.count, by: 7) {
            let part = Array(whole[..<count])
            for format in TextFormat.allCases {
                var reader = TextTraceReader(TextSource(bytes: part), format: format, context: TextContext(head: part))
                while reader.next() {}
            }
        }
    }

    @Test("JSON is read strictly")
    func jsonValues() {
        func value(_ text: String) -> JSONValue? {
            let bytes = Array(text.utf8)
            return JSONValue(bytes.span)
        }
        #expect(value(#"{"a":[1,-2.5e1,true,null],"b":"\u00e9\ud83d\ude00"}"#)?["b"]?.text == "é😀")
        #expect(value(#"{"a":[1,-2.5e1]}"#)?["a"]?.elements.last?.number == -25)
        for bad in [
            "", "{", "[1,]", "{\"a\":}", "nul", "\"\\ud800\"", "1 2", "[\"\n\"]", "01x",
            String(repeating: "[", count: 100_000),
        ] {
            #expect(value(bad) == nil, "\(bad.prefix(20))")
        }
    }
}

extension String {
    fileprivate func replacing(_ old: String, _ new: String) -> String {
        self.split(separator: old, omittingEmptySubsequences: false).joined(separator: new)
    }
}

@Suite("TCP segments in ngrep's text")
struct SegmentTests {
    static let invite: String = {
        let body = "v=0\r\nc=IN IP4 203.0.113.5\r\nm=audio 4000 RTP/AVP 0\r\n"
        return
            "INVITE sip:b@example.net SIP/2.0\r\nVia: SIP/2.0/TCP 203.0.113.5:5060;branch=z9hG4bK1\r\nTo: <sip:b@x>\r\nCall-ID: c1\r\nCSeq: 1 INVITE\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }()

    /// As ngrep prints the two pieces of a text that is cut at a byte.
    static func printed(_ text: String, cutAt place: Int, layout: String, marks: Bool) -> String {
        let bytes = Array(text.utf8)
        return [bytes[..<place], bytes[place...]].filter { !$0.isEmpty }.enumerated().map { number, piece in
            let header =
                "T 2026/03/02 12:00:00.0\(number)0000 203.0.113.5:5071 -> 192.0.2.10:5060 [AP]\(layout == "single" ? " " : " #\(number + 1)\n")"
            let shown = piece.map { byte -> UInt8 in
                byte == 0x0A && layout == "byline" ? byte : byte < 0x20 || byte > 0x7E ? 0x2E : byte
            }
            let text = String(decoding: shown, as: UTF8.self)
            let mark = marks ? "#\n" : "\n"
            if layout == "byline" { return "\(marks ? mark : "")\(header)\(text)\n\(marks ? "" : mark)" }
            if layout == "single" { return "\(marks ? mark : "")\(header)\(text) \n\(marks ? "" : mark)" }
            var rows = ""
            var rest = Substring(text)
            while !rest.isEmpty {
                let row = String(rest.prefix(75))
                rest = rest.dropFirst(75)
                rows += "  " + row + String(repeating: " ", count: 75 - row.utf8.count) + "\n"
            }
            return "\(marks ? mark : "")\(header)\(rows)\(marks ? "" : mark)"
        }.joined()
    }

    @Test("a message cut at any byte is whole again", arguments: ["byline", "single", "normal"], [true, false])
    func cutAnywhere(layout: String, marks: Bool) {
        let count = Self.invite.utf8.count
        var wrong: [Int] = []
        for place in 1..<count {
            // Rows lose a blank at their end, and a dot at a cut may stand for half a line end: both cannot be known.
            let bytes = Array(Self.invite.utf8)
            if layout == "normal", bytes[place - 1] == 0x20 { continue }
            let text = Self.printed(Self.invite, cutAt: place, layout: layout, marks: marks)
            if readLog(text).messages.map(\.text) != [Self.invite] { wrong.append(place) }
        }
        #expect(wrong == [])
    }

    @Test("dots that are no line ends stay dots, wherever the cut is", arguments: ["byline", "normal"], [true, false])
    func dots(layout: String, marks: Bool) {
        let body = "v=0\r\ns=a. b.. c\r\nc=IN IP4 203.0.113.5\r\nm=audio 4000 RTP/AVP 0\r\n"
        let message =
            "INVITE sip:b@192.0.2.10 SIP/2.0\r\nVia: SIP/2.0/TCP 203.0.113.5:5060;branch=z9hG4bK1\r\nUser-Agent: Phone 1.0.2 (a.b)\r\nTo: <sip:b@192.0.2.10>\r\nCall-ID: c1@203.0.113.5\r\nCSeq: 1 INVITE\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        let bytes = Array(message.utf8)
        let wrong = (1..<bytes.count).filter { place in
            if layout == "normal", bytes[place - 1] == 0x20 { return false }
            let text = Self.printed(message, cutAt: place, layout: layout, marks: marks)
            return readLog(text).messages.map(\.text) != [message]
        }
        #expect(wrong == [])
    }

    @Test("a body with bare line ends in one segment is whole")
    func bareLines() {
        let message =
            "MESSAGE sip:b@example.net SIP/2.0\r\nVia: SIP/2.0/TCP 203.0.113.5:5060;branch=z9hG4bK1\r\nCall-ID: c1\r\nCSeq: 1 MESSAGE\r\nContent-Length: 8\r\n\r\none\ntwo\n"
        for marks in [true, false] {
            let text = Self.printed(message, cutAt: message.utf8.count, layout: "byline", marks: marks)
            #expect(readLog(text).messages.map(\.text) == [message], "\(marks)")
        }
    }

    @Test("two messages in one segment, and one that ends in the next")
    func shared() {
        let two = Self.invite + Self.invite.split(separator: "c1").joined(separator: "c2")
        var wrong: [Int] = []
        for place in stride(from: 10, to: two.utf8.count, by: 17) {
            let text = Self.printed(two, cutAt: place, layout: "byline", marks: true)
            let messages = readLog(text).messages.map(\.text)
            if messages.joined() != two || messages.count != 2 { wrong.append(place) }
        }
        #expect(wrong.isEmpty)
    }

    @Test("a message that never becomes whole is handed out at the end")
    func unfinished() {
        let text = Self.printed(String(Self.invite.prefix(100)), cutAt: 50, layout: "byline", marks: true)
        #expect(readLog(text).messages.map(\.text) == [String(Self.invite.prefix(100))])
    }
}
