import ArgumentParser
import Glibc

/// `miniproxy check FILE`: what is wrong with a script, without starting anything.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Say what is wrong with a script: errors, slips, holes.",
        discussion: """
            Prints each finding as file:line:column, the line, a caret and the cure. The status is 0 when the script \
            can be loaded, 1 when it cannot, 2 when the file cannot be read. -A NAME defines a name, as #!define does.
            """)

    @Argument(help: "The script, or - for standard input.") var file: String

    @Flag(help: "One JSON object with all findings.") var json = false
    @Flag(help: "Treat every warning as an error.") var strict = false
    @Flag(help: "Print the script with the fixes carried out, and nothing else on standard output.") var fix = false
    @Flag(inversion: .prefixedNo, help: "Look for holes of security and correctness, too.") var lint = true
    /// `-A NAME` is read by the proxy's own command.
    @ParentCommand var proxy: MiniproxyCommand

    func run() throws {
        let check: ScriptCheck
        do {
            check = ScriptCheck(
                try ScriptFile.read(self.file), isStrict: self.strict, lints: self.lint, defining: self.proxy.define,
                read: ScriptFile.reader(besides: self.file))
        } catch {
            print("miniproxy: \(error)", to: &StandardError.stream)
            throw ExitCode(2)
        }
        if self.fix {
            print(check.repaired, terminator: "")
            print(check.text, terminator: "", to: &StandardError.stream)
        } else if self.json {
            print(check.json)
        } else {
            print(check.text, terminator: "")
        }
        if !check.isGood { throw ExitCode(1) }
    }
}
