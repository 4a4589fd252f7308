import Foundation
import SIPKit
import SIPTrace
import Testing

@testable import sipgrep

/// The screen without a terminal: messages and keys go in, rows of text come out.
@Suite("The screen")
struct ScreenTests {
    private func screen(calls: Int = 3, limit: Int = 1 << 20) -> Screen {
        let screen = Screen(
            Screen.Input(name: "x.pcap", isLive: false, match: nil, captureFilter: nil), store: CallStore(limit: limit),
            media: MediaTracker(), correlators: ["X-Call-ID"])
        for number in 0..<calls {
            self.say(screen, number, "INVITE sip:b@example SIP/2.0", back: false, at: Int64(number) * 10)
            self.say(
                screen, number, "SIP/2.0 \(number == 1 ? "486 Busy Here" : "200 OK")", back: true,
                at: Int64(number) * 10 + 1)
        }
        return screen
    }

    private func say(_ screen: Screen, _ call: Int, _ start: String, back: Bool, at second: Int64) {
        let text = """
            \(start)\r
            Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK\(call)\r
            From: <sip:user\(call)@example>;tag=1\r
            To: <sip:b@example>\r
            Call-ID: call-\(call)\r
            CSeq: 1 INVITE\r
            Max-Forwards: 70\r
            X-Call-ID: call-\(call == 2 ? 0 : call)\r
            Content-Length: 0\r
            \r

            """
        let (caller, callee) = (
            SocketAddress(IPAddress(v4: 0xC000_0201), 5060), SocketAddress(IPAddress(v4: 0xC633_6402), 5060)
        )
        let origin = MessageOrigin(
            time: second * 1_000_000_000, source: back ? callee : caller, destination: back ? caller : callee,
            transport: .udp, frame: 1)
        let bytes = Array(text.utf8)
        screen.take(origin, bytes.span, isWanted: true)
    }

    private func text(_ screen: Screen, _ width: Int = 100, _ height: Int = 30) -> String {
        screen.draw(width: width, height: height).lines.joined(separator: "\n")
    }

    private func press(_ screen: Screen, _ keys: Key...) { for key in keys { screen.handle(key) } }
    private func type(_ screen: Screen, _ text: String) { for byte in text.utf8 { screen.handle(.character(byte)) } }

    @Test("lists calls with their ends and states")
    func list() {
        let text = self.text(self.screen())
        #expect(text.contains("calls 3"))
        #expect(text.contains("user0"))
        #expect(text.contains("BUSY"))
        #expect(text.contains("IN CALL"))
    }

    @Test("shows in a filtered list only what fits, by text and by expression, and says what is wrong with one")
    func filter() {
        let screen = self.screen()
        self.press(screen, .function(7))
        self.type(screen, "user1")
        self.press(screen, .enter)
        #expect(!self.text(screen).contains("user0"))
        #expect(self.text(screen).contains("1 shown: from user1"))
        self.press(screen, .function(7), .function(5), .up)
        self.type(screen, "status >= ")
        self.press(screen, .enter)
        #expect(self.text(screen).contains("is expected"))
        self.type(screen, "400")
        self.press(screen, .enter)
        #expect(self.text(screen).contains("user1"))
        #expect(!self.text(screen).contains("user2"))
    }

    @Test("completes the names of fields")
    func completion() {
        let screen = self.screen()
        self.press(screen, .function(7), .up)
        self.type(screen, "content_")
        self.press(screen, .tab)
        #expect(self.text(screen).contains("content_type _"))
    }

    @Test("draws the ladder of a call, its legs, and compares two messages")
    func ladder() {
        let screen = self.screen()
        self.press(screen, .enter)
        #expect(self.text(screen).contains("INVITE"))
        #expect(self.text(screen).contains("200 OK"))
        self.press(screen, .char("x"))
        #expect(self.text(screen).contains("2 legs"), "a header ties the third call to the first")
        self.press(screen, .home, .char(" "), .down, .char(" "))
        #expect(self.text(screen).contains("INVITE sip:b@example SIP/2.0"))
        #expect(self.text(screen).contains("SIP/2.0 200 OK"))
    }

    @Test("saves what was chosen, in every format")
    func save() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "screen-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (step, format) in SaveView.Format.allCases.enumerated() {
            let screen = self.screen()
            let path = folder.appending(path: "out").path
            self.press(screen, .function(2), .control(0x15))
            self.type(screen, path)
            self.press(screen, .down)
            for _ in 0..<step { self.press(screen, .right) }
            self.press(screen, .enter)
            #expect(self.text(screen).contains("6 messages saved"), "\(format)")
            #expect(try Data(contentsOf: URL(filePath: path)).count > 100, "\(format)")
        }
        let screen = self.screen()
        self.press(screen, .function(2), .control(0x15))
        self.type(screen, "/nonexistent/x")
        self.press(screen, .enter)
        #expect(self.text(screen).contains("No such file"), "the dialog stays and tells why")
    }

    @Test("forgets the oldest calls when memory is used up, and counts them")
    func memory() {
        let screen = self.screen(calls: 100, limit: 20_000)
        #expect(screen.store.bytes <= 20_000 + 2000)
        #expect(screen.store.forgotten > 50)
        #expect(self.text(screen).contains("user99") || self.text(screen, 100, 60).contains("user99"))
    }

    @Test("survives every key in every view, at every size")
    func anything() {
        let keys: [Key] =
            (32...126).map { .character($0) } + (1...26).map { .control($0) } + (1...12).map { .function($0) } + [
                .up, .down, .left, .right, .pageUp, .pageDown, .home, .end, .enter, .escape, .tab, .backspace, .delete,
                .resize,
            ]
        let sizes = [(80, 24), (1, 1), (20, 5), (300, 100), (110, 3)]
        for first in keys where first != .function(2) && first != .char("s") {
            let screen = self.screen()
            for (number, second) in keys.enumerated()
            where second != .function(2) && second != .char("s") && second != .enter {
                screen.handle(number % 40 == 0 ? first : second)
                if number % 9 == 0 {
                    let (width, height) = sizes[number % sizes.count]
                    _ = screen.draw(width: width, height: height)
                }
            }
        }
    }

    @Test("draws nothing that a terminal would obey")
    func controls() {
        let screen = self.screen(calls: 0)
        self.say(screen, 7, "INVITE sip:\u{1B}[2Jb@example SIP/2.0", back: false, at: 1)
        self.press(screen, .enter)
        for line in screen.draw(width: 150, height: 40).lines {
            #expect(line.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) })
        }
    }

    @Test("asks before it leaves a live capture, and not otherwise")
    func quit() {
        let screen = self.screen()
        self.press(screen, .char("q"))
        #expect(screen.isDone)
        let live = Screen(
            Screen.Input(name: "eth0", isLive: true, match: nil, captureFilter: nil), store: CallStore(limit: 1 << 20),
            media: MediaTracker())
        self.say(live, 1, "INVITE sip:b SIP/2.0", back: false, at: 1)
        self.press(live, .char("q"))
        #expect(!live.isDone)
        self.press(live, .char("y"))
        #expect(live.isDone)
    }
}
