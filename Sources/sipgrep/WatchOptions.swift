import ArgumentParser

/// The options for the screen and for what is looked for besides.
struct WatchOptions: ParsableArguments {
    @Flag(name: .customLong("tui"), help: "Show calls on a screen (F1 there tells the keys).")
    var screen = false
    @Option(
        name: .customLong("detect"),
        help: ArgumentHelp(
            "Report scan, bruteforce, enum, flood, digest, fraud, malformed, or all; nothing is ever sent.",
            valueName: "kind,.."))
    var detect: String?
    @Option(
        name: .customLong("alert"),
        help: ArgumentHelp("How --detect tells: text, json, syslog or fail2ban.", valueName: "format"))
    var alert: String?

    // Read before all other options (``ConfigFile``); it stands here for the help.
    @Option(
        name: .customLong("config"),
        help: ArgumentHelp("Options from a file, one a line, before those of the command line.", valueName: "file"))
    var configuration: String?

    func apply(to settings: inout Settings) throws(Failure) {
        settings.isScreen = self.screen
        if let list = self.detect {
            for name in list.split(separator: ",") {
                if name == "all" {
                    settings.detects.formUnion(Alert.Kind.allCases)
                } else {
                    settings.detects.insert(try OutputOptions.choice("--detect", String(name)))
                }
            }
        }
        if let name = self.alert {
            guard !settings.detects.isEmpty else { throw Failure("--alert needs --detect") }
            settings.alertFormat = try OutputOptions.choice("--alert", name)
        }
    }
}
