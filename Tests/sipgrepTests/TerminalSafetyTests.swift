import Foundation
import SIPKit
import SIPTrace
import Testing

@testable import sipgrep

/// Nothing that a stranger sends may move the cursor, change colours or rename the window, whatever prints it.
@Suite("What is printed for a terminal")
struct TerminalSafetyTests {
    /// Every way to print messages but `-W raw`, which is not for terminals.
    static let forms: [[String]] = [
        ["-W", "classic"], ["-W", "byline"], ["-W", "normal"], ["-W", "single"], ["-W", "none"], ["-W", "brief"],
        ["-x"],
        ["--json"], ["--json", "--raw"],
        ["--csv", "ts,method,from.user,from.name,ua,call_id,message,header.x-hostile"],
        ["--fields", "ruri,reason,to,contact,branch,content_type,body,message"], ["--flow"], ["--flow", "mermaid"],
        ["--flow", "svg"], ["--flow", "html"], ["--report"], ["--report", "md"], ["--report", "json"], ["--stats"],
        ["--diff", "1", "2"],
    ]

    /// What the form prints about these messages, with the lines about media.
    private func printed(_ form: [String], _ messages: [CapturedMessage], _ media: MediaTracker) throws -> [UInt8] {
        let path = FileManager.default.temporaryDirectory.appending(path: "printed-\(UUID().uuidString)").path
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        try #require(descriptor >= 0)
        defer {
            close(descriptor)
            unlink(path)
        }
        let settings = try SipgrepCommand.settings(from: form + ["-t"])
        var printer = PrinterChoice.printer(settings)
        var output = OutputBuffer(descriptor: descriptor)
        for message in messages { printer.print(message.origin, message.bytes.span, to: &output) }
        var summary = Summary(counts: TraceCounts(), matched: messages.count, limitsReached: 0)
        summary.media = media
        printer.finish(summary, to: &output)
        if !form.contains("--json") { StreamLines.write(media, to: &output) }
        output.flush()
        return Array(try Data(contentsOf: URL(filePath: path)))
    }

