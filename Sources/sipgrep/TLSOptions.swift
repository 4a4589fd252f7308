import ArgumentParser

/// The options for what is encrypted.
struct TLSOptions: ParsableArguments {
    @Option(
        name: .customLong("keylog"),
        help: ArgumentHelp(
            "Open TLS connections with the secrets in this key log (what SSLKEYLOGFILE writes); live, it is followed.",
            valueName: "file"))
    var keyLog: String?
    @Option(
        name: .customShort("k"),
        help: ArgumentHelp(
            "The RSA key of a server (PEM): opens TLS up to 1.2 where the client sent its secret encrypted with it.",
            valueName: "file"))
    var privateKeys: [String] = []
}
