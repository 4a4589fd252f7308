import ArgumentParser

@main
struct SipsakCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "sipsak")
}
