import Testing

@testable import miniproxy

@Suite("The text in SER's command FIFO")
struct CommandFIFOTests {
    private func commands(_ text: String) -> (commands: [CommandFIFO.Command], rest: String) {
        var bytes = Array(text.utf8)
        let commands = CommandFIFO.commands(&bytes)
        return (commands, String(decoding: bytes, as: UTF8.self))
    }

    @Test("is a command when its empty line has come, and one in pieces waits")
    func pieces() {
        #expect(
            self.commands(":ul_show_contact:answer\nlocation\nbob\n\n").commands
                == [.init(name: "ul_show_contact", replyFile: "answer", words: ["location", "bob"])])
        let half = self.commands(":which:a\n")
        #expect(half.commands.isEmpty)
        #expect(half.rest == ":which:a\n")
        #expect(self.commands(":a:x\n\n:b:y\n1\n\n:c").commands.map(\.name) == ["a", "b"])
    }

    @Test("that is none is passed over", arguments: ["nonsense\n", "\n\n\n", "x:y\n\n"])
    func nonsense(_ text: String) {
        #expect(self.commands(text + ":which:a\n\n").commands.map(\.name) == ["which"])
    }

    @Test("may lack everything")
    func empty() { #expect(self.commands(":\n\n").commands == [.init(name: "", replyFile: "", words: [])]) }
}
