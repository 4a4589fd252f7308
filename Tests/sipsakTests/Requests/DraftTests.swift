import SIPKit
import Testing

@testable import sipsak

@Suite("A request before it is sent")
struct DraftTests {
    func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test(
        "comes out as it went in, whatever it is",
        arguments: [
            "OPTIONS sip:a@h SIP/2.0\r\nVia: x\r\nX: a,\r\n b\r\n\r\nbody\r\n\r\nmore",
            "OPTIONS sip:a@h SIP/2.0\nVia: x\nno colon\n\nbody", "OPTIONS sip:a@h SIP/2.0", "", "\r\n", "a\r\n b\r\n",
        ])
    func roundTrip(_ text: String) {
        #expect(String(decoding: Draft(text: self.bytes(text)).bytes(), as: UTF8.self) == text)
    }

    @Test("finds headers in short and long form, with blanks before the colon")
    func values() {
        let draft = Draft(
            text: self.bytes(
                "INVITE sip:a SIP/2.0\r\nv: SIP/2.0/UDP h;branch=z1\r\nCall-ID  : c1\r\nCSeq: 7 INVITE\r\n\r\n"))
        #expect(draft.topBranch == self.bytes("z1"))
        #expect(draft.value(.callID) == self.bytes("c1"))
        #expect(draft.sequence == 7)
        #expect(draft.method == self.bytes("INVITE"))
        #expect(draft.uri == self.bytes("sip:a"))
    }

    @Test("fills marks in any case and never looks at what it put in")
    func marks() {
        let filled = Draft.filled(
            self.bytes("a $USER$ b $user$ $other$ $"),
            [MarkReplacement(name: "user", value: "$user$x"), MarkReplacement(name: "none", value: "y")])
        #expect(String(decoding: filled, as: UTF8.self) == "a $user$x b $user$x $other$ $")
    }

    @Test("a file gets CRLF, the missing empty line, our Via and Max-Forwards")
    func shoot() throws {
        var factory = RequestFactory(host: "192.0.2.1", port: 5070, ids: Identifiers(seed: 1))
        let options = try OptionReader.read([
            "-f", "x", "-G", "-m", "5", "-j", "X-A: 1\\nX-B: 2", "-s", "sip:bob@h:25060",
        ]).options
        let draft = try ShootDraft.make(
            options, options.uri!,
            file: self.bytes("MESSAGE sip:$user$@$dsthost$ SIP/2.0\nTo: $srchost$:$port$\nCSeq: 4 MESSAGE"), &factory)
        let lines = String(decoding: draft.bytes(), as: UTF8.self).split(
            separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines[0] == "MESSAGE sip:bob@h:25060 SIP/2.0")
        #expect(lines[1] == "Max-Forwards: 5")
        #expect(lines[2].hasPrefix("Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK."))
        #expect(lines[3...].elementsEqual(["X-A: 1", "X-B: 2", "To: 192.0.2.1:5070", "CSeq: 4 MESSAGE", "", ""]))
        #expect(factory.again(draft).sequence == 5)
    }

    @Test("a file over what a datagram can carry is refused")
    func tooLong() throws {
        var factory = RequestFactory(host: "192.0.2.1", port: 5070, ids: Identifiers(seed: 1))
        let options = try OptionReader.read(["-f", "x", "-i", "-s", "sip:h"]).options
        let text = self.bytes("MESSAGE sip:h SIP/2.0\r\n\r\n") + [UInt8](repeating: 0x61, count: 70_188)
        #expect(throws: UsageError("message is 70213 bytes, UDP carries at most 65507; use -E tcp (-f)")) {
            try ShootDraft.make(options, options.uri!, file: text, &factory)
        }
    }

    @Test("an extra header cannot smuggle a line end")
    func extraHeaders() {
        #expect(
            ShootDraft.lines("A: 1\r\n\r\nB: 2\\nC: 3\\n").map { String(decoding: $0, as: UTF8.self) } == [
                "A: 1B: 2\r\n", "C: 3\r\n",
            ])
    }
}
