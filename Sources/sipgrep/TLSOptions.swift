import ArgumentParser

/// The options for what is encrypted.
struct TLSOptions: ParsableArguments {
    @Option(
        name: .customLong("keylog"),
        help: ArgumentHelp(
            "Open TLS connections with the secrets in this key log (what SSLKEYLOGFILE writes); live, it is followed.",
            valueName: "file"))
    var keyLog: String?
}
