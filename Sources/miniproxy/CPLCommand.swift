import ArgumentParser

/// `miniproxy check-cpl`: whether a call processing script would be taken.
struct CPLCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check-cpl", abstract: "Say what is wrong with a call processing script (RFC 3880).",
        discussion:
            "Prints line, column and reason of what is wrong, and ends with 1; ends with 0 where a script is good.")

    @Argument(help: "The script, an XML file.")
    var file: String

    func run() throws {
        let source: SourceText
        do {
            source = try ScriptFile.read(self.file)
        } catch {
            print("miniproxy: \(error)", to: &StandardError.stream)
            throw ExitCode(2)
        }
        do {
            _ = try CPLReader.read(source.bytes)
        } catch {
            print("\(self.file):\(error)", to: &StandardError.stream)
            throw ExitCode(1)
        }
    }
}
