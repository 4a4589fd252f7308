import ArgumentParser

@main
struct SipgrepCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "sipgrep")
}