    /// The first harmful thing in an output: a control, a byte that is not UTF-8, a character that turns the writing around.
    private func harm(_ bytes: [UInt8], _ form: [String]) -> String? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return "bytes that are not UTF-8" }
        for scalar in text.unicodeScalars {
            let isLine = scalar == "\n" || scalar == "\t" || scalar == "\r" && form.first == "--csv"
            if isLine { continue }
            let category = scalar.properties.generalCategory
            if category == .control || category == .format { return "U+\(String(scalar.value, radix: 16))" }
        }
        return nil
    }

    private func check(_ messages: [CapturedMessage], _ media: MediaTracker, _ name: String) throws {
        for form in Self.forms {
            let output = try self.printed(form, messages, media)
            let found = self.harm(output, form)
            #expect(found == nil, "\(name) with \(form.joined(separator: " "))")
        }
    }

    @Test(
        "has nothing that a terminal obeys, of every capture there is",
        .enabled(if: Self.hasCorpus, "shared corpus absent"))
    func corpus() throws {
        let files = Self.captures()
        #expect(files.count >= 60)
        for file in files {
            let media = MediaTracker()
            guard var reader = try? MessageReader([file.path]) else { continue }
            reader.followMedia(media)
            var messages: [CapturedMessage] = []
            // swift-format-ignore: ReplaceForEachWithForLoop
            reader.forEach { message in
                media.learn(message.bytes.span, message.origin)
                messages.append(message)
                return messages.count < 200
            }
            try self.check(messages, media, file.lastPathComponent)
        }
    }

    /// Escapes and bells, as bytes of their own, in UTF-8, and as bytes that are no UTF-8; bytes that end a line or a string.
    static let hostile: [[UInt8]] = [
        Array("\u{1B}[2J".utf8), Array("\u{1B}]0;x\u{07}".utf8), [0x9B, 0x33, 0x31, 0x6D], Array("\u{9B}31m".utf8),
        Array("a\u{202E}b".utf8), [0x7F, 0x08, 0x0B, 0x0C], [0], [0x0D], [0xC3], [0xED, 0xA0, 0x80],
        Array("\u{2028}\u{FEFF}".utf8),
        Array("\"><script>,;\u{85}".utf8),
    ]

    private static let template = """
        (start line)
        Via: SIP/2.0/UDP h%M;branch=z9hG4bK%M1
        From: "%M" <sip:%M@h%M>;tag=%M
        To: %M<sip:b%M@h>
        Call-ID: c%M@h
        CSeq: 1 INVITE%M
        Contact: <sip:%M@192.0.2.1>
        User-Agent: x%M
        X-Call-ID: y%M
        X-Hostile%M: z
        X-Hostile: %M
        Content-Type: application/sdp%M

        v=0
        c=IN IP4 192.0.2.1
        m=audio 4000 RTP/AVP 96%M
        a=rtpmap:96 co%Mdec/8000
        """

    @Test("has nothing that a terminal obeys, wherever it stands in a message")
    func everywhere() throws {
        for (number, hostile) in Self.hostile.enumerated() {
            var messages: [CapturedMessage] = []
            let media = MediaTracker()
            for start in ["INVITE%M sip:%M@h SIP/2.0", "SIP/2.0 200 O%MK", "INVITE sip:b@h SIP/2.0", "SIP/2.0 486 %M"] {
                let text = start + "\n" + Self.template.split(separator: "\n", maxSplits: 1)[1]
                // Everywhere at once, and in one place after another.
                let places = text.components(separatedBy: "%M").count - 1
                for only in [-1] + Array(0..<places) {
                    var bytes: [UInt8] = []
                    for (place, part) in text.components(separatedBy: "%M").enumerated() {
                        bytes += part.utf8.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] }
                        if only == -1 || only == place { bytes += hostile }
                    }
                    let origin = MessageOrigin(
                        time: Int64(messages.count), source: SocketAddress(IPAddress(v4: 0xC000_0201), 5060),
                        destination: SocketAddress(IPAddress(v4: 0xC000_0202), 5060), transport: .udp,
                        frame: messages.count + 1)
                    messages.append(CapturedMessage(origin, bytes: bytes))
                    media.learn(bytes.span, origin)
                }
            }
            var origin = messages[0].origin
            origin.destination = SocketAddress(IPAddress(v4: 0xC000_0201), 4000)
            for sequence in 0..<60 as Range<UInt8> {
                let packet =
                    [0x80, 96, 0, sequence, 0, 0, sequence, 0, 0, 0, 0, 7] + [UInt8](repeating: 0xFF, count: 160)
                media.take(origin, packet.span)
            }
            try self.check(messages, media, "hostile \(number)")
            try self.checkScreen(messages, media, "hostile \(number)")
        }
    }

    /// The screen's pictures, too.
    private func checkScreen(_ messages: [CapturedMessage], _ media: MediaTracker, _ name: String) throws {
        let screen = Screen(
            Screen.Input(name: "x", isLive: false, match: nil, captureFilter: nil), store: CallStore(limit: 1 << 22),
            media: media, correlators: ["X-Call-ID"])
        for message in messages { screen.take(message.origin, message.bytes.span, isWanted: true) }
        for keys in [[], [Key.enter], [.enter, .enter], [.enter, .character(0x6D)]] as [[Key]] {
            for key in keys { screen.handle(key) }
            let text = screen.draw(width: 120, height: 40).lines.joined(separator: "\n")
            let found = self.harm(Array(text.utf8), [])
            #expect(found == nil, "\(name) on the screen after \(keys.count) keys")
        }
    }

    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "../shared/corpus").standardizedFileURL
    static let hasCorpus = FileManager.default.fileExists(atPath: root.appending(path: "pcap-expected.tsv").path)

    private static func captures() -> [URL] {
        let all = FileManager.default.enumerator(at: Self.root, includingPropertiesForKeys: nil)?.allObjects as? [URL]
        return (all ?? []).filter { ["pcap", "pcapng", "cap"].contains($0.pathExtension) }.sorted { $0.path < $1.path }
    }
}
