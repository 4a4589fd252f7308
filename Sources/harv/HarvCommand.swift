import ArgumentParser

@main
struct HarvCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "harv")
}
