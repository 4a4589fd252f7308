import ArgumentParser

/// `miniproxy functions [NAME]`: the manual of what scripts can call.
struct FunctionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "functions", abstract: "Print the manual of script functions, or of one of them.")

    @Argument(help: "A function.") var name: String?

    func run() throws {
        guard let name = self.name else {
            print(FunctionManual.text, terminator: "")
            return
        }
        let modules = [ModuleTable.core] + ModuleTable.all
        guard let module = modules.first(where: { $0.function(named: name) != nil }),
            let function = module.function(named: name)
        else {
            let nearest = NearestName.of(name, among: ModuleTable.functionNames)
            throw ValidationError("no function `\(name)`" + (nearest.map { "; did you mean `\($0)`?" } ?? ""))
        }
        print("module \(module.name)\n" + FunctionManual.entry(function), terminator: "")
    }
}
