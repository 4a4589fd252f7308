import ArgumentParser

@main
struct MiniproxyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "miniproxy")
}
