import SIPKit
import SIPPattern
import SIPTrace
import Testing

@testable import sipgrep

@Suite("What is shown around a match")
struct ContextTests {
    private func origin(_ frame: Int) -> MessageOrigin {
        MessageOrigin(
            time: 0, source: SocketAddress(.loopbackV4, 1), destination: SocketAddress(.loopbackV4, 2), transport: .udp,
            frame: frame)
    }

    @Test("keeps the last messages, no more than asked for and no more bytes than allowed")
    func bounded() {
        var context = ContextMessages(limit: 3)
        let message = [UInt8](repeating: 0x61, count: 100)
        for frame in 1...10 { context.hold(self.origin(frame), message.span) }
        #expect(context.take().map(\.frame) == [8, 9, 10])
        #expect(context.take().isEmpty, "nothing is shown twice")
        var large = ContextMessages(limit: 1000)
        let megabyte = [UInt8](repeating: 0x61, count: 1 << 20)
        for frame in 1...20 { large.hold(self.origin(frame), megabyte.span) }
        #expect(large.take().count == 8)
    }

    @Test("is refused with whole dialogs, and beyond its limit")
    func refused() {
        #expect(throws: Failure.self) { try SipgrepCommand.settings(from: ["--before", "2", "-g", "x"]) }
        #expect(throws: Failure.self) { try SipgrepCommand.settings(from: ["--before", "100000", "x"]) }
        #expect(throws: (any Error).self) { try SipgrepCommand.settings(from: ["--before=-1", "x"]) }
    }

    @Test("finds every place of a match, and ends with one that is empty everywhere")
    func highlight() throws {
        var highlight = try #require(Highlight(BytePattern("b+", [])))
        let message = Array("abba b".utf8)
        highlight.look(message.span)
        #expect(highlight.places == [1..<3, 5..<6])
        var empty = try #require(Highlight(BytePattern("x*", [])))
        empty.look(message.span)
        #expect(empty.places.isEmpty)
        #expect(Highlight(nil) == nil)
    }
}

@Suite("Options from a file")
struct ConfigFileTests {
    @Test("are words in the order of the lines, a value being the rest of its line")
    func words() throws {
        let text = "# comment\n\n  -t\r\n--filter method == INVITE and status >= 400  \n-W brief\n"
        #expect(
            try ConfigFile.words(text, "x") == ["-t", "--filter", "method == INVITE and status >= 400", "-W", "brief"])
        #expect(throws: Failure.self) { try ConfigFile.words("-t\nbrief", "x") }
    }
}

@Suite("Questions by one word")
struct FilterAliasTests {
    @Test("are expressions of the same language", arguments: FilterAlias.allCases)
    func parse(alias: FilterAlias) throws {
        _ = try FilterParser.parse(alias.expression)
        _ = try FilterParser.parse("not \(alias.rawValue) or method == INVITE")
    }
}

@Suite("Options that limit")
struct LimitOptionTests {
    @Test("say ports in the words of the filter")
    func ports() throws {
        #expect(try SipgrepCommand.settings(from: ["--ports", "5060-5080"]).captureFilter == "portrange 5060-5080")
        let both = try SipgrepCommand.settings(from: ["--ports", "5060", "x", "host", "192.0.2.1"])
        #expect(both.captureFilter == "( host 192.0.2.1 ) and portrange 5060-5060")
        for wrong in ["0", "70000", "9-5", "x", ""] {
            #expect(throws: Failure.self) { try SipgrepCommand.settings(from: ["--ports", wrong]) }
        }
    }

    @Test("take numbers that make sense")
    func numbers() throws {
        #expect(try SipgrepCommand.settings(from: ["--max-dialogs", "500"]).maximumDialogs == 500)
        #expect(throws: Failure.self) { try SipgrepCommand.settings(from: ["--max-dialogs", "0"]) }
        #expect(throws: Failure.self) { try SipgrepCommand.settings(from: ["--color", "sometimes"]) }
        #expect(try SipgrepCommand.settings(from: ["--color", "always"]).isColoured)
        #expect(try !SipgrepCommand.settings(from: []).isColoured)
        #expect(try SipgrepCommand.settings(from: ["--tzsp", "127.0.0.1:37008"]).mirrorsFrom?.port == 37008)
        #expect(throws: Failure.self) { try SipgrepCommand.settings(from: ["--tzsp", "tcp:127.0.0.1:1"]) }
        #expect(throws: Failure.self) { try SipgrepCommand.settings(from: ["--tzsp", "127.0.0.1:1", "-I", "x"]) }
    }
}
