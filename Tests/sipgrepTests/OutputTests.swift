import Foundation
import SIPKit
import SIPTrace
import Testing

@testable import sipgrep

@Suite("Comparing messages")
struct MessageDiffTests {
    @Test("finds what one has and the other has not, and leaves the rest in place")
    func rows() {
        let rows = MessageDiff.rows(["a", "b", "c", "e"], ["a", "x", "c", "d", "e"])
        #expect(
            rows == [
                .init(left: "a", right: "a"), .init(left: "b", right: "x"), .init(left: "c", right: "c"),
                .init(left: nil, right: "d"), .init(left: "e", right: "e"),
            ])
        #expect(MessageDiff.rows([String](), []).isEmpty)
        #expect(MessageDiff.rows(["a"], []) == [.init(left: "a", right: nil)])
    }

    @Test("ends with very long messages")
    func long() {
        let many = (0..<5000).map(String.init)
        #expect(MessageDiff.rows(many, many).count == MessageDiff.maximumLines)
    }
}

@Suite("The letters of sipcapture's sipgrep")
struct CompatibilityTests {
    private func translate(_ words: String...) throws -> [String] {
        try Compatibility.translate(words, environment: nil)
    }

    @Test("are left alone unless asked for")
    func notAsked() throws {
        #expect(try self.translate("-f", "x") == ["-f", "x"])
        #expect(try Compatibility.translate(["-f", "x"], environment: "sipcapture").contains("--from"))
    }

    @Test("mean what they mean there")
    func letters() throws {
        let words = try self.translate(
            "--compat", "sipcapture", "-f", "alice", "-tbob", "-P", "5060-5080", "-C", "-O", "x.pcap", "INVITE")
        #expect(
            words == [
                "--from", "alice", "--to", "bob", "-O", "x.pcap", "-W", "byline", "-t", "-q", "-g", "INVITE",
                "portrange 5060-5080",
            ])
        #expect(try !self.translate("--compat", "sipcapture", "-m").contains("-g"), "-m: no dialogs")
        #expect(try self.translate("--compat=sipcapture", "-z", "300").contains("--stats"))
        let settings = try SipgrepCommand.settings(from: try self.translate("--compat", "sipcapture", "-f", "alice"))
        #expect(settings.form == .byline)
        #expect(settings.captureFilter == "portrange 5060-5061")
    }

    @Test("that would send something are refused", arguments: ["-J", "-K"])
    func refused(letter: String) {
        #expect(throws: Failure.self) { try self.translate("--compat", "sipcapture", letter, "x") }
    }
}

@Suite("What a filter asks of dialogs")
struct DialogFactsTests {
    private func message(_ start: String, _ call: String) -> [UInt8] {
        Array(
            "\(start)\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK\(call)\r\nCall-ID: \(call)\r\nCSeq: 1 INVITE\r\nTo: <sip:b@h>\r\n\r\n"
                .utf8)
    }

    private func accepts(_ expression: String, _ call: String) throws -> Bool {
        let facts = DialogFacts(media: nil, maximumDialogs: 100)
        let (caller, callee) = (SocketAddress(.loopbackV4, 1), SocketAddress(.loopbackV4, 2))
        for (start, call, time, back) in [
            ("INVITE sip:b@h SIP/2.0", "good", 0, false), ("SIP/2.0 180 Ringing", "good", 500, true),
            ("SIP/2.0 200 OK", "good", 2500, true), ("INVITE sip:b@h SIP/2.0", "bad", 0, false),
            ("SIP/2.0 603 Decline", "bad", 100, true),
        ] {
            let bytes = self.message(start, call)
            let origin = MessageOrigin(
                time: Int64(time) * 1_000_000, source: back ? callee : caller, destination: back ? caller : callee,
                transport: .udp, frame: 1)
            facts.take(origin, bytes.span)
        }
        facts.settle()
        let filter = try FilterParser.parse(expression)
        var reading = MessageReading()
        let bytes = self.message("INVITE sip:b@h SIP/2.0", call)
        reading.read(bytes.span)
        let origin = MessageOrigin(time: 0, source: caller, destination: callee, transport: .udp, frame: 1)
        return filter.accepts(origin, bytes.span, reading, facts)
    }

    @Test(
        "is answered by what became of them",
        arguments: [
            ("state == rejected", false, true), ("state == \"in call\"", true, false), ("pdd < 1", true, false),
            ("setup >= 2.5", true, false), ("setup > 2.5", false, false), ("setup == 2.500", true, false),
            ("messages == 3", true, false), ("method == INVITE and not state == rejected", true, false),
            ("one_way", false, false), ("setup", true, false),
        ])
    func fields(expression: String, good: Bool, bad: Bool) throws {
        #expect(try self.accepts(expression, "good") == good)
        #expect(try self.accepts(expression, "bad") == bad)
    }

    @Test("cannot be asked of media while they run, and decimals only where there are some")
    func refusals() {
        #expect(throws: Failure.self) {
            _ = try MessageSelector(SipgrepCommand.settings(from: ["--filter", "rtp.mos < 3"]))
        }
        #expect(throws: FilterError.self) { _ = try FilterParser.parse("status == 4.5") }
        #expect(throws: FilterError.self) { _ = try FilterParser.parse("setup > 1.2.3") }
    }
}

@Suite("One file a dialog")
struct DialogSaverTests {
    @Test("has a name that is no path, whatever the message says, and everything of its dialog")
    func files() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "dialogs-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let saver = try DialogSaver(folder.path, diagnostics: Diagnostics())
        let origin = MessageOrigin(
            time: 1_000_000_000, source: SocketAddress(.loopbackV4, 1), destination: SocketAddress(.loopbackV4, 2),
            transport: .udp, frame: 1)
        for (call, count) in [("../../etc/x", 3), ("b", 2)] {
            let text =
                "INVITE sip:b SIP/2.0\r\nFrom: <sip:..%2F..%2Fetc@h>;tag=1\r\nTo: <sip:/root@h>\r\nCall-ID: \(call)\r\n\r\n"
            let bytes = Array(text.utf8)
            for _ in 0..<count { saver.save(origin, bytes.span) }
        }
        let media = [UInt8](repeating: 0x80, count: 172)
        saver.saveMedia(origin, media.span, of: Array("b".utf8)[...])
        saver.saveMedia(origin, media.span, of: Array("unknown".utf8)[...])
        saver.flush()
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        #expect(names.count == 2)
        var packets: [Int] = []
        for name in names {
            #expect(name.allSatisfy { $0.isLetter || $0.isNumber || "_.-".contains($0) })
            var reader = try PcapFileReader(path: folder.appending(path: name).path)
            var count = 0
            while reader.next() != nil { count += 1 }
            packets.append(count)
        }
        #expect(packets.sorted() == [3, 3])
    }
}
