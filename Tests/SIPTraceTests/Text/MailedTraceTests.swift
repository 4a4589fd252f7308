import Foundation
import SIPKit
import Testing

@testable import SIPTrace

/// The folder beside the package that holds seeds and generators; not everybody has it.
enum SharedFolder {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent(
            "shared")
    static let isThere = FileManager.default.fileExists(atPath: root.appendingPathComponent("seeds").path)
    static func seed(_ number: String) throws -> [UInt8] {
        let folder = root.appendingPathComponent("seeds")
        let name = try FileManager.default.contentsOfDirectory(atPath: folder.path).first { $0.hasPrefix(number) }
        return Array(try Data(contentsOf: folder.appendingPathComponent(name ?? number)))
    }
}

@Suite("ngrep text that went through mail")
struct MailedTraceTests {
    @Test(
        "the trace of 2005 is restored message by message", .enabled(if: SharedFolder.isThere, "shared corpus absent"))
    func trace2005() throws {
        let (messages, statistics) = read(try SharedFolder.seed("000"))
        #expect(messages.count == 19)
        #expect(statistics.marks == 66)
        #expect(statistics.hidden == 47)
        #expect(
            messages.allSatisfy { $0.repairs.contains([.lengthAgrees, .header]) }, "every body is as long as announced")
        #expect(messages.allSatisfy { $0.text.contains("Call-ID: fdef3f406ba21473@192.168.20.3\r\n") })
        let parsed = try messages.map { try SIPMessage(parsing: $0.text) }
        #expect(parsed.allSatisfy { $0.index.defect == nil })
        #expect(parsed.filter { $0.body.count == 340 }.count == 4)
        #expect(parsed.filter { $0.body.count == 200 }.count == 2)
        #expect(parsed[4].text(parsed[4].reason) == "trying -- your call is important to us")
        #expect(messages[0].source == "223.78.240.109:1024")
        #expect(messages[18].destination == "223.78.240.109:5060")
    }

    @Test("quoted mail (> ) and HTML entities are undone")
    func quotedMail() {
        let text = """
            #
            U 2005/04/03 16:14:47.352103 223.78.240.109:1024 ->
            201.218.150.25:5060 OPTIONS sip:a&#64;b.example SIP/2.0.
            Via: SIP/2.0/UDP
            192.168.20.3;branch=z9hG4bK1.
            To: &lt;sip:a at b.example&gt;.
            Call-ID: x at y.
            Subject: we meet at noon.
            Content-Length: 0.
            .
            #
            """
        let (messages, _) = read(text)
        #expect(messages.count == 1)
        let lines = messages.first?.text.components(separatedBy: "\r\n") ?? []
        #expect(lines.contains("To: <sip:a@b.example>"))
        #expect(lines.contains("Call-ID: x@y"))
        #expect(lines.contains("Subject: we meet at noon"), "text is no address")
        #expect(lines.contains("Via: SIP/2.0/UDP 192.168.20.3;branch=z9hG4bK1"))
    }
}
