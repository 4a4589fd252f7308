import Testing

@testable import sipsak

@Suite("What a peer sent reaches a terminal without its control bytes")
struct ConsoleTests {
    @Test("line ends and tabs stay, everything else is escaped, and pipes get the bytes as they came")
    func escapes() {
        let hostile: [UInt8] =
            Array("SIP/2.0 200 OK\r\nServer: \u{1B}]0;x\u{07}\u{9B}2J\r\nX:\ta\n\r\n".utf8) + [0xFF, 0x00]
        let terminal = RecordingConsole(isTerminal: true)
        terminal.out(message: hostile)
        #expect(
            terminal.outText == "SIP/2.0 200 OK\r\nServer: \\x1b]0;x\\x07\\xc2\\x9b2J\r\nX:\ta\n\r\n\\xff\\x00")
        let pipe = RecordingConsole()
        pipe.out(message: hostile)
        #expect(pipe.output == hostile)
    }
}
